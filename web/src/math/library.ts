// SPDX-License-Identifier: Apache-2.0
// The library's own arithmetic in the page: web/wasm/arithmetic.wasm, compiled from src/ (web/wasm/build).
import program from "../../wasm/arithmetic.wasm";

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  bytes(n: number): number;
  free(place: number): void;
  log_density(components: number, count: number, x: number, out: number, n: number): void;
  divergence(spec: number, letters: number, p: number, q: number, positions: number, k: number): number;
  divergence_gradient(spec: number, letters: number, p: number, q: number, positions: number, gradient: number, k: number): number;
  density_divergence(spec: number, letters: number, logP: number, logQ: number, step: number, k: number): number;
  line_distance(spec: number, letters: number, logP: number, logQ: number, low: number, step: number, k: number, pool: number): number;
  entropy(p: number, k: number): number;
  huffman(p: number, k: number, words: number, lengths: number): number;
  mean_kernel(points: number, n: number, bandwidth: number, at: number, out: number, k: number): void;
}

let wasm: Exports;

/** Once, before anything below is called. */
export async function startLibrary(): Promise<void> {
  // libc asks for these where it prints or ends; the library does neither.
  const none = new Proxy({}, { get: () => () => 0 });
  const { instance } = await WebAssembly.instantiate(program, { wasi_snapshot_preview1: none });
  wasm = instance.exports as unknown as Exports;
  wasm._initialize();
}

type Numbers = ArrayLike<number>;

// Arguments live in the module's memory while it is called.
class Room {
  private readonly places: number[] = [];

  bytes(n: number): number {
    const place = wasm.bytes(Math.max(8, n));
    this.places.push(place);
    return place;
  }
  put(values: Numbers): number {
    const place = this.bytes(8 * values.length);
    new Float64Array(wasm.memory.buffer, place, values.length).set(values);
    return place;
  }
  text(words: string): [number, number] {
    const letters = new TextEncoder().encode(words), place = this.bytes(letters.length);
    new Uint8Array(wasm.memory.buffer, place, letters.length).set(letters);
    return [place, letters.length];
  }
  free(): void { for (const place of this.places) wasm.free(place); }
}

const read = (place: number, n: number): Float64Array => new Float64Array(wasm.memory.buffer, place, n).slice();

function within<T>(work: (room: Room) => T): T {
  const room = new Room();
  try { return work(room); } finally { room.free(); }
}

/** As LineComponent::Family counts them. */
export const families = { normal: 0, uniform: 1, laplace: 2 } as const;
export interface Component { family: keyof typeof families; weight: number; a: number; b: number }

/** ln p at each place of a mixture: normal(mean, deviation), uniform(from, to), laplace(mean, scale). */
export function logDensities(components: Component[], x: Numbers): Float64Array {
  return within((room) => {
    const rows = components.flatMap(({ family, weight, a, b }) => [families[family], weight, a, b, 0]), out = room.bytes(8 * x.length);
    wasm.log_density(room.put(rows), components.length, room.put(x), out, x.length);
    return read(out, x.length);
  });
}

/** D(p, q) of a SPEC ("kl", "w2", "mmd:bandwidth=2") between masses that sum to 1; nats. */
export function divergence(spec: string, p: number[], q: number[], positions: number[] = p.map((_, i) => i)): number {
  return within((room) => wasm.divergence(...room.text(spec), room.put(p), room.put(q), room.put(positions), p.length));
}

/** The same with its derivative in p. */
export function divergenceGradient(spec: string, p: number[], q: number[], positions: number[] = p.map((_, i) => i)): { value: number; gradient: number[] } {
  return within((room) => {
    const gradient = room.bytes(8 * p.length);
    const value = wasm.divergence_gradient(...room.text(spec), room.put(p), room.put(q), room.put(positions), gradient, p.length);
    return { value, gradient: Array.from(read(gradient, p.length)) };
  });
}

/** Two densities by their logarithms in the middles of cells from `low` on. */
export class DensityPair {
  constructor(private readonly logP: Float64Array, private readonly logQ: Float64Array, private readonly low: number, private readonly step: number) {}

  /** Of a SPEC with a cell term: the midpoint rule. */
  divergence(spec: string): number {
    return within((room) => wasm.density_divergence(...room.text(spec), room.put(this.logP), room.put(this.logQ), this.step, this.logP.length));
  }
  /** Of one that knows where values lie; `pool` cells are one mass. */
  distance(spec: string, pool: number): number {
    return within((room) => wasm.line_distance(...room.text(spec), room.put(this.logP), room.put(this.logQ), this.low, this.step, this.logP.length, pool));
  }
}

/** H(p), nats. */
export function entropy(p: number[]): number {
  return within((room) => wasm.entropy(room.put(p), p.length));
}

/** Huffman's words ("" for a symbol without mass, and for one that needs no bits). */
export function huffman(p: number[]): { words: string[]; meanLength: number; fixedLength: number } {
  return within((room) => {
    const words = room.bytes(p.length * (p.length + 2)), lengths = room.bytes(24);
    const letters = wasm.huffman(room.put(p), p.length, words, lengths);
    const text = new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, words, letters));
    const [meanLength, fixedLength] = read(lengths, 3);
    return { words: text.split(" ").map((word) => (word === "-" ? "" : word)), meanLength, fixedLength };
  });
}

/** At each place, the mean of exp(−(x − z)²/2σ²) over the points. */
export function meanKernel(points: number[], bandwidth: number, at: number[]): Float64Array {
  return within((room) => {
    const out = room.bytes(8 * at.length);
    wasm.mean_kernel(room.put(points), points.length, bandwidth, room.put(at), out, at.length);
    return read(out, at.length);
  });
}
