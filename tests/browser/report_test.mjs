// The HTML report as people use it: look, filter, follow, copy, go back.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium, eventually, hostileReport, missing, open, realReport, rowsShown } from "./support.mjs";

const why = missing();
if (why !== "") {
  console.log(why);
  process.exit(77);
}

let browser;
before(async () => { browser = await chromium(); });
after(async () => { await browser.close(); });

async function openReport(hash = "", options = {}) {
  return open(browser, realReport() + hash, options);
}

async function openFailingCase(page) {
  await page.evaluate(() => { location.hash = "#matrix&view=case&v=fail"; });
  await page.waitForSelector("#by-case:visible");
  await page.locator("#by-case tr[data-c] td.f").first().evaluate((cell) => cell.click());
  await page.waitForSelector("#case:not([hidden]) h2");
}

test("opens without errors, requests or violations", async () => {
  const { page, context, troubles } = await openReport();
  await page.waitForSelector("#matrix-filter:not([hidden])");
  assert.equal(await page.locator("table.implementations tbody tr").count(), 2);
  assert.ok(await rowsShown(page, "by-requirement") > 10);
  assert.equal(await rowsShown(page, "by-case"), 0);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("filters, counts them, and keeps them in the address", async () => {
  const { page, context, troubles } = await openReport();
  const all = await rowsShown(page, "by-requirement");
  const button = page.locator("#matrix-filter button", { hasText: /^fail/ });
  const count = Number((await button.textContent()).replace(/\D/g, ""));
  await button.click();
  assert.equal(await rowsShown(page, "by-requirement"), count);
  assert.ok(count > 0 && count < all);
  assert.match(page.url(), /#matrix&v=fail$/);
  await page.fill("#matrix-filter input", "no such words");
  assert.equal(await rowsShown(page, "by-requirement"), 0);
  await page.fill("#matrix-filter input", "");
  await page.reload();
  await page.waitForSelector("#matrix-filter:not([hidden])");
  assert.equal(await rowsShown(page, "by-requirement"), count);
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await button.click();
  assert.equal(await rowsShown(page, "by-requirement"), all);
  await page.locator("#matrix-filter button", { hasText: /^differs/ }).click();
  assert.ok(await rowsShown(page, "by-requirement") < all);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("shows cases instead of requirements, and what changed", async () => {
  const { page, context } = await openReport();
  await page.click("#matrix-filter button:has-text('By case')");
  const all = await rowsShown(page, "by-case");
  assert.ok(all > 30);
  assert.equal(await rowsShown(page, "by-requirement"), 0);
  await page.locator("#matrix-filter button", { hasText: /^changed/ }).click();
  const changed = await rowsShown(page, "by-case");
  assert.ok(changed > 0 && changed < all);
  assert.match(page.url(), /view=case&changed$/);
  assert.ok(await page.locator("#diff .changes tbody tr").count() >= 2);
  await context.close();
});

test("leads from a cell to its case, and back to the same view", async () => {
  const { page, context, troubles } = await openReport("#matrix&view=case&v=fail");
  const shown = await rowsShown(page, "by-case");
  await openFailingCase(page);
  assert.match(page.url(), /#case=masking/);
  assert.equal(await page.locator("#summary").isVisible(), false);
  assert.ok(await page.locator("#case .script li.fail").count() > 0);
  assert.ok(await page.locator("#case .time li").count() > 4);
  assert.ok(await page.locator("#case .wire .chip").count() > 1);
  assert.ok(await page.locator("#case .clause.c-fail").count() > 0);
  await page.goBack();
  await page.waitForSelector("#by-case:visible");
  assert.equal(await rowsShown(page, "by-case"), shown);
  assert.equal(await page.locator("#case").isVisible(), false);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("leads from a finding to the frame that failed", async () => {
  const { page, context } = await openReport("#findings");
  const finding = page.locator(".finding.f-fail").first();
  const id = await finding.locator(".where code").textContent();
  await finding.locator("text=Script, time and wire of this case").first().click();
  await page.waitForSelector("#case .wire li.lit");
  assert.equal(await page.locator("#case .where code").first().textContent(), id);
  const lit = page.locator("#case .wire li.lit");
  await eventually("the frame is in sight", () => lit.evaluate((item) => {
    const box = item.getBoundingClientRect();
    return box.bottom > 0 && box.top < window.innerHeight;
  }));
  assert.equal(await page.locator("#case .time li.lit").count(), 1);
  assert.match(await page.title(), new RegExp("^" + id.replace(/\./g, "\\.") + ": "));
  // A line of the script leads to its own event, and that back to the line.
  const line = page.locator("#case .script a").first();
  const number = (await line.locator("xpath=ancestor::li").getAttribute("id"));
  await line.click();
  assert.equal(await page.locator("#case .wire li.lit").count(), 1);
  assert.ok(await page.locator("#" + number + ".lit").count() === 1);
  await page.locator(`#case .wire li.lit .steps a[href="#${number}"]`).first().click();
  assert.equal(await page.locator("#case .lit").count(), 1);
  assert.ok(await page.locator("#" + number + ".lit").isVisible());
  // The clause that is broken leads to the wire as well.
  await page.locator("#case .clause.c-fail a:has-text('on the wire')").first().click();
  assert.equal(await page.locator("#case .wire li.lit").count(), 1);
  await context.close();
});

test("folds heads of HTTP, and stays beside the wire", async () => {
  const { page, context } = await openReport();
  await openFailingCase(page);
  const head = page.locator("#case .wire details").first();
  assert.match(await head.locator("summary").textContent(), /^GET \/ HTTP\/1\.1$/);
  assert.equal(await head.locator("pre").first().isVisible(), false);
  await page.locator("#case .time a").nth(1).click();
  assert.ok(await head.locator("pre").first().isVisible(), "who comes from the time sees it");
  assert.match(await head.locator("pre").first().textContent(), /Sec-WebSocket-Key: /);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  const top = await page.locator("#case section[aria-label='Script']").evaluate((column) => column.getBoundingClientRect().bottom);
  assert.ok(top > 0, "the script is in sight at the end of the wire");
  await context.close();
});

test("unmasks and masks payload", async () => {
  const { page, context } = await openReport();
  await openFailingCase(page);
  const dumps = () => page.locator("#case .wire .hex").allTextContents();
  const unmasked = await dumps();
  assert.ok(unmasked.join("").includes("probe"), "a ping of ours reads as text");
  await page.click("#case button:has-text('Unmasked payload')");
  const masked = await dumps();
  assert.notDeepEqual(masked, unmasked);
  await page.click("#case button:has-text('Unmasked payload')");
  assert.deepEqual(await dumps(), unmasked);
  assert.ok(await page.locator("#case .hex .h-key").count() > 0);
  await context.close();
});

test("copies the command, and downloads what the peer sent", async () => {
  const { page, context } = await openReport();
  await openFailingCase(page);
  const id = await page.locator("#case .where code").first().textContent();
  await page.click("#case button:has-text('Copy command')");
  await page.waitForSelector("#case button:has-text('Copied')");
  const command = await page.locator("#case .again code").textContent();
  assert.match(command, /^wsspec run -c .* --seed 1 /);
  assert.ok(command.endsWith(id));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("#case button:has-text('Download what the peer sent')").first().click(),
  ]);
  const stream = await download.createReadStream();
  const parts = [];
  for await (const part of stream) { parts.push(part); }
  assert.equal(Buffer.concat(parts).subarray(0, 12).toString("latin1"), "HTTP/1.1 101");
  const [text] = await Promise.all([page.waitForEvent("download"), page.click("#case button:has-text('Download as text')")]);
  const words = readFileSync(await text.path(), "utf8");
  assert.ok(words.startsWith(id + ": "));
  assert.ok(words.includes(command));
  assert.match(words, /ping  FIN 1  RSV 000  MASK 0/);
  await context.close();
});

test("goes by keyboard", async () => {
  const { page, context } = await openReport("#matrix&view=case&v=fail");
  await page.locator("#matrix-filter input").focus();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.tagName === "TD")) { break; }
  }
  const place = () => page.evaluate(() => {
    const cell = document.activeElement;
    return [cell.tagName, cell.parentElement.rowIndex, cell.cellIndex];
  });
  const [tag, row, column] = await place();
  assert.equal(tag, "TD", "Tab reaches the matrix");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await place(), ["TD", row, column + 1]);
  await page.keyboard.press("ArrowDown");
  const cell = await place();
  assert.ok(cell[1] > row);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#case:not([hidden]) h2");
  const there = await page.evaluate(() => document.activeElement.closest("#case") !== null);
  assert.ok(there, "the page of the case has the focus");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#by-case:visible");
  assert.deepEqual(await place(), cell, "the cell has the focus again");
  await context.close();
});

test("fits a phone", async () => {
  const { page, context } = await openReport("", { viewport: { width: 320, height: 640 } });
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  await page.waitForSelector("#matrix-filter:not([hidden])");
  assert.ok(await width() <= 320, `the page is ${await width()} px wide`);
  await page.evaluate(() => { for (const item of document.querySelectorAll("details")) { item.open = true; } });
  assert.ok(await width() <= 320, `with all open, the page is ${await width()} px wide`);
  await openFailingCase(page);
  assert.ok(await width() <= 320, `the page of a case is ${await width()} px wide`);
  await context.close();
});

test("is dark where that is asked for", async () => {
  const { page, context } = await openReport("", { colorScheme: "dark" });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue] = background.match(/\d+/g).map(Number);
  assert.ok(red + green + blue < 150, background);
  await context.close();
});

test("works without JavaScript", async () => {
  const { page, context } = await openReport("", { javaScriptEnabled: false });
  assert.ok(await page.locator("#by-requirement tbody tr:visible").count() > 10);
  assert.ok(await page.locator("#by-case tbody tr:visible").count() > 30);
  await page.locator("#by-case td.f a").first().click();
  assert.match(page.url(), /#finding-\d+$/);
  const finding = page.locator(page.url().replace(/.*#/, "#"));
  assert.ok(await finding.locator(".clause").first().isVisible());
  assert.ok(await finding.locator("pre.trace").first().isVisible());
  assert.equal(await page.locator("#matrix-filter").isVisible(), false);
  await context.close();
});

test("prints the matrix whole", async () => {
  const { page, context } = await openReport();
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("nav").isVisible(), false);
  const cut = await page.evaluate(() => {
    const box = document.querySelector("div.matrix");
    return box.scrollHeight - box.clientHeight;
  });
  assert.ok(cut <= 1, `${cut} px of the matrix would be cut off`);
  await context.close();
});

test("shows hostile text as text", async () => {
  const { page, context, troubles } = await open(browser, hostileReport());
  await page.waitForSelector("#matrix-filter:not([hidden])");
  const ids = await page.evaluate(() => [...document.querySelectorAll("#by-case tr[data-c] th")].map((cell) => cell.textContent));
  for (const id of ids) {
    await page.evaluate((name) => { location.hash = "#case=" + encodeURIComponent(name) + "&target=0"; }, id);
    await eventually("the page of " + id, async () =>
      await page.locator("#case .where code").first().textContent({ timeout: 100 }).catch(() => "") === id);
  }
  const count = (selector) => page.locator(selector).count();
  assert.equal(await count("img, iframe, object, embed, link, form, base"), 0);
  assert.equal(await count("script:not([type])"), 1);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("*")]
    .some((element) => [...element.attributes].some((attribute) => attribute.name.startsWith("on")))), false);
  assert.ok((await page.content()).includes("&lt;script&gt;"));
  assert.deepEqual(troubles, []);
  await context.close();
});
