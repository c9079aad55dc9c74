// The HTML report of 500 cases and 12 implementations: how large, how long to
// write, how long until it is seen, how long a filter takes.
//
//     node bench/report.mjs WSSPEC
//
// The document is that of a real run against conformance/peers, its cases and
// implementations multiplied under other names. Needs script/bootstrap peers
// browser.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const CASES = 500;
const TARGETS = 12;
const TIMES = 3;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const wsspec = path.resolve(process.argv[2] || path.join(root, "build/release/wsspec"));
const folder = mkdtempSync(path.join(tmpdir(), "wsspec-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

function measuredRun() {
  const file = path.join(folder, "run.json");
  try {
    execFileSync(wsspec, ["run", "-c", path.join(root, "conformance/peers/all.lua"), "--quiet", "--json", file], { stdio: "ignore" });
  } catch (error) {
    if (error.status !== 1) { throw error; }
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

// More of the same: item k of a list again under a name of its own.
function again(item, key, number, rename) {
  return { ...item, [key]: rename(item[key], number) };
}

function multiply(run) {
  const caseName = (id, number) => number === 0 ? id : id.replace(".", ".again-" + number + "-");
  const targetName = (id, number) => number === 0 ? id : id + " #" + number;
  const rounds = Math.ceil(CASES / run.cases.length);
  const copies = Math.ceil(TARGETS / run.targets.length);
  const cases = [];
  const kept = new Set();
  for (let k = 0; k < rounds; k++) {
    for (const info of run.cases) {
      if (cases.length < CASES) {
        cases.push(again(info, "id", k, caseName));
        kept.add(cases[cases.length - 1].id);
      }
    }
  }
  const targets = [];
  for (let n = 0; n < copies; n++) {
    for (const target of run.targets) {
      targets.push({ ...target, id: targetName(target.id, n), agent: targetName(target.agent, n) });
    }
  }
  const results = [];
  for (let n = 0; n < copies; n++) {
    for (let k = 0; k < rounds; k++) {
      for (const result of run.results) {
        const copy = { ...result, case: caseName(result.case, k), target: targetName(result.target, n) };
        if (kept.has(copy.case)) { results.push(copy); }
      }
    }
  }
  return { ...run, cases, targets: targets.slice(0, TARGETS), results };
}

function seconds(args) {
  const times = [];
  for (let i = 0; i < TIMES; i++) {
    const began = process.hrtime.bigint();
    execFileSync(wsspec, args);
    times.push(Number(process.hrtime.bigint() - began) / 1e9);
  }
  return median(times);
}

async function inBrowser(html) {
  const { chromium } = createRequire(path.join(root, "tests/browser/package.json"))("playwright-core");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const paints = [];
  const filters = [];
  for (let i = 0; i < TIMES; i++) {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto(pathToFileURL(html).href);
    await page.waitForSelector("#matrix-filter:not([hidden])");
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    await page.click("#matrix-filter button:has-text('By case')");
    // From the click until the layout that it needs is done.
    filters.push(...await page.evaluate(() => ["fail", "warn", "fail", "warn"].map((word) => {
      const button = [...document.querySelectorAll("#matrix-filter button")].find((found) => found.textContent.startsWith(word));
      const began = performance.now();
      button.click();
      void document.getElementById("by-case").offsetHeight;
      return performance.now() - began;
    })));
    await page.context().close();
  }
  await browser.close();
  return { paint: median(paints), filter: median(filters) };
}

const document = path.join(folder, "big.json");
const html = path.join(folder, "big.html");
const run = multiply(measuredRun());
writeFileSync(document, JSON.stringify(run));
const whole = seconds(["report", document, "-o", html]);
const reading = seconds(["report", document, "-o", path.join(folder, "big.svg")]);
const { paint, filter } = await inBrowser(html);
console.log(`| HTML report of ${run.cases.length} cases x ${run.targets.length} implementations, ${run.results.length} results | | goal |
|---|--:|--:|
| size | ${(statSync(html).size / 1e6).toFixed(2)} MB | 3 MB |
| to write (its share beside reading the ${(statSync(document).size / 1e6).toFixed(0)} MB document, which takes ${reading.toFixed(2)} s) | ${(whole - reading).toFixed(2)} s | 1 s |
| first contentful paint, Chromium | ${(paint / 1000).toFixed(2)} s | 1 s |
| a filter, from the click until the layout is done | ${filter.toFixed(0)} ms | 100 ms |`);
