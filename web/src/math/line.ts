// SPDX-License-Identifier: Apache-2.0
// Densities on the line and what lies between them: the library's terms, summed over cells fast enough to follow a slider.
//
// The program's own numbers are by adaptive quadrature; a test compares these with them (scripts/check_pages).
import { Component, converges, densities, DensityPair, logDensities } from "./library";

export type Family = "normal" | "uniform" | "laplace" | "humps";
/** Width: standard deviation, half the length, or scale; of two humps, each one's deviation, `apart` from the centre. */
export interface Density { family: Family; centre: number; width: number; apart?: number }

const low = -24, step = 0.005, count = 9600, pool = 16;  // MMD costs the square of its cells
const middles = Float64Array.from({ length: count }, (_, i) => low + (i + 0.5) * step);
const hump = 2;

function componentsOf({ family, centre, width, apart = hump }: Density): Component[] {
  if (family === "humps") return [-apart, apart].map((place) => ({ family: "normal", weight: 0.5, a: centre + place, b: width }));
  return [{ family, weight: 1, ...(family === "uniform" ? { a: centre - width, b: centre + width } : { a: centre, b: width }) }];
}

export const logDensitiesOf = (density: Density, x: ArrayLike<number>): Float64Array => logDensities(componentsOf(density), x);

/** p itself at each place. */
export const densitiesOf = (density: Density, x: number[]): { x: number; y: number }[] =>
  Array.from(densities(componentsOf(density), x), (y, i) => ({ x: x[i], y }));

const terms = { tv: "tv", hellinger: "hellinger", l2: "l2", chi2: "chi2", kl: "kl", reverse_kl: "reverse-kl", js: "js", cross_entropy: "cross-entropy" } as const;
export type Measures = Record<keyof typeof terms | "w1" | "w2" | "energy" | "mmd", number>;

export function pairOf(p: Density, q: Density): DensityPair {
  return new DensityPair(logDensitiesOf(p, middles), logDensitiesOf(q, middles), low, step);
}

export function measure(p: Density, q: Density): Measures {
  const pair = pairOf(p, q);
  const pointwise = Object.fromEntries(Object.entries(terms).map(([id, spec]) => [id, pair.divergence(spec)])) as Record<keyof typeof terms, number>;
  const transported = { w1: pair.distance("w1", 1), w2: pair.distance("w2", 1), energy: pair.distance("energy", 1), mmd: pair.distance("mmd", pool) };
  return { ...pointwise, ...transported, ...(converges("chi2", componentsOf(p), componentsOf(q)) ? {} : { chi2: Infinity }) };
}

/** A pair for curves over the line, at the middles of `count` cells from `from` to `to`. */
export function curvesOf(p: Density, q: Density, from: number, to: number, count: number): { places: number[]; pair: DensityPair } {
  const width = (to - from) / count, places = Array.from({ length: count }, (_, i) => from + (i + 0.5) * width);
  return { places, pair: new DensityPair(logDensitiesOf(p, places), logDensitiesOf(q, places), from, width) };
}

/** "normal(0,1)" and the like, as the program writes them. */
export function parseDensity(text: string): Density {
  const humps = text.match(/^0\.5\*normal\(([-\d.]+),([\d.]+)\)\+0\.5\*normal/);
  if (humps) return { family: "humps", centre: Number(humps[1]) + hump, width: Number(humps[2]) };
  const [, family, a, b] = text.match(/^(\w+)\(([-\d.]+),([-\d.]+)\)$/)!;
  if (family === "uniform") return { family, centre: (Number(a) + Number(b)) / 2, width: (Number(b) - Number(a)) / 2 };
  return { family: family as Family, centre: Number(a), width: Number(b) };
}
