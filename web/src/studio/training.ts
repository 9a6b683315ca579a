// SPDX-License-Identifier: Apache-2.0
// The training: begun here or by another browser, followed by everyone.
import { button, element } from "../elements";
import { Both, text } from "../language";
import { short } from "../number";
import { Block, drawBlock } from "../page/blocks";
import { curves } from "../page/charts";
import { nameOf } from "../page/translate";
import { order, State } from "./server";

interface Line { type: string; run?: string; model?: string; data?: string; epoch?: number; epochs?: number; step?: number; total?: number; stopped?: string; error?: string; block?: Block; [key: string]: unknown }

// What the numbers of an epoch are; others go by their names.
const meanings: Record<string, Both> = {
  loss: { en: "loss", zh: "损失" }, validation_loss: { en: "loss of held-out rows", zh: "留出行的损失" },
  critic: { en: "the critic's own loss", zh: "评论家自己的损失" }, estimate: { en: "the distance that the critic sees", zh: "评论家看到的距离" },
  accuracy: { en: "share that the critic tells rightly", zh: "评论家判对的比例" },
  monitor_w1: { en: "exact W₁ to the data", zh: "到数据的精确 W₁" }, monitor_mmd: { en: "MMD² to the data", zh: "到数据的 MMD²" },
  monitor_energy: { en: "energy distance to the data", zh: "到数据的能量距离" }, monitor_variety: { en: "spread, as a share of the data's", zh: "散布与数据散布之比" },
};
const meaningOf = (name: string): string => (meanings[name] ? text(meanings[name]) : nameOf(name).replace(/_/g, " "));

const aside = new Set(["type", "epoch", "epochs", "step", "total", "seconds", "samples_per_second", "stage"]);

/** "--latent 2 --hidden 16,16" or "latent=2" as options by their names. */
export function optionsOf(typed: string): Record<string, string> {
  const options: Record<string, string> = {};
  const words = typed.trim().split(/\s+/).filter(Boolean);
  for (let i = 0; i < words.length; ++i) {
    const [name, value] = words[i].replace(/^--/, "").split(/=(.*)/s);
    const next = words[i + 1];
    if (value !== undefined) options[name] = value;
    else if (next !== undefined && !next.startsWith("--")) { options[name] = next; ++i; }
    else options[name.replace(/^no-/, "")] = name.startsWith("no-") ? "no" : "yes";
  }
  return options;
}

export class Training {
  readonly form = element("section", { id: "train" });
  readonly root = element("section", { id: "training", hidden: true });
  private readonly model = element("select", { id: "model" });
  private readonly data = element("select", { id: "data" });
  private readonly name = element("input", { id: "name", type: "text", placeholder: text({ en: "name of the run", zh: "训练的名字" }), autocomplete: "off" });
  private readonly options = element("input", { id: "options", type: "text", placeholder: "--latent 2 --epochs 10", autocomplete: "off", spellcheck: "false" });
  private readonly complaint = element("p", { class: "complaint", role: "alert" });
  private readonly begin = button({ en: "Train", zh: "训练" }, () => void this.start());
  private readonly stop = button({ en: "Stop, with a checkpoint", zh: "写下检查点并停止" }, () => void this.order("/api/stop"));
  private readonly title = element("h2", {}, "");
  private readonly state = element("p", { class: "state", "aria-live": "polite" });
  private readonly progress = element("progress", { max: 1, value: 0, "aria-label": text({ en: "How far the training is", zh: "训练进度" }) });
  private readonly charts = element("div", { class: "beside-grid" });
  private readonly seen = element("div");
  private lines: Line[] = [];
  private drawn = 0;

  constructor(private readonly changed: () => void) {
    const field = (label: Both, control: HTMLElement): HTMLElement => element("label", { class: "field" }, element("span", {}, text(label)), control);
    const form = element("form", {}, field({ en: "Model", zh: "模型" }, this.model), field({ en: "Data", zh: "数据" }, this.data), field({ en: "Name", zh: "名字" }, this.name),
      field({ en: "Options, as on the command line", zh: "选项，与命令行相同" }, this.options), element("div", { class: "buttons" }, this.begin), this.complaint);
    this.begin.type = "submit";
    form.addEventListener("submit", (event) => event.preventDefault());
    this.form.append(element("h2", {}, text({ en: "Train", zh: "训练" })), form);
    this.root.append(this.title, this.progress, this.state, element("div", { class: "buttons" }, this.stop), this.seen, this.charts);
  }

