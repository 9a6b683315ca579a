// SPDX-License-Identifier: Apache-2.0
// Numbers as a person reads them. The program writes infinities as "inf" and "-inf".

export type Wire = number | "inf" | "-inf";

export function value(number: Wire): number {
  return number === "inf" ? Infinity : number === "-inf" ? -Infinity : number;
}

/** `digits` significant digits, no trailing zeros; "∞". */
export function short(number: number, digits = 5): string {
  if (number === Infinity) return "∞";
  if (number === -Infinity) return "−∞";
  if (number === 0 || Math.abs(number) < 1e-12) return "0";
  const size = Math.abs(number);
  const shown = size >= 1e6 || size < 1e-4 ? number.toExponential(digits - 1).replace(/\.?0+e/, "e") : String(Number(number.toPrecision(digits)));
  return shown.replace("-", "−").replace(/e([+−-]?)(\d+)$/, (_, sign, power) => ` × 10${superscript((sign === "+" ? "" : sign) + power)}`);
}

function superscript(digits: string): string {
  return [...digits].map((d) => (d === "-" || d === "−" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)])).join("");
}
