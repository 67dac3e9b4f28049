// Opens a report from disk and looks at it as a reader would:
//   node page.mjs WORKSHOP CHROMIUM PAGE light|dark
// WORKSHOP is the build's folder of the charts, where playwright-core is installed. Every problem
// found is printed; the exit status is 1 if there is any.
// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [workshop, chromium, page, scheme] = process.argv.slice(2);
const { chromium: browserType } = createRequire(path.join(path.resolve(workshop), "package.json"))("playwright-core");

const problems = [];
const expect = (holds, problem) => holds || problems.push(problem);

const browser = await browserType.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"],
});
const tab = await browser.newPage({ colorScheme: scheme, viewport: { width: 1100, height: 900 }, acceptDownloads: true });
tab.on("console", (message) => problems.push(`console: ${message.text()}`));
tab.on("pageerror", (error) => problems.push(`error: ${error.stack}`));
const address = pathToFileURL(path.resolve(page)).href;
tab.on("request", (request) => {
  const url = request.url();
  expect(url === address || /^(data|blob):/.test(url), `request to ${url}`);
});
await tab.goto(address);
await tab.waitForSelector("html[data-charts]", { timeout: 10_000 });

const model = await tab.evaluate(() => JSON.parse(document.getElementById("gradkeep-model").textContent));
const finite = (v) => typeof v === "number";
const given = new Map(model.figures.map((f) => [`figure-${f.id}`, f]));
const empty = (f) => f !== undefined && !f.series.some((s) => s.row.mid.some(finite));

/** "95.3 % (94 % to 96 %)", "2.2×10⁻¹⁹", "310 µs": the first number, as it was meant; "–" is null. */
function said(text) {
  const plain = text.replaceAll("−", "-").replace(/[⁰¹²³⁴-⁹]/g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).replaceAll("⁻", "-");
  const parts = /^(-?[\d.]+)(?:×10(-?\d+))?(?: (%|µs|ms|s))?/.exec(plain);
  if (!parts) return null;
  return Number(parts[1]) * 10 ** Number(parts[2] ?? 0) * ({ "%": 0.01, "µs": 1e-6, ms: 1e-3 }[parts[3]] ?? 1);
}

/** The table of a given figure holds its points, and the picture a mark for each. */
function compare(name, figure, seen) {
  const names = figure.panels.length ? 2 : 1;
  const distinct = [...new Set(figure.series.flatMap((s) => s.at))];
  const places = figure.kind === "lines" ? distinct.sort((a, b) => a - b) : distinct;
  expect(seen.table.length === figure.series.length, `${name}: ${seen.table.length} rows for ${figure.series.length} series`);
  figure.series.forEach((series, r) => {
    const row = seen.table[r] ?? [];
    expect(row[0] === series.label, `${name}: row ${row[0]}, expected ${series.label}`);
    expect(row.length === names + places.length, `${name}: ${row.length} cells for ${places.length} places`);
    places.forEach((place, i) => {
      const mid = series.row.mid[series.at.indexOf(place)] ?? null;
      const got = said(row[names + i] ?? "");
      const near = mid === null ? got === null : got !== null && Math.abs(got - mid) <= 6e-2 * Math.abs(mid) + (figure.y.unit === "%" ? 1e-3 : 0);
      expect(near, `${name}: ${series.label} at ${place}: ${row[names + i]}, expected ${mid}`);
    });
  });
  const points = figure.series.flatMap((s) => s.row.mid);
  const few = figure.series.every((s) => s.row.mid.filter(finite).length <= 12);
  if (figure.kind === "heat") expect(seen.cells === points.length, `${name}: ${seen.cells} cells for ${points.length} points`);
  else if (figure.kind === "lines" && !few) {
    const zeros = figure.y.log ? points.filter((v) => v === 0).length : 0;
    expect(seen.dots >= zeros, `${name}: ${seen.dots} dots for ${zeros} zeros on a logarithmic scale`);
  } else expect(seen.dots === points.filter(finite).length, `${name}: ${seen.dots} dots for ${points.filter(finite).length} points`);
  expect(seen.outside.length === 0, `${name}: text sticks out: ${seen.outside.join("; ")}`);
}

/** Every figure: its picture, marks, name and table. */
async function look(when) {
  const figures = await tab.evaluate(() =>
    [...document.querySelectorAll("figure")].map((figure) => {
      const svg = figure.querySelector(".picture svg[role=img]");
      const box = svg?.getBoundingClientRect();
      return {
        id: figure.id,
        title: document.getElementById(figure.getAttribute("aria-labelledby"))?.textContent ?? "",
        label: svg?.getAttribute("aria-label") ?? "",
        marks: svg?.querySelectorAll("path, circle, rect, line").length ?? 0,
        broken: /NaN|undefined|Infinity/.test(svg?.innerHTML ?? ""),
        width: box?.width ?? 0,
        height: box?.height ?? 0,
        rows: figure.querySelectorAll("details table tbody tr").length,
        wrong: [...figure.querySelectorAll("details td")].filter((td) => /NaN|undefined/.test(td.textContent)).length,
        heads: figure.querySelectorAll("details th[scope=col]").length,
        table: [...figure.querySelectorAll("details tbody tr")].map((tr) => [...tr.children].map((cell) => cell.textContent)),
        dots: svg?.querySelectorAll("g[aria-label=dot] :is(path, circle)").length ?? 0,
        cells: svg?.querySelectorAll("g[aria-label=cell] rect").length ?? 0,
        outside: [...(svg?.querySelectorAll("text") ?? [])]
          .filter((text) => {
            const own = text.getBoundingClientRect();
            return own.left < box.left - 3 || own.right > box.right + 3 || own.top < box.top - 3 || own.bottom > box.bottom + 3;
          })
          .map((text) => text.textContent),
        empty: figure.querySelector(".picture .empty")?.textContent ?? "",
        saves: figure.querySelectorAll(".save button:enabled").length,
      };
    }),
  );
  for (const f of figures) {
    const name = `${when}, ${f.id}`;
    if (empty(given.get(f.id))) {
      expect(f.empty && f.saves === 0 && f.title, `${name}: an empty figure that does not say so`);
      continue;
    }
    if (given.has(f.id)) compare(name, given.get(f.id), f);
    expect(f.title, `${name}: no title`);
    expect(f.label, `${name}: no label`);
    expect(f.marks > 3, `${name}: ${f.marks} marks`);
    expect(!f.broken, `${name}: a number in the picture is not finite`);
    expect(f.width > 200 && f.height > 80, `${name}: ${f.width} x ${f.height}`);
    expect(f.rows > 0 && f.heads > 1, `${name}: table of ${f.rows} rows, ${f.heads} columns`);
    expect(f.wrong === 0, `${name}: ${f.wrong} cells are not numbers`);
  }
  return figures.map((f) => f.id);
}

