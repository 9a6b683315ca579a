// SPDX-License-Identifier: Apache-2.0
// Every figure by the name that chapters give it.
import { coding } from "./coding";
import { divergences } from "./divergences";
import { klBits } from "./kl_bits";
import { parallelLines } from "./parallel_lines";
import { threeHistograms } from "./three_histograms";

/** Draws itself into `stage` from the chapter's numbers. */
export type Figure = (stage: HTMLElement, numbers: never) => void;

export const figures: Record<string, Figure> = {
  coding,
  "kl-bits": klBits,
  divergences,
  "three-histograms": threeHistograms,
  "parallel-lines": parallelLines,
};
