// SPDX-License-Identifier: Apache-2.0
// Requests to the program.
export interface RunState { name: string; model?: string; data?: string; latent?: number; generates?: boolean; goes_on?: boolean; error?: string }
export interface State { runs: RunState[]; data: { name: string; about: string }[]; models: { name: string; title: string }[]; folder: string; training: boolean }

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  let problem = text;
  try { problem = (JSON.parse(text) as { error: string }).error; } catch { /* no JSON */ }
  throw new Error(problem || `status ${response.status}`);
}

export const getState = async (): Promise<State> => (await checked(await fetch("/api/state"))).json() as Promise<State>;

export const ask = async (path: string, fields: Record<string, string> = {}): Promise<Response> =>
  checked(await fetch(`${path}?${new URLSearchParams(fields)}`));

/** Changes something; `body` is text or a form of files. */
export const order = async (path: string, fields: Record<string, string> = {}, body: string | FormData = ""): Promise<Response> =>
  checked(await fetch(Object.keys(fields).length ? `${path}?${new URLSearchParams(fields)}` : path, { method: "POST", headers: { "X-Pushforward": "1" }, body }));
