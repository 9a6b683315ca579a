// SPDX-License-Identifier: Apache-2.0
// Transport between histograms on the line: pieces of mass in order, and Kantorovich's potential for |x − y|.

import { divergenceGradient } from "./library";

export interface Arc { from: number; to: number; mass: number }

/** The plan that is optimal for every convex cost: quantile against quantile. */
export function monotonePlan(p: number[], q: number[]): Arc[] {
  const plan: Arc[] = [];
  let i = 0, j = 0, a = p[0], b = q[0];
  while (i < p.length && j < q.length) {
    const mass = Math.min(a, b);
    if (mass > 1e-12) plan.push({ from: i, to: j, mass });
    a -= mass;
    b -= mass;
    if (a <= 1e-12 && ++i < p.length) a = p[i];
    else if (b <= 1e-12 && ++j < q.length) b = q[j];
    else if (a > 1e-12 && b > 1e-12) break;
  }
  return plan;
}

/** A function of slope at most 1 that attains W₁, and W₁: the derivative of the library's distance. */
export function potential(p: number[], q: number[]): number[] {
  const f = divergenceGradient("w1", p, q).gradient;
  const middle = (Math.max(...f) + Math.min(...f)) / 2;
  return f.map((value) => value - middle);
}

export const meanOf = (p: number[], f: number[]): number => p.reduce((sum, mass, i) => sum + mass * f[i], 0);
