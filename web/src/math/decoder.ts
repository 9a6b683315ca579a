// SPDX-License-Identifier: Apache-2.0
// A run's decoder in the page: web/wasm/decoder.cpp with the run's own weights.
import program from "../../wasm/decoder.wasm";

export interface DecoderWeights { hidden: number; pixels: number; weight0: string; bias0: string; weight1: string; bias1: string }

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes;
}

interface Exports {
  memory: WebAssembly.Memory;
  floats(n: number): number;
  decode(weight0: number, bias0: number, weight1: number, bias1: number, z: number, hidden: number, x: number, latent: number, hiddenSize: number, pixels: number): void;
}

/** Decodes codes by their first two numbers, the others 0; the picture is valid until the next call. */
export async function makeDecoder(weights: DecoderWeights): Promise<(z0: number, z1: number) => Float32Array> {
  const { instance } = await WebAssembly.instantiate(program, { page: { exp: Math.exp } });
  const wasm = instance.exports as unknown as Exports;
  const put = (base64: string): number => {
    const bytes = bytesOf(base64), place = wasm.floats(bytes.length / 4);
    new Uint8Array(wasm.memory.buffer, place, bytes.length).set(bytes);
    return place;
  };
  const places = [put(weights.weight0), put(weights.bias0), put(weights.weight1), put(weights.bias1)] as const;
  const latent = bytesOf(weights.weight0).length / 4 / weights.hidden;
  const z = wasm.floats(latent), hidden = wasm.floats(weights.hidden), x = wasm.floats(weights.pixels);
  const code = new Float32Array(wasm.memory.buffer, z, latent), picture = new Float32Array(wasm.memory.buffer, x, weights.pixels);
  return (z0, z1) => {
    code[0] = z0;
    code[1] = z1;
    wasm.decode(...places, z, hidden, x, latent, weights.hidden, weights.pixels);
    return picture;
  };
}
