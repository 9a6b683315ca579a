// SPDX-License-Identifier: Apache-2.0
// The studio: runs, data and one training, live. Talks to apps/cli/commands/studio.cpp.
import { button, element } from "./elements";
import { State, getState } from "./studio/server";
import { files } from "./studio/files";
import { latentSpace } from "./studio/latent";
import { runList } from "./studio/runs";
import { Training } from "./studio/training";

// The token came once in the address and is a cookie now: it need not stay where it can be copied by mistake.
function hideToken(): void {
  if (location.search) history.replaceState(null, "", location.pathname);
}

function frame(): { root: HTMLElement; show(title: string, source: string): void } {
  const title = element("h2", {}, ""), inside = element("iframe", { title: "A page about results", class: "page-frame" });
  const root = element("section", { hidden: true, id: "page" }, title, inside);
  const close = button("Close", () => { root.hidden = true; inside.src = "about:blank"; });
  title.after(element("div", { class: "buttons" }, close));
  return { root, show(text, source) { title.textContent = text; inside.src = source; root.hidden = false; root.scrollIntoView({ block: "start" }); } };
}

export async function startStudio(): Promise<void> {
  hideToken();
  const page = frame(), latent = latentSpace();
  const list = runList({ report: (run) => page.show(`Report of ${run}`, `/report?run=${encodeURIComponent(run)}`),
    compare: (runs, data) => page.show(`${runs.join(", ")} on ${data}`, `/compare?runs=${encodeURIComponent(runs.join(","))}&data=${encodeURIComponent(data)}`),
    latent: (run) => latent.open(run), resume: (run) => training.resume(run) });
  const refresh = async (): Promise<State> => { const state = await getState(); list.show(state); training.know(state); return state; };
  const training = new Training(() => void refresh());
  document.getElementById("main")!.replaceChildren(
    element("h1", {}, "Studio"), element("div", { class: "studio-grid" }, training.form, list.root), training.root, latent.root, files((source) => page.show("Two files", source)), page.root,
    element("footer", {}, element("p", {}, "Served by pushforward on this machine, to whoever has its token. Ctrl-C in its terminal closes it; a training is stopped with a checkpoint.")));
  await refresh();
  training.follow();
}