const ids = await look("at first");
const general = ["gradient", "accuracy", "cure", "loss", "accuracy-curve", "reached", "profile", "gain", "saturated", "dead",
                 "learned", "share"].map((id) => `figure-${id}`);
const wanted = [...(model.cells ? general : []), ...given.keys()];
expect(wanted.every((id) => ids.includes(id)), `figures: ${ids.join(" ")}`);
expect(ids.length >= wanted.length, `${ids.length} figures, expected ${wanted.length}`);
const twice = await tab.evaluate(() => {
  const all = [...document.querySelectorAll("[id]")].map((node) => node.id);
  return all.filter((id, i) => all.indexOf(id) !== i);
});
expect(twice.length === 0, `an id occurs twice: ${twice.join(" ")}`);
// The one that leads, then the sections in the order in which each is first met.
if (!model.cells) {
  const headings = model.figures.filter((f) => !f.lead).map((f) => f.heading);
  const place = (f) => (f.lead ? -1 : headings.indexOf(f.heading));
  const order = [...model.figures].sort((a, b) => place(a) - place(b)).map((f) => `figure-${f.id}`);
  expect(ids.join(" ") === order.join(" "), `the figures stand as ${ids.join(" ")}, expected ${order.join(" ")}`);
  const sections = await tab.evaluate(() => [...document.querySelectorAll("#figures > h2")].map((h) => h.textContent));
  expect(sections.join() === [...new Set(headings)].join(), `sections: ${sections.join()}`);
}

// Colours follow the scheme, and text stands out from the paper.
const shade = await tab.evaluate(() => {
  const lightness = (color) => color.match(/[\d.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 765;
  const style = getComputedStyle(document.body);
  return { paper: lightness(style.backgroundColor), ink: lightness(style.color) };
});
expect(scheme === "dark" ? shade.paper < 0.2 && shade.ink > 0.7 : shade.paper > 0.9 && shade.ink < 0.3,
       `colours of the ${scheme} scheme: ${JSON.stringify(shade)}`);

// The document in order, links that lead somewhere.
const order = await tab.evaluate(() => [...document.querySelectorAll("main > section")].map((s) => s.id).join(" "));
expect(order === `verdict findings charts ${model.tables.length ? "tables " : ""}method`, `sections: ${order}`);
const lost = await tab.evaluate(() =>
  [...document.querySelectorAll("a[href^='#']")].map((a) => a.getAttribute("href")).filter((h) => !document.querySelector(h)));
expect(lost.length === 0, `links to nowhere: ${lost.join(" ")}`);
const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
expect(overflow <= 0, `the page is ${overflow} px too wide`);

// Every choice of every control, by keyboard.
for (const group of await tab.locator("fieldset.segments").all()) {
  const radios = await group.locator("input").all();
  await group.locator("input:checked").focus();
  for (let i = 0; i < radios.length; i++) {
    await tab.keyboard.press("ArrowRight");
    expect((await group.locator("input:checked").count()) === 1, "a control without a choice");
  }
}
await look("after every choice");

// Saving.
for (const kind of ["SVG", "PNG"]) {
  const [download] = await Promise.all([
    tab.waitForEvent("download", { timeout: 10_000 }),
    tab.locator(`#${ids[0]} .save button`, { hasText: kind }).click(),
  ]);
  expect(download.suggestedFilename().endsWith(`${ids[0].slice(7)}.${kind.toLowerCase()}`), `saved as ${download.suggestedFilename()}`);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  expect(bytes.length > 2000, `${kind} of ${bytes.length} bytes`);
  if (kind === "SVG") {
    expect(!bytes.includes("var(--"), "a saved SVG still depends on the page's colours");
    const title = await tab.locator(`#${ids[0]} h3`).evaluate((h) => h.lastChild.textContent);
    expect(bytes.includes(`>${title}</text>`), "a saved SVG does not say what it shows");
  }
}

// On a telephone and on paper.
await tab.setViewportSize({ width: 400, height: 800 });
await tab.waitForTimeout(200);
await look("narrow");
const narrow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
expect(narrow <= 0, `the narrow page is ${narrow} px too wide`);
await tab.emulateMedia({ media: "print" });
expect(await tab.locator(".save").first().isHidden(), "buttons are printed");

await browser.close();
for (const problem of problems) console.error(problem);
process.exit(problems.length ? 1 : 0);
