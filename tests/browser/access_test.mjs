// The HTML report for everybody: axe-core on every view, and contrast computed
// from what the browser computed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { chromium, missing, open, realReport } from "./support.mjs";

const why = missing();
if (why !== "") {
  console.log(why);
  process.exit(77);
}

const CONTRAST = 5.5;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const views = ["#summary", "#matrix", "#matrix&view=case", "#findings", "#coverage", "#close-codes", "#diff"];

let browser;
before(async () => { browser = await chromium(); });
after(async () => { await browser.close(); });

async function check(page, name) {
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((violation) => violation.id + ": " +
      violation.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + node.failureSummary).join(" | "));
  });
  assert.deepEqual(found, [], name);
}

// The ratio of WCAG 2 between an element's colour and what lies behind it.
function contrasts(page, selector) {
  return page.evaluate((words) => {
    const parse = (color) => color.match(/[\d.]+/g).map(Number);
    const channel = (value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) { return color; }
      }
      return [255, 255, 255];
    };
    const found = new Map();
    for (const element of document.querySelectorAll(words)) {
      if (element.checkVisibility()) {
        const one = luminance(parse(getComputedStyle(element).color));
        const other = luminance(behind(element));
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        const name = element.tagName.toLowerCase() + "." + element.className;
        found.set(name, Math.min(ratio, found.get(name) || 99));
      }
    }
    return [...found];
  }, selector);
}

async function checkContrast(page, name) {
  const cells = "td.p, td.f, td.w, td.e, td.i, td.s, td.t-fail, td.t-warn, td.t-error, .v, .chip .odd, .h-head, .h-len, .h-key, .h-http, .script .fail span, .dim, .level, .in, .notice";
  const found = await contrasts(page, cells);
  assert.ok(found.length > 3, name + ": too little to look at");
  const poor = found.filter(([, ratio]) => ratio < CONTRAST);
  assert.deepEqual(poor, [], name);
}

for (const scheme of ["light", "dark"]) {
  test("every view, " + scheme, async () => {
    const { page, context } = await open(browser, realReport(), { colorScheme: scheme, bypassCSP: true });
    await page.addScriptTag({ content: axe });
    await page.evaluate(() => { for (const item of document.querySelectorAll("details")) { item.open = true; } });
    for (const view of views) {
      await page.evaluate((hash) => { location.hash = hash; }, view);
      await check(page, scheme + " " + view);
    }
    await checkContrast(page, scheme + " page");
    await page.evaluate(() => { location.hash = "#matrix&view=case"; });
    await page.locator("#by-case tr[data-c] td.f").first().evaluate((cell) => cell.click());
    await page.waitForSelector("#case:not([hidden]) h2");
    await check(page, scheme + " case");
    await checkContrast(page, scheme + " case");
    await context.close();
  });
}
