// SPDX-License-Identifier: Apache-2.0
// Densities on the line and what lies between them, on a grid of midpoints: fast enough to follow a slider.
//
// The program's own numbers are by adaptive quadrature; a test compares these with them (scripts/check_pages).

export type Family = "normal" | "uniform" | "laplace" | "humps";
/** Width: standard deviation, half the length, or scale; of two humps, each one's deviation, `apart` from the centre. */
export interface Density { family: Family; centre: number; width: number; apart?: number }

const low = -24, step = 0.005, count = 9600;
const hump = 2;

function logNormal(x: number, mean: number, sd: number): number {
  const z = (x - mean) / sd;
  return -z * z / 2 - Math.log(sd) - Math.log(2 * Math.PI) / 2;
}

export function logDensity({ family, centre, width, apart = hump }: Density, x: number): number {
  switch (family) {
    case "normal": return logNormal(x, centre, width);
    case "uniform": return Math.abs(x - centre) < width ? -Math.log(2 * width) : -Infinity;
    case "laplace": return -Math.abs(x - centre) / width - Math.log(2 * width);
    case "humps": {
      const [a, b] = [logNormal(x, centre - apart, width), logNormal(x, centre + apart, width)];
      return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))) - Math.LN2;
    }
  }
}

export interface Measures {
  tv: number; hellinger: number; l2: number; chi2: number; kl: number; reverse_kl: number; js: number; cross_entropy: number;
  entropy: number; w1: number; w2: number; energy: number; mmd: number;
}

// How fast ln p falls far out: −rate·x^power; a density that ends falls fastest.
function tail({ family, width }: Density): { power: number; rate: number } {
  if (family === "uniform") return { power: Infinity, rate: 1 };
  return family === "laplace" ? { power: 1, rate: 1 / width } : { power: 2, rate: 1 / (2 * width * width) };
}

/** Whether ∫ p²/q has finite tails; where q ends before p does, the sum itself is infinite. */
function chiSquareConverges(p: Density, q: Density): boolean {
  const [a, b] = [tail(p), tail(q)];
  return a.power > b.power || (a.power === b.power && (a.power === Infinity || 2 * a.rate > b.rate));
}

function masses(density: Density): { logs: Float64Array; values: Float64Array } {
  const logs = new Float64Array(count), values = new Float64Array(count);
  for (let i = 0; i < count; ++i) {
    logs[i] = logDensity(density, low + (i + 0.5) * step);
    values[i] = Math.exp(logs[i]);
  }
  return { logs, values };
}

function pointwise(p: ReturnType<typeof masses>, q: ReturnType<typeof masses>) {
  let tv = 0, hellinger = 0, l2 = 0, chi2 = 0, kl = 0, reverse = 0, js = 0, cross = 0, entropy = 0;
  for (let i = 0; i < count; ++i) {
    const a = p.values[i], b = q.values[i], u = p.logs[i] - q.logs[i];
    if (a === 0 && b === 0) continue;
    tv += Math.abs(a - b);
    hellinger += (Math.sqrt(a) - Math.sqrt(b)) ** 2;
    l2 += (a - b) ** 2;
    chi2 += b > 0 ? (a - b) ** 2 / b : a > 0 ? Infinity : 0;
    const m = (a + b) / 2;
    if (a > 0) { kl += a * u - a + b; cross -= a * q.logs[i]; entropy -= a * p.logs[i]; js += (a * Math.log(a / m)) / 2; } else kl += b;
    if (b > 0) { reverse += -b * u - b + a; js += (b * Math.log(b / m)) / 2; } else reverse += a;
  }
  return { tv: (tv / 2) * step, hellinger: Math.sqrt(hellinger * step), l2: l2 * step, chi2: chi2 * step, kl: kl * step, reverse_kl: reverse * step,
           js: Math.min(Math.LN2, js * step), cross_entropy: cross * step, entropy: entropy * step };
}

// Quantile against quantile: both densities are cut into the same pieces of mass.
function transported(p: Float64Array, q: Float64Array): { w1: number; w2: number; energy: number } {
  let w1 = 0, energy = 0, f = 0, g = 0;
  for (let i = 0; i < count; ++i) {
    const before = f - g;
    f += p[i] * step;
    g += q[i] * step;
    w1 += (Math.abs(before + f - g) / 2) * step;
    energy += (((before + f - g) / 2) ** 2) * step;
  }
  let w2 = 0, i = 0, j = 0, a = p[0] * step, b = q[0] * step;
  while (i < count && j < count) {
    const mass = Math.min(a, b), distance = (i - j) * step;
    w2 += mass * distance * distance;
    a -= mass;
    b -= mass;
    if (a <= 0 && ++i < count) a = p[i] * step;
    if (b <= 0 && ++j < count) b = q[j] * step;
  }
  return { w1, w2: Math.sqrt(w2), energy: 2 * energy };
}

function discrepancy(p: Float64Array, q: Float64Array, bandwidth: number): number {
  const pool = 8, cells = count / pool, wide = step * pool;
  const difference = new Float64Array(cells), kernel = new Float64Array(cells);
  for (let i = 0; i < cells; ++i) {
    for (let k = 0; k < pool; ++k) difference[i] += (p[i * pool + k] - q[i * pool + k]) * step;
    kernel[i] = Math.exp(-((i * wide) ** 2) / (2 * bandwidth * bandwidth));
  }
  const reach = Math.min(cells, Math.ceil((9 * bandwidth) / wide));
  let sum = 0;
  for (let i = 0; i < cells; ++i) {
    if (Math.abs(difference[i]) < 1e-12) continue;
    for (let j = Math.max(0, i - reach); j < Math.min(cells, i + reach); ++j) sum += difference[i] * difference[j] * kernel[Math.abs(i - j)];
  }
  return Math.max(0, sum);
}

export function measure(p: Density, q: Density): Measures {
  const a = masses(p), b = masses(q);
  const values = { ...pointwise(a, b), ...transported(a.values, b.values), mmd: discrepancy(a.values, b.values, 1) };
  return chiSquareConverges(p, q) ? values : { ...values, chi2: Infinity };
}

/** "normal(0,1)" and the like, as the program writes them. */
export function parseDensity(text: string): Density {
  const humps = text.match(/^0\.5\*normal\(([-\d.]+),([\d.]+)\)\+0\.5\*normal/);
  if (humps) return { family: "humps", centre: Number(humps[1]) + hump, width: Number(humps[2]) };
  const [, family, a, b] = text.match(/^(\w+)\(([-\d.]+),([-\d.]+)\)$/)!;
  if (family === "uniform") return { family, centre: (Number(a) + Number(b)) / 2, width: (Number(b) - Number(a)) / 2 };
  return { family: family as Family, centre: Number(a), width: Number(b) };
}
