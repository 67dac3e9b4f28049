// Saving a picture: the colours live in the page's style sheet, so a copy gets them written out
// before it leaves the page, and a background, so that it reads the same anywhere.
// SPDX-License-Identifier: Apache-2.0

import { kFontSize, textWidth } from "./marks";
import type { Svg } from "./marks";

/** A figure as it leaves the page: its picture, with title and legend above it. */
export interface Print {
  svg: Svg;
  title: string;
  /** Each a swatch and its name. */
  legend: HTMLElement[];
}

const kProperties = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "paint-order", "opacity", "font-size", "font-weight", "font-style", "text-anchor", "display",
];
const kFont = "system-ui, 'Helvetica Neue', Arial, sans-serif";

const kSvgNs = "http://www.w3.org/2000/svg";
const kMargin = 16;

/** A copy with the page's colours written into it. */
function painted<T extends SVGElement>(node: T): T {
  const copy = node.cloneNode(true) as T;
  const originals = [node, ...node.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    const target = copies[i]!;
    for (const property of kProperties) {
      const value = style.getPropertyValue(property);
      if (value) target.setAttribute(property, value);
    }
    target.removeAttribute("class");
    target.removeAttribute("style");
  });
  for (const style of copy.querySelectorAll("style")) style.remove();
  return copy;
}

function svgElement(tag: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const node = document.createElementNS(kSvgNs, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.textContent = text;
  return node;
}

/** Title and legend as a block of its own, and how high it is. */
function heading(print: Print, width: number): { node: SVGElement; height: number } {
  const node = svgElement("g", { "font-size": kFontSize });
  const ink = getComputedStyle(document.body).color;
  node.append(svgElement("text", { y: 14, "font-size": 15, "font-weight": 600, fill: ink }, print.title));
  const line = 20;
  let [x, y] = [0, 40];
  for (const item of print.legend) {
    const swatch = item.querySelector("svg")!;
    const name = item.textContent ?? "";
    const room = swatch.clientWidth + 6;
    const whole = room + textWidth(name) + 20;
    if (x > 0 && x + whole > width) [x, y] = [0, y + line];
    const place = svgElement("g", { transform: `translate(${x} ${y - 9})` });
    place.append(...painted(swatch).childNodes);
    node.append(place, svgElement("text", { x: x + room, y, fill: ink }, name));
    x += whole;
  }
  return { node, height: print.legend.length ? y + 18 : 32 };
}

/** A copy that stands alone. */
function standalone(print: Print): Svg {
  const { width, height } = print.svg.viewBox.baseVal;
  const above = heading(print, width);
  const picture = painted(print.svg);
  picture.setAttribute("y", String(above.height));
  picture.setAttribute("overflow", "visible");
  const whole = svgElement("svg", {
    xmlns: kSvgNs,
    "font-family": kFont,
    viewBox: `${-kMargin} ${-kMargin} ${width + 2 * kMargin} ${height + above.height + 2 * kMargin}`,
    width: width + 2 * kMargin,
    height: height + above.height + 2 * kMargin,
  }) as Svg;
  const paper = getComputedStyle(document.body).backgroundColor;
  whole.append(svgElement("rect", { x: -kMargin, y: -kMargin, width: "100%", height: "100%", fill: paper }), above.node, picture);
  return whole;
}

export function svgText(print: Print): string {
  return new XMLSerializer().serializeToString(standalone(print));
}

function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

export function saveSvg(print: Print, name: string): void {
  const url = URL.createObjectURL(new Blob([svgText(print)], { type: "image/svg+xml" }));
  download(url, `${name}.svg`);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Twice the size on the page, for print and slides. */
export async function savePng(print: Print, name: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(print))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  download(canvas.toDataURL("image/png"), `${name}.png`);
}
