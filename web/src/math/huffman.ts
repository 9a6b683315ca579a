// SPDX-License-Identifier: Apache-2.0
// Huffman's code, as src/divergences/coding.cpp makes it: among equally cheap codes the one whose longest word is
// shortest, words in canonical order, symbols in their given order.

export interface Coded { words: string[]; entropy: number; meanLength: number; fixedLength: number }

interface Node { mass: number; depth: number; order: number; symbols: number[] }

/** Word lengths; symbols without mass get none (-1). A single symbol needs no bits. */
export function huffmanLengths(p: number[]): number[] {
  const lengths = p.map((mass) => (mass > 0 ? 0 : -1));
  const queue: Node[] = p.flatMap((mass, i) => (mass > 0 ? [{ mass, depth: 0, order: i, symbols: [i] }] : []));
  const before = (a: Node, b: Node): number => a.mass - b.mass || a.depth - b.depth || a.order - b.order;
  for (let order = p.length; queue.length > 1; ++order) {
    queue.sort(before);
    const [a, b] = queue.splice(0, 2);
    const symbols = [...a.symbols, ...b.symbols];
    for (const symbol of symbols) lengths[symbol] += 1;
    queue.push({ mass: a.mass + b.mass, depth: Math.max(a.depth, b.depth) + 1, order, symbols });
  }
  return lengths;
}

/** Words of these lengths in canonical order. */
export function canonicalWords(lengths: number[]): string[] {
  const words = lengths.map(() => "");
  const order = lengths.map((_, i) => i).filter((i) => lengths[i] >= 0).sort((a, b) => lengths[a] - lengths[b] || a - b);
  let code = 0n, before = 0;
  for (const symbol of order) {
    code <<= BigInt(lengths[symbol] - before);
    before = lengths[symbol];
    words[symbol] = lengths[symbol] === 0 ? "" : code.toString(2).padStart(lengths[symbol], "0");
    code += 1n;
  }
  return words;
}

export function entropyBits(p: number[]): number {
  return p.reduce((sum, mass) => sum - (mass > 0 ? mass * Math.log2(mass) : 0), 0);
}

export function encode(p: number[]): Coded {
  const lengths = huffmanLengths(p);
  const used = lengths.filter((length) => length >= 0).length;
  return {
    words: canonicalWords(lengths), entropy: entropyBits(p),
    meanLength: p.reduce((sum, mass, i) => sum + (mass > 0 ? mass * lengths[i] : 0), 0),
    fixedLength: Math.ceil(Math.log2(used)),
  };
}

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
  const sum = values.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) return { problem: "none" };
  return { masses: values.map((v) => v / sum) };
}
