// The page of a case: what it asks for, the verdict clause by clause, and
// script | time | wire side by side.

const casePage = (() => {
  const section = document.getElementById("case");
  let unmasked = true;
  let origin = "#matrix";   // where the reader came from
  const BROKEN = ["fail", "error", "warn"];
  const title = document.title;
  let current = null;
  let left = null;          // what had the focus there, and how far down it was

  function requirement(shared, at) {
    const row = shared.requirements[at];
    if (row === undefined) { return null; }
    const [id, level, rfc, number, statement, url] = row;
    const words = (rfc === "WHATWG" ? "" : "RFC ") + rfc + " \u00a7" + number;
    // Only addresses of the kind that the writer makes are links.
    const link = url.startsWith("https://") ? make("a", { href: url, rel: "noreferrer" }, words) : words;
    return make("span", {}, make("a", { href: "#req-" + id }, make("code", {}, id)), " ",
      make("b", { class: "level" }, level), " " + statement + " ", link);
  }

  // What was expected and what came; a clause that follows one of the same
  // requirement and verdict does not repeat it.
  function clause(shared, result, row, before) {
    const [at, strength, verdict, label, expected, got, line, step, absent] = row;
    const same = before !== undefined && before[0] === at && before[2] === verdict;
    const list = make("dl", {});
    const add = (name, ...value) => { if (value[0] !== "") { list.append(make("dt", {}, name), make("dd", { class: name }, ...value)); } };
    const event = result.steps[step] === undefined ? -1 : result.steps[step][4];
    add(strength === "note" ? "noted" : "expected", expected);
    add("got", got);
    add("variation", label);
    add("asked as", strength + (absent ? ", rests on something that did not come" : ""),
      line > 0 ? ", " : "", line > 0 ? make("a", { href: "#line-" + line }, "line " + line) : "",
      event >= 0 ? ", " : "", event >= 0 ? make("a", { href: "#event-" + event }, "on the wire") : "");
    return make("li", { class: "clause c-" + verdict + (same ? " more" : "") },
      same ? "" : make("p", {}, badge(verdict), " ", requirement(shared, at) || ""), list);
  }

  function clauses(shared, result) {
    const broken = result.clauses.filter((row) => BROKEN.includes(row[2]));
    const others = result.clauses.filter((row) => !broken.includes(row));
    const list = (rows) => make("ul", { class: "clauses" }, ...rows.map((row, at) => clause(shared, result, row, rows[at - 1])));
    const parts = [];
    if (broken.length !== 0) { parts.push(list(broken)); }
    if (others.length !== 0) {
      parts.push(make("details", { open: broken.length === 0 }, make("summary", {}, others.length +
        (broken.length === 0 ? " clauses" : " other clauses")), list(others)));
    }
    return make("div", {}, ...parts);
  }

  // What the case cites and no clause names.
  function restOf(shared, info, result) {
    const named = new Set(result.clauses.map((row) => row[0]));
    const rest = info.requirements.filter((at) => !named.has(at));
    return rest.length === 0 ? "" : make("ul", { class: "words" }, ...rest.map((at) => make("li", {}, requirement(shared, at))));
  }

  // -- the script -----------------------------------------------------------

  // The worst verdict that a line led to, and the first event of its steps.
  function lineInfo(result, line) {
    const found = result.clauses.filter((row) => row[6] === line).map((row) => BROKEN.indexOf(row[2])).filter((at) => at >= 0);
    const step = result.steps.find((row) => row[0] === line && row[4] >= 0);
    return { verdict: found.length === 0 ? "" : BROKEN[Math.min(...found)], event: step === undefined ? -1 : step[4] };
  }

  function script(info, result) {
    const lines = info.source.map((text, index) => {
      const { verdict, event } = lineInfo(result, info.line + index);
      const number = make("span", {}, String(info.line + index));
      const body = event < 0 ? make("span", {}, text) :
        make("span", {}, /^\s*/.exec(text)[0], make("a", { href: "#event-" + event, title: "what went over the wire" }, text.trimStart()));
      return make("li", { class: verdict || null, id: "line-" + (info.line + index), tabindex: "-1" }, number, body,
        verdict === "" ? "" : badge(verdict));
    });
    return make("ol", { class: "script", "aria-label": "The script of the case" }, ...lines);
  }

  // -- putting it together ----------------------------------------------------

  function command(shared, info) {
    const word = (text) => /^[\w./:=@%+,{}-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'";
    return [...shared.command, "--seed", String(shared.seed), info.id].map(word).join(" ");
  }

  function column(title, ...children) {
    return make("section", { "aria-label": title, tabindex: "0" }, make("h3", {}, title), ...children);
  }

  function drawWire(result, place) {
    const mask = make("button", { type: "button", "aria-pressed": String(unmasked) }, "Unmasked payload");
    mask.addEventListener("click", () => {
      unmasked = !unmasked;
      const top = window.scrollY;
      drawWire(result, place);
      window.scrollTo(0, top);
      place.querySelector("button").focus();
    });
    place.replaceChildren(make("h3", {}, "Wire ", mask), wire.legend(), wire.list(result, unmasked));
  }

  function tools(shared, info, result, number) {
    const bar = make("div", { class: "tools" }, copyButton("Copy command", command(shared, info)));
    const connections = [...new Set(result.events.map((row) => row[1]))].slice(0, 4);
    for (const connection of connections) {
      bar.append(downloadButton("Download what the peer sent" + (connections.length > 1 ? ", #" + connection : ""),
        info.id + "-" + number + "-" + connection + "-received.bin", () => wire.stream(result, connection, 1)));
    }
    bar.append(downloadButton("Download as text", info.id + "-" + number + ".txt", () =>
      wire.transcript(result, info.id + ": " + info.title + "\n" + result.verdict + " " + result.reason + "\n" + command(shared, info))));
    return bar;
  }

  function heading(shared, info, result, target, others) {
    const back = make("a", { href: origin }, "\u2190 back");
    const choice = make("select", { "aria-label": "Implementation" }, ...shared.targets.map((found, at) =>
      make("option", { value: at, selected: at === target }, found.agent)));
    choice.addEventListener("change", () => {
      location.hash = hashOf(new Map([["case", info.id], ["target", choice.value]]));
    });
    const variants = others.length < 2 ? "" : make("span", { class: "dim" }, ...others.map((other, at) =>
      make("a", { href: hashOf(new Map([["case", info.id], ["target", String(target)], ["result", String(at)]])) },
        other.variant + (other.chop === "whole" ? "" : ", " + other.chop) + " ")));
    return make("div", {}, make("p", {}, back),
      make("div", { class: "head" }, make("h2", { tabindex: "-1" }, info.title), badge(result.verdict)),
      make("p", { class: "where" }, make("code", {}, info.id), " ", make("span", { class: "dim" }, info.file + ":" + info.line), " ", choice, " ", variants));
  }

  function draw(shared, info, number, target, results, chosen) {
    const result = results[chosen] || results[0];
    const place = make("section", { "aria-label": "Wire" });
    drawWire(result, place);
    section.replaceChildren(
      heading(shared, info, result, target, results),
      result.reason === "" ? "" : make("p", { class: "reason" }, result.reason),
      result.known === undefined ? "" : make("p", { class: "notice" }, "A known deviation (" + result.known.state + "): " + result.known.why),
      restOf(shared, info, result),
      clauses(shared, result),
      make("p", { class: "again" }, "Repeat just this ", make("code", {}, command(shared, info))),
      tools(shared, info, result, number),
      result.left_out ? make("p", { class: "dim" }, "Parts of this conversation were left out to keep this file small: the run document has all of it.") : "",
      make("div", { class: "three" }, column("Script", script(info, result)), column("Time", timeline.list(result)), place));
  }

  function missing(words) {
    section.replaceChildren(make("p", {}, make("a", { href: "#matrix" }, "\u2190 to the matrix")), make("p", {}, words));
  }

  function dim() {
    for (const element of section.querySelectorAll(".lit")) { element.classList.remove("lit"); }
  }

  // Into sight within its own column, without moving the page.
  function within(element) {
    const box = element.closest("section");
    const inside = element.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += inside - box.clientHeight / 2;
  }

  // An event, where it stands in all three columns.
  function light(number) {
    const event = document.getElementById("event-" + number);
    if (!event || !section.contains(event)) { return; }
    dim();
    const lines = new Set(current.steps.filter((step) => step[4] === Number(number)).map((step) => step[0]));
    const others = [section.querySelector(".time [data-event='" + Number(number) + "']"),
      ...[...lines].map((line) => document.getElementById("line-" + line))].filter((found) => found !== null);
    for (const found of [...others, event]) { found.classList.add("lit"); }
    const folded = event.querySelector("details");
    if (folded) { folded.open = true; }
    event.scrollIntoView({ block: "center" });
    others.forEach(within);
    event.focus({ preventScroll: true });
  }

  function lightLine(id) {
    const line = document.getElementById(id);
    if (!line || !section.contains(line)) { return; }
    dim();
    line.classList.add("lit");
    within(line);
    line.scrollIntoView({ block: "nearest" });
    line.focus({ preventScroll: true });
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#event-'], a[href^='#line-']");
    if (!link) { return; }
    event.preventDefault();
    const id = link.getAttribute("href").slice(1);
    if (id.startsWith("line-")) { lightLine(id); } else { light(id.slice("event-".length)); }
  });

  // The event that a broken clause rests on, to begin with.
  function failing(result) {
    const broken = result.clauses.find((row) => BROKEN.includes(row[2]));
    const step = broken === undefined ? undefined : result.steps[broken[7]];
    return step === undefined || step[4] < 0 ? "" : String(step[4]);
  }

  async function show(words) {
    const token = location.hash;
    const shared = await block("shared");
    const number = shared === null ? -1 : shared.cases.findIndex((info) => info.id === words.get("case"));
    const target = Number(words.get("target") || 0);
    const results = number < 0 ? [] : await resultsOf(number, target);
    if (location.hash !== token) { return; } // somebody was faster
    section.hidden = false;
    document.body.classList.add("on-case");
    if (results.length === 0) {
      missing("This report has no such result.");
      return;
    }
    const chosen = Number(words.get("result") || 0);
    current = results[chosen] || results[0];
    const info = shared.cases[number];
    draw(shared, info, number, target, results, chosen);
    window.scrollTo(0, 0);
    document.title = info.id + ": " + info.title;
    section.querySelector("h2").focus({ preventScroll: true });
    if (words.has("event")) { light(words.get("event") || failing(current)); }
  }

  function hide() {
    section.hidden = true;
    section.replaceChildren();
    document.body.classList.remove("on-case");
    document.title = title;
  }

  // Where the reader was before, to be there again.
  function remember(hash) {
    origin = hash || "#matrix";
    left = { element: document.activeElement, top: window.scrollY };
  }

  // True: the address is where the reader came from, and all is as it was.
  function restore(hash) {
    const place = left;
    left = null;
    if (place === null || (hash || "#matrix") !== origin) { return false; }
    window.scrollTo(0, place.top);
    if (place.element.checkVisibility()) {
      place.element.focus({ preventScroll: true });
      place.element.scrollIntoView({ block: "nearest" });
    }
    return true;
  }

  return { show, hide, remember, restore, origin: () => origin };
})();