  know(state: State): void {
    const fill = (select: HTMLSelectElement, rows: [string, string][]): void => {
      const before = select.value;
      select.replaceChildren(...rows.map(([value, title]) => element("option", { value, title }, value)));
      if (before) select.value = before;
    };
    fill(this.model, state.models.map(({ name, title }) => [name, nameOf(title)]));
    if (!this.drawn && !this.name.value) this.model.value = "vae";
    fill(this.data, state.data.map(({ name, about }) => [name, about]));
    this.begin.disabled = state.training || !state.data.length;
    this.stop.disabled = !state.training;
  }

  resume(run: string): void { void this.order("/api/resume", { run }); }

  private async start(): Promise<void> {
    const wanted = { model: this.model.value, data: this.data.value, name: this.name.value.trim(), options: optionsOf(this.options.value) };
    await this.order("/api/train", {}, JSON.stringify(wanted));
  }

  private async order(path: string, fields: Record<string, string> = {}, body = ""): Promise<void> {
    this.complaint.textContent = "";
    try { await order(path, fields, body); } catch (problem) { this.complaint.textContent = (problem as Error).message; }
    this.changed();
  }

  /** The browser connects again by itself, and says which event it had last. */
  follow(): void {
    const events = new EventSource("/api/events");
    events.onmessage = (event: MessageEvent<string>) => this.take(JSON.parse(event.data) as Line);
    events.onerror = () => { if (events.readyState === EventSource.CLOSED || !this.root.hidden) this.state.textContent = text({ en: "Not connected; the studio may be closed.", zh: "没有连接；工作室可能已关闭。" }); };
  }

  private take(line: Line): void {
    if (line.type === "begin") {
      this.lines = [];
      this.root.hidden = false;
      this.seen.replaceChildren();
      this.charts.replaceChildren();
      this.progress.value = 0;
      this.title.textContent = text({ en: `Training ${line.model} on ${line.data}`, zh: `正在用 ${line.data} 训练 ${line.model}` });
      this.changed();
    }
    if (line.type === "epoch") { this.lines.push(line); this.draw(); }
    if (line.type === "step") this.progress.value = line.total ? line.step! / line.total : 0;
    if (line.type === "step" || line.type === "epoch") this.tell(line);
    if (line.type === "seen") this.seen.replaceChildren(drawBlock(line.block!));
    if (line.type === "end") {
      this.state.textContent = line.error ?? text(line.stopped === "interrupted" ? { en: "Stopped; it can go on where it stood.", zh: "已停止；可以从停下处继续。" } : { en: "Finished.", zh: "完成。" });
      if (line.stopped === "finished") this.progress.value = 1;
      this.draw(true);
      this.changed();
    }
  }

  private tell(line: Line): void {
    const loss = short(line.loss as number, 4), rate = short(line.samples_per_second as number, 3);
    this.state.textContent = text({ en: `epoch ${line.epoch} of ${line.epochs}, step ${line.step}, loss ${loss}, ${rate} rows a second`, zh: `第 ${line.epoch} 轮，共 ${line.epochs} 轮；第 ${line.step} 步；损失 ${loss}；每秒 ${rate} 行` });
  }

  /** Not more often than the eye sees. */
  private draw(last = false): void {
    const now = performance.now();
    if (!last && now - this.drawn < 400) return;
    this.drawn = now;
    const names = [...new Set(this.lines.flatMap((line) => Object.keys(line)))].filter((name) => !aside.has(name) && this.lines.some((line) => typeof line[name] === "number"));
    if (this.lines.length < 2) return;
    this.charts.replaceChildren(...names.map((name) => {
      const rows = this.lines.filter((line) => typeof line[name] === "number");
      return curves({ type: "curves", title: meaningOf(name), x: "epoch", y: name.replace(/^monitor_/, ""), curves: [{ name: meaningOf(name), color: 0, x: rows.map((line) => line.epoch!), y: rows.map((line) => line[name] as number) }] });
    }));
  }
}
