// Saving a picture: the colours live in the page's style sheet, so a copy gets them written out
// before it leaves the page, and a background, so that it reads the same anywhere.
// SPDX-License-Identifier: Apache-2.0

import type { Svg } from "./marks";

const kProperties = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "paint-order", "opacity", "font-size", "font-weight", "font-style", "text-anchor", "display",
];
const kFont = "system-ui, 'Helvetica Neue', Arial, sans-serif";

/** A copy that stands alone. */
function standalone(svg: Svg): Svg {
  const copy = svg.cloneNode(true) as Svg;
  const originals = [svg, ...svg.querySelectorAll("*")];
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
  const { width, height } = svg.viewBox.baseVal;
  const margin = 16;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", kFont);
  copy.setAttribute("viewBox", `${-margin} ${-margin} ${width + 2 * margin} ${height + 2 * margin}`);
  copy.setAttribute("width", String(width + 2 * margin));
  copy.setAttribute("height", String(height + 2 * margin));
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  paper.setAttribute("x", String(-margin));
  paper.setAttribute("y", String(-margin));
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return copy;
}

export function svgText(svg: Svg): string {
  return new XMLSerializer().serializeToString(standalone(svg));
}

function download(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

export function saveSvg(svg: Svg, name: string): void {
  const url = URL.createObjectURL(new Blob([svgText(svg)], { type: "image/svg+xml" }));
  download(url, `${name}.svg`);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Twice the size on the page, for print and slides. */
export async function savePng(svg: Svg, name: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  download(canvas.toDataURL("image/png"), `${name}.png`);
}
