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
  converges(spec: number, letters: number, p: number, countP: number, q: number, countQ: number): number;
  game(logP: number, logQ: number, sharpness: number, bias: number, step: number, out: number, k: number): number;
  kl_terms(p: number, q: number, out: number, k: number): void;
  normalize(masses: number, k: number): void;
  mmd(x: number, n: number, y: number, m: number, bandwidth: number, out: number): void;
  line_plan(p: number, q: number, out: number, k: number): number;
  plan(x: number, f: number, n: number, y: number, g: number, m: number, epsilon: number, out: number): void;
  witness(x: number, n: number, y: number, m: number, bandwidth: number, at: number, out: number, k: number): number;
  density(components: number, count: number, x: number, out: number, n: number): void;
  normals(seed: number, stream: number, letters: number, step: number, out: number, n: number): void;
  turn(points: number, n: number, degrees: number): void;
  between(a: number, b: number, t: number, out: number, n: number): void;
  reparametrize(mean: number, sd: number, noise: number, out: number, n: number): void;
  mean(masses: number, f: number, k: number): number;
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

const rowsOf = (components: Component[]): number[] => components.flatMap(({ family, weight, a, b }) => [families[family], weight, a, b, 0]);

/** ln p at each place of a mixture: normal(mean, deviation), uniform(from, to), laplace(mean, scale). */
export function logDensities(components: Component[], x: Numbers): Float64Array {
  return within((room) => {
    const out = room.bytes(8 * x.length);
    wasm.log_density(room.put(rowsOf(components)), components.length, room.put(x), out, x.length);
    return read(out, x.length);
  });
}

/** p itself. */
export function densities(components: Component[], x: Numbers): Float64Array {
  return within((room) => {
    const out = room.bytes(8 * x.length);
    wasm.density(room.put(rowsOf(components)), components.length, room.put(x), out, x.length);
    return read(out, x.length);
  });
}

/** Whether ∫ of a SPEC with a cell term is finite between two mixtures, which no cells can see. */
export function converges(spec: string, p: Component[], q: Component[]): boolean {
  return within((room) => wasm.converges(...room.text(spec), room.put(rowsOf(p)), p.length, room.put(rowsOf(q)), q.length) !== 0);
}

/** Masses over their sum. */
export function normalized(masses: number[]): number[] {
  return within((room) => {
    const place = room.put(masses);
    wasm.normalize(place, masses.length);
    return Array.from(read(place, masses.length));
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

/** p ln(p/q), symbol by symbol; nats. */
export function klTerms(p: number[], q: number[]): number[] {
  return within((room) => {
    const out = room.bytes(8 * p.length);
    wasm.kl_terms(room.put(p), room.put(q), out, p.length);
    return Array.from(read(out, p.length));
  });
}

export interface Arc { from: number; to: number; mass: number }

/** The optimal plan between masses at 0, 1, 2, …: the same for every convex cost. */
export function linePlan(p: number[], q: number[]): Arc[] {
  return within((room) => {
    const out = room.bytes(48 * p.length), count = wasm.line_plan(room.put(p), room.put(q), out, p.length), rows = read(out, 3 * count);
    return Array.from({ length: count }, (_, i) => ({ from: rows[3 * i], to: rows[3 * i + 1], mass: rows[3 * i + 2] }));
  });
}

/** Sinkhorn's plan of two clouds in the plane from its potentials, row by row. */
export function sinkhornPlan(x: [number, number][], y: [number, number][], f: number[], g: number[], epsilon: number): Float64Array {
  return within((room) => {
    const out = room.bytes(8 * x.length * y.length);
    wasm.plan(room.put(x.flat()), room.put(f), x.length, room.put(y.flat()), room.put(g), y.length, epsilon, out);
    return read(out, x.length * y.length);
  });
}

/** MMD² of a Gaussian kernel: over all pairs, and without a point's pair with itself. */
export function mmd(x: number[], y: number[], bandwidth: number): { biased: number; unbiased: number } {
  return within((room) => {
    const out = room.bytes(16);
    wasm.mmd(room.put(x), x.length, room.put(y), y.length, bandwidth, out);
    const [biased, unbiased] = read(out, 2);
    return { biased, unbiased };
  });
}

/** Two densities by their logarithms in the middles of cells from `low` on. */
export class DensityPair {
  constructor(private readonly logP: Float64Array, private readonly logQ: Float64Array, private readonly low: number, private readonly step: number) {}

  /** Of a SPEC with a cell term: the midpoint rule. */
  divergence(spec: string): number {
    return within((room) => wasm.density_divergence(...room.text(spec), room.put(this.logP), room.put(this.logQ), this.step, this.logP.length));
  }
  /** The value of a GAN's game for the discriminator 1/(1 + e^−(sharpness·ln(p/q) + bias)), and that discriminator. */
  game(sharpness: number, bias: number): { value: number; discriminator: Float64Array } {
    return within((room) => {
      const k = this.logP.length, out = room.bytes(8 * k);
      const value = wasm.game(room.put(this.logP), room.put(this.logQ), sharpness, bias, this.step, out, k);
      return { value, discriminator: read(out, k) };
    });
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

/** MMD's witness f(z) = (E k(z,x) − E k(z,y))/MMD at each place, and MMD itself, the difference of f's means. */
export function witnessOf(x: number[], y: number[], bandwidth: number, at: number[]): { mmd: number; f: Float64Array } {
  return within((room) => {
    const out = room.bytes(8 * at.length);
    const value = wasm.witness(room.put(x), x.length, room.put(y), y.length, bandwidth, room.put(at), out, at.length);
    return { mmd: value, f: read(out, at.length) };
  });
}

/** The program's own draws of N(0, 1) of a seed, on the stream of that name, at a step. */
export function normals(seed: number, stream: string, step: number, count: number): Float64Array {
  return within((room) => {
    const out = room.bytes(8 * count);
    wasm.normals(seed, ...room.text(stream), step, out, count);
    return read(out, count);
  });
}

/** Points of the plane turned around 0. */
export function turned(points: [number, number][], degrees: number): { x: number; y: number }[] {
  return within((room) => {
    const place = room.put(points.flat());
    wasm.turn(place, points.length, degrees);
    const flat = read(place, 2 * points.length);
    return points.map((_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] }));
  });
}

const placeAt = (out: number): [number, number] => Array.from(read(out, 2)) as [number, number];

/** z(t) = (1 − t) a + t b. */
export function between(a: Numbers, b: Numbers, t: number): [number, number] {
  return within((room) => {
    const out = room.bytes(16);
    wasm.between(room.put(a), room.put(b), t, out, 2);
    return placeAt(out);
  });
}

/** z = μ + σ ε. */
export function reparametrized(mean: Numbers, sd: Numbers, noise: Numbers): [number, number] {
  return within((room) => {
    const out = room.bytes(16);
    wasm.reparametrize(room.put(mean), room.put(sd), room.put(noise), out, 2);
    return placeAt(out);
  });
}

/** E f under masses. */
export function meanOf(masses: number[], f: number[]): number {
  return within((room) => wasm.mean(room.put(masses), room.put(f), masses.length));
}
