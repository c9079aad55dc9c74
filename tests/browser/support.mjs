// What the browser tests share: a real report, a hostile one, and Chromium.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

export const folder = mkdtempSync(path.join(tmpdir(), "wsspec-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const wsspec = process.env.WSSPEC;
const fixture = process.env.RENDER_FIXTURE;

// What the tests cannot do without; "" when all is there.
export function missing() {
  if (!wsspec || !fixture) { return "WSSPEC and RENDER_FIXTURE must name the programs"; }
  if (!existsSync("/usr/bin/chromium")) { return "there is no /usr/bin/chromium (script/bootstrap browser)"; }
  try {
    createRequire(import.meta.url).resolve("playwright-core");
  } catch {
    return "node_modules is not there (script/bootstrap browser)";
  }
  return "";
}

function implementation(name, fault) {
  const more = fault ? `, "--fault", "${fault}"` : "";
  return `implementation { name = "${name}", ready = "listening on ws://127.0.0.1:{port}/",
    url = "ws://127.0.0.1:{port}/",
    start = { "${wsspec}", "echo", "--listen", "127.0.0.1:0"${more} } }\n`;
}

// A run of two implementations; its exit code says that one of them fails.
function run(name, first, second) {
  const config = path.join(folder, name + ".lua");
  const json = path.join(folder, name + ".json");
  writeFileSync(config, implementation("good one", first) + implementation("other one", second));
  try {
    execFileSync(wsspec, ["run", "-c", config, "--quiet", "--json", json, "masking.*", "closing.*", "control.*"], { stdio: "pipe" });
  } catch (error) {
    if (error.status !== 1) { throw error; }
  }
  return json;
}

let made = null;

// The URL of a report of a real run beside an older one.
export function realReport() {
  if (made === null) {
    const older = run("older", null, "mask-accepts-clear-data");
    const newer = run("newer", null, "mask-accepts-clear-control");
    const html = path.join(folder, "report.html");
    execFileSync(wsspec, ["report", newer, "--compare", older, "-o", html]);
    made = pathToFileURL(html).href;
  }
  return made;
}

// The URL of a report of a document that wants to do harm.
export function hostileReport() {
  const html = path.join(folder, "hostile.html");
  execFileSync(fixture, ["12", path.join(folder, "hostile.json"), html]);
  return pathToFileURL(html).href;
}

export async function chromium() {
  const { chromium: browser } = await import("playwright-core");
  return browser.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

// A page that notes what must not happen: errors, requests, violations of its
// policy.
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") { troubles.push(message.text()); }
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("request", (request) => {
    const address = request.url().split("#")[0];
    if (address !== url.split("#")[0] && !address.startsWith("blob:")) { troubles.push("request: " + address); }
  });
  await page.goto(url);
  return { page, context, troubles };
}

export function rowsShown(page, table) {
  return page.locator(`#${table} tbody tr:not(.roll):visible`).count();
}

// Until `holds` does: what scrolls smoothly takes its time.
export async function eventually(what, holds) {
  for (const late = Date.now() + 10000; Date.now() < late;) {
    if (await holds()) { return; }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("never: " + what);
}
