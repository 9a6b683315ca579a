// SPDX-License-Identifier: Apache-2.0
// Codes of distributions that are typed in: the library's words and entropies (src/divergences/coding.cpp), in bits.
import { divergence, entropy, huffman, normalized } from "./library";

export interface Coded { words: string[]; entropy: number; meanLength: number; fixedLength: number }

export const entropyBits = (p: number[]): number => entropy(p) / Math.LN2;
/** −log₂ of a symbol's probability: what it costs where the book was made for it. */
export const idealLength = (mass: number): number => (mass > 0 ? divergence("cross-entropy", [1, 0], [mass, 1 - mass]) / Math.LN2 : Infinity);
export const encode = (p: number[]): Coded => ({ ...huffman(p), entropy: entropyBits(p) });

/** "1/2, 1/4, 0.25" as masses that sum to 1, or why not. */
export function parseMasses(text: string): { masses: number[] } | { problem: "number" | "negative" | "none" | "many" } {
  const pieces = text.split(/[\s,;，；、]+/).filter((piece) => piece !== "");
  const values = pieces.map((piece) => {
    const [above, below] = piece.split("/");
    return Number(above) / (below === undefined ? 1 : Number(below));
  });
  if (values.some((v) => !Number.isFinite(v))) return { problem: "number" };
  if (values.some((v) => v < 0)) return { problem: "negative" };
  if (values.length > 32) return { problem: "many" };
  if (!values.some((v) => v > 0)) return { problem: "none" };
  return { masses: normalized(values) };
}
