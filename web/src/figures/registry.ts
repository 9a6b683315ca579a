// SPDX-License-Identifier: Apache-2.0
// Every figure by the name that chapters give it.
import { bound } from "./bound";
import { coding } from "./coding";
import { critic } from "./critic";
import { denoising } from "./denoising";
import { digits } from "./digits";
import { divergences } from "./divergences";
import { faces } from "./faces";
import { game } from "./game";
import { ganLine } from "./gan_line";
import { klBits } from "./kl_bits";
import { linear } from "./linear";
import { losses } from "./losses";
import { parallelLines } from "./parallel_lines";
import { particles } from "./particles";
import { ring } from "./ring";
import { sinkhorn } from "./sinkhorn";
import { slips } from "./slips";
import { stacked } from "./stacked";
import { threeHistograms } from "./three_histograms";
import { transport } from "./transport";
import { twoWays } from "./two_ways";
import { vae } from "./vae";
import { which } from "./which";
import { witness } from "./witness";

/** Draws itself into `stage` from the chapter's numbers. */
export type Figure = (stage: HTMLElement, numbers: never) => void;

export const figures: Record<string, Figure> = {
  coding,
  "kl-bits": klBits,
  divergences,
  "three-histograms": threeHistograms,
  "parallel-lines": parallelLines,
  "two-ways": twoWays,
  ring,
  game,
  transport,
  witness,
  sinkhorn,
  linear,
  vae,
  faces,
  particles,
  "gan-line": ganLine,
  losses,
  stacked,
  denoising,
  bound,
  critic,
  which,
  digits,
  slips,
};
