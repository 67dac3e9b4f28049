// A figure on the page: heading, caption, controls, the picture, the buttons that save it, and the
// table of the same numbers. Changing a control redraws picture, caption and table together.
// SPDX-License-Identifier: Apache-2.0

import type { Svg } from "./marks";
import type { Model } from "./model";
import { savePng, saveSvg } from "./save";

export interface Table {
  head: string[];
  /** How many columns at the left are names; the others are numbers. */
  names: number;
  rows: string[][];
}

export interface Choice {
  value: string;
  label: string;
}

export interface Control {
  key: string;
  label: string;
  choices: Choice[];
  initial: string;
}

export type State = Record<string, string>;

export interface LegendEntry {
  label: string;
  color: string;
  dash?: string;
  kind?: "line" | "block";
}

export interface Figure {
  id: string;
  title: string;
  /** Why the reader should look: one or two sentences. */
  caption: (model: Model, state: State) => string;
  controls?: (model: Model) => Control[];
  legend?: (model: Model, state: State) => LegendEntry[];
  draw: (model: Model, state: State, width: number) => Svg | string;
  table: (model: Model, state: State) => Table;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function tableElement(table: Table, label: string): HTMLElement {
  const side = (i: number): Record<string, string> => (i < table.names ? {} : { class: "number" });
  const head = element("tr", {}, ...table.head.map((h, i) => element("th", { scope: "col", ...side(i) }, h)));
  const body = table.rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((text, i) => (i === 0 ? element("th", { scope: "row" }, text) : element("td", side(i), text))),
    ),
  );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
  );
}

function controlElement(figure: string, control: Control, state: State, changed: () => void): HTMLElement {
  if (control.choices.length <= 6) {
    const radios = control.choices.map((choice) => {
      const input = element("input", { type: "radio", name: `${figure}-${control.key}`, value: choice.value });
      input.checked = state[control.key] === choice.value;
      input.addEventListener("change", () => {
        state[control.key] = choice.value;
        changed();
      });
      return element("label", {}, input, element("span", {}, choice.label));
    });
    return element("fieldset", { class: "segments" }, element("legend", {}, control.label), ...radios);
  }
  const select = element(
    "select",
    {},
    ...control.choices.map((c) => element("option", { value: c.value }, c.label)),
  );
  select.value = state[control.key]!;
  select.addEventListener("change", () => {
    state[control.key] = select.value;
    changed();
  });
  return element("label", { class: "choice" }, element("span", {}, control.label), select);
}

const kSvgNs = "http://www.w3.org/2000/svg";

function legendElement(entries: LegendEntry[]): HTMLElement {
  const items = entries.map((entry) => {
    const swatch = document.createElementNS(kSvgNs, "svg");
    swatch.setAttribute("width", "26");
    swatch.setAttribute("height", "10");
    swatch.setAttribute("aria-hidden", "true");
    const mark = document.createElementNS(kSvgNs, entry.kind === "block" ? "rect" : "line");
    const geometry =
      entry.kind === "block"
        ? { x: "6", y: "0", width: "14", height: "10", fill: entry.color }
        : { x1: "0", x2: "26", y1: "5", y2: "5", stroke: entry.color, "stroke-width": "2.2" };
    for (const [name, value] of Object.entries(geometry)) mark.setAttribute(name, value);
    if (entry.dash) mark.setAttribute("stroke-dasharray", entry.dash);
    swatch.append(mark);
    return element("li", {}, swatch, entry.label);
  });
  return element("ul", { class: "legend" }, ...items);
}

/** Builds the figure inside `host` and keeps it as wide as the page. */
export function mountFigure(host: HTMLElement, figure: Figure, number: number, model: Model): void {
  const state: State = {};
  const controls = (figure.controls?.(model) ?? []).filter((c) => c.choices.length > 1);
  for (const c of figure.controls?.(model) ?? []) state[c.key] = c.initial;

  const caption = element("p", { class: "caption" });
  const legend = element("div");
  const picture = element("div", { class: "picture" });
  const details = element("details", {}, element("summary", {}, "Table of these numbers"));
  const svgButton = element("button", { type: "button", "aria-label": `Save figure ${number} as SVG` }, "SVG");
  const pngButton = element("button", { type: "button", "aria-label": `Save figure ${number} as PNG` }, "PNG");
  const name = `gradkeep-${model.study.name}-${figure.id}`;
  let drawnWidth = 0;

  const draw = () => {
    drawnWidth = picture.clientWidth;
    if (drawnWidth < 1) return;
    const drawn = figure.draw(model, state, Math.max(300, drawnWidth));
    picture.replaceChildren(typeof drawn === "string" ? element("p", { class: "empty" }, drawn) : drawn);
    svgButton.disabled = pngButton.disabled = typeof drawn === "string";
  };
  const refresh = () => {
    caption.textContent = figure.caption(model, state);
    legend.replaceChildren(...(figure.legend ? [legendElement(figure.legend(model, state))] : []));
    draw();
    details.replaceChildren(details.firstElementChild!, tableElement(figure.table(model, state), `Table of figure ${number}`));
  };
  const current = () => picture.querySelector<Svg>("svg");
  svgButton.addEventListener("click", () => current() && saveSvg(current()!, name));
  pngButton.addEventListener("click", () => current() && void savePng(current()!, name));

  host.replaceChildren(
    element(
      "figure",
      { id: `figure-${figure.id}`, "aria-labelledby": `title-${figure.id}` },
      element(
        "div",
        { class: "figure-head" },
        element("h3", { id: `title-${figure.id}` }, element("span", { class: "ordinal" }, `Figure ${number}`), figure.title),
        element("div", { class: "save" }, element("span", { "aria-hidden": "true" }, "Save"), svgButton, pngButton),
      ),
      caption,
      ...(controls.length
        ? [element("div", { class: "controls" }, ...controls.map((c) => controlElement(figure.id, c, state, refresh)))]
        : []),
      legend,
      picture,
      details,
    ),
  );
  refresh();
  new ResizeObserver(() => {
    if (Math.abs(picture.clientWidth - drawnWidth) > 1) draw();
  }).observe(picture);
}
