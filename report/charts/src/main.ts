// The report's script: reads the model that the page carries and puts a figure into every place
// that asks for one.
// SPDX-License-Identifier: Apache-2.0

import "./style.css";
import { element } from "./figure";
import { figures } from "./figures";
import type { Model } from "./model";

export function mount(): void {
  const source = document.getElementById("gradkeep-model");
  const host = document.getElementById("figures");
  const lead = document.getElementById("lead-figure");
  if (!source || !host) return;
  const model = JSON.parse(source.textContent ?? "{}") as Model;
  let number = 0;
  let section = "";
  for (const { heading, mount } of figures(model)) {
    if (heading === undefined && lead) {
      mount(lead, ++number);
      continue;
    }
    if (heading !== undefined && heading !== section) {
      section = heading;
      host.append(element("h2", {}, heading));
    }
    const place = element("div", { class: "figure-place" });
    host.append(place);
    mount(place, ++number);
  }
  document.documentElement.dataset["charts"] = String(number);
}

mount();
