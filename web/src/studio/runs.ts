// SPDX-License-Identifier: Apache-2.0
// The list of runs, and what can be done with one or several.
import { button, element } from "../elements";
import { text } from "../language";
import { RunState, State } from "./server";

interface Actions { report(run: string): void; compare(runs: string[], data: string): void; latent(run: string): void; resume(run: string): void }

export function runList(actions: Actions): { root: HTMLElement; show(state: State): void } {
  const chosen = new Set<string>();
  const rows = element("tbody"), data = element("select", { "aria-label": text({ en: "Data to compare on", zh: "比较所用的数据" }) });
  const compare = button({ en: "Compare the chosen", zh: "比较选中的" }, () => actions.compare([...chosen], data.value));
  const settle = (): void => { compare.disabled = chosen.size < 1 || !data.value; };
  const row = (run: RunState, training: boolean): HTMLElement => {
    const box = element("input", { type: "checkbox", "aria-label": text({ en: `Choose ${run.name}`, zh: `选择 ${run.name}` }) });
    box.checked = chosen.has(run.name);
    box.addEventListener("change", () => { if (box.checked) chosen.add(run.name); else chosen.delete(run.name); settle(); });
    const name = element("th", { scope: "row" }, run.name);
    if (run.error) return element("tr", {}, element("td", {}, ""), name, element("td", { colspan: 2 }, run.error));
    const go = button({ en: "Go on", zh: "继续" }, () => actions.resume(run.name));
    go.disabled = training;
    return element("tr", { "data-run": run.name }, element("td", {}, box), name, element("td", {}, text({ en: `${run.model} on ${run.data}`, zh: `${run.model}，数据 ${run.data}` })),
      element("td", {}, element("div", { class: "buttons" }, button({ en: "Report", zh: "报告" }, () => actions.report(run.name)),
        ...(run.latent ? [button({ en: "Latent space", zh: "潜在空间" }, () => actions.latent(run.name))] : []), ...(run.goes_on ? [go] : []))));
  };
  const empty = element("p", {}, text({ en: "No runs yet: train one, or name some when the studio is started.", zh: "还没有训练：先训练一个，或在启动工作室时指明若干个。" }));
  const table = element("div", { class: "table", tabindex: 0 }, element("table", { class: "runs" }, rows));
  const root = element("section", { id: "runs" }, element("h2", {}, text({ en: "Runs", zh: "已有的训练" })), empty, table, element("div", { class: "buttons" }, compare, element("label", {}, text({ en: "on", zh: "所用数据" }), " ", data)));
  return {
    root,
    show(state) {
      const before = data.value;
      rows.replaceChildren(...state.runs.map((run) => row(run, state.training)));
      data.replaceChildren(...state.data.map(({ name, about }) => element("option", { value: name, title: about }, name)));
      if (before) data.value = before;
      empty.hidden = state.runs.length > 0;
      settle();
    },
  };
}
