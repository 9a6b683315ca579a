// SPDX-License-Identifier: Apache-2.0
// The studio: runs, data and one training, live. Talks to apps/cli/commands/studio.cpp.
import { button, element } from "./elements";
import { text } from "./language";
import { getState } from "./studio/server";
import { files } from "./studio/files";
import { latentSpace } from "./studio/latent";
import { runList } from "./studio/runs";
import { Training } from "./studio/training";

// The token came once in the address and is a cookie now: it need not stay where it can be copied by mistake.
function hideToken(): void {
  if (location.search) history.replaceState(null, "", location.pathname);
}

function frame(): { root: HTMLElement; show(title: string, source: string): void } {
  const title = element("h2", {}, ""), inside = element("iframe", { title: text({ en: "A page about results", zh: "结果页" }), class: "page-frame" });
  const root = element("section", { hidden: true, id: "page" }, title, inside);
  const close = button({ en: "Close", zh: "关闭" }, () => { root.hidden = true; inside.src = "about:blank"; });
  title.after(element("div", { class: "buttons" }, close));
  return { root, show(words, source) { title.textContent = words; inside.src = source; root.hidden = false; root.scrollIntoView({ block: "start" }); } };
}

export async function startStudio(): Promise<void> {
  hideToken();
  const page = frame(), latent = latentSpace();
  const list = runList({ report: (run) => page.show(text({ en: `Report of ${run}`, zh: `${run} 的报告` }), `/report?run=${encodeURIComponent(run)}`),
    compare: (runs, data) => page.show(text({ en: `${runs.join(", ")} on ${data}`, zh: `${data} 上的 ${runs.join("、")}` }), `/compare?runs=${encodeURIComponent(runs.join(","))}&data=${encodeURIComponent(data)}`),
    latent: (run) => latent.open(run), resume: (run) => training.resume(run) });
  // Answers may overtake one another: an older one than what is shown is not shown.
  let asked = 0, shown = 0;
  const refresh = async (): Promise<void> => {
    const mine = ++asked, state = await getState();
    if (mine < shown) return;
    shown = mine;
    list.show(state);
    training.know(state);
  };
  const training = new Training(() => void refresh());
  document.getElementById("main")!.replaceChildren(
    element("h1", {}, text({ en: "Studio", zh: "工作室" })), element("div", { class: "studio-grid" }, training.form, list.root), training.root, latent.root, files((source) => page.show(text({ en: "Two files", zh: "两个文件" }), source)), page.root,
    element("footer", {}, element("p", {}, text({ en: "Served by pushforward on this machine, to whoever has its token. Ctrl-C in its terminal closes it; a training is stopped with a checkpoint.",
      zh: "由本机上的 pushforward 提供，只有持有令牌的人能用。在终端按 Ctrl-C 即可关闭；正在进行的训练会写下检查点再停。" }))));
  await refresh();
  training.follow();
}
