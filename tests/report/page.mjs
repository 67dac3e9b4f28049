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
        cells: [...figure.querySelectorAll("details td")].filter((td) => /NaN|undefined/.test(td.textContent)).length,
        heads: figure.querySelectorAll("details th[scope=col]").length,
      };
    }),
  );
  for (const f of figures) {
    const name = `${when}, ${f.id}`;
    expect(f.title, `${name}: no title`);
    expect(f.label, `${name}: no label`);
    expect(f.marks > 3, `${name}: ${f.marks} marks`);
    expect(!f.broken, `${name}: a number in the picture is not finite`);
    expect(f.width > 200 && f.height > 80, `${name}: ${f.width} x ${f.height}`);
    expect(f.rows > 0 && f.heads > 1, `${name}: table of ${f.rows} rows, ${f.heads} columns`);
    expect(f.cells === 0, `${name}: ${f.cells} cells are not numbers`);
  }
  return figures.map((f) => f.id);
}

const ids = await look("at first");
const wanted = ["gradient", "accuracy", "cure", "loss", "accuracy-curve", "reached", "profile", "gain", "saturated", "dead",
                "learned", "share"].map((id) => `figure-${id}`);
expect(wanted.every((id) => ids.includes(id)), `figures: ${ids.join(" ")}`);
expect(new Set(ids).size === ids.length, `an id occurs twice: ${ids.join(" ")}`);

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
expect(order === "verdict findings charts method", `sections: ${order}`);
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
    tab.locator("#figure-gradient .save button", { hasText: kind }).click(),
  ]);
  expect(download.suggestedFilename().endsWith(`gradient.${kind.toLowerCase()}`), `saved as ${download.suggestedFilename()}`);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  expect(bytes.length > 2000, `${kind} of ${bytes.length} bytes`);
  if (kind === "SVG") expect(!bytes.includes("var(--"), "a saved SVG still depends on the page's colours");
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
