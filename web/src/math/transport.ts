// SPDX-License-Identifier: Apache-2.0
// Kantorovich's potential for |x − y| between histograms on the line.

import { divergenceGradient } from "./library";

/** A function of slope at most 1 that attains W₁, and W₁: the derivative of the library's distance. */
export function potential(p: number[], q: number[]): number[] {
  const f = divergenceGradient("w1", p, q).gradient;
  const middle = (Math.max(...f) + Math.min(...f)) / 2;
  return f.map((value) => value - middle);
}
