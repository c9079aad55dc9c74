"use strict";
// What the other files share. Elements are made one by one and text is set as
// text: nothing that came from a peer is ever read as markup.

const VERDICTS = ["fail", "error", "warn", "pass", "info", "skip"];
const ICONS = { fail: "\u2717", error: "?", warn: "!", pass: "\u2713", info: "i", skip: "\u2013" };

// make("td", {class: "n"}, "text", element, ...)
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function badge(verdict) {
  const known = VERDICTS.includes(verdict);
  return make("span", { class: known ? "v " + verdict : "dim" },
    make("i", { "aria-hidden": "true" }, known ? ICONS[verdict] : "\u00b7"), verdict || "none");
}

function milliseconds(microseconds) {
  return (Number(microseconds) / 1000).toFixed(3) + " ms";
}

// -- the data blocks (reports/html/page.md) ---------------------------------

const CASES_OF_BLOCK = 40;
const blocks = new Map();

async function inflate(base64) {
  const octets = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// Each block is inflated once.
function block(name) {
  if (!blocks.has(name)) {
    const element = document.getElementById("data-" + name);
    blocks.set(name, element ? inflate(element.textContent) : Promise.resolve(null));
  }
  return blocks.get(name);
}

async function resultsOf(caseNumber, target) {
  const found = await block(Math.floor(caseNumber / CASES_OF_BLOCK));
  return found === null ? [] :
    found.results.filter((result) => result.c === caseNumber && result.t === target);
}

// -- addresses --------------------------------------------------------------

// "#case=closing.reply&target=0" as a map; a plain anchor gives an empty one.
function address() {
  const words = new Map();
  for (const part of location.hash.slice(1).split("&")) {
    const at = part.indexOf("=");
    const key = at < 0 ? part : part.slice(0, at);
    let value = at < 0 ? "" : part.slice(at + 1);
    try { value = decodeURIComponent(value); } catch (_) { value = ""; }
    if (key !== "") { words.set(key, value); }
  }
  return words;
}

function hashOf(words) {
  return "#" + [...words].map(([key, value]) =>
    value === "" ? key : key + "=" + encodeURIComponent(value)).join("&");
}

// -- copying ----------------------------------------------------------------

// A file that was opened from disk may have no clipboard: then by selection.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (_) {
    const area = make("textarea", { readonly: true, "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

// Says what happened in its own words, for a moment.
function copyButton(words, text) {
  const button = make("button", { type: "button" }, words);
  button.addEventListener("click", async () => {
    button.textContent = await copy(typeof text === "function" ? text() : text) ? "Copied" : "Could not copy";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
  return button;
}

function downloadButton(words, name, content) {
  const button = make("button", { type: "button" }, words);
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(content());
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
  return button;
}
