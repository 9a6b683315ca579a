// SPDX-License-Identifier: Apache-2.0
// Compiled WebAssembly comes as its bytes (esbuild's loader "binary").
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
