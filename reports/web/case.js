// The page of a case: what it asks for, the verdict clause by clause, and
// script | time | wire side by side.

const casePage = (() => {
  const section = document.getElementById("case");
  let unmasked = true;
  let origin = "#matrix";   // where the reader came from
  let current = null;

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

  function clause(shared, row) {
    const [at, strength, verdict, label, expected, got, line, , absent] = row;
    const list = make("dl", {});
    const add = (name, value) => { if (value !== "") { list.append(make("dt", {}, name), make("dd", {}, value)); } };
    add("variation", label);
    add(strength === "note" ? "noted" : "expected", expected);
    add("got", got);
    add("asked as", strength + (line > 0 ? ", line " + line : "") + (absent ? ", rests on something that did not come" : ""));
    return make("li", { class: "clause c-" + verdict }, make("p", {}, badge(verdict), " ", requirement(shared, at) || ""), list);
  }

  function clauses(shared, result) {
    const broken = result.clauses.filter((row) => ["fail", "error", "warn"].includes(row[2]));
    const others = result.clauses.filter((row) => !broken.includes(row));
    const list = (rows) => make("ul", { class: "clauses" }, ...rows.map((row) => clause(shared, row)));
    const parts = [];
    if (broken.length !== 0) { parts.push(list(broken)); }
    if (others.length !== 0) {
      parts.push(make("details", { open: broken.length === 0 }, make("summary", {}, others.length +
        (broken.length === 0 ? " clauses" : " other clauses")), list(others)));
    }
    return make("div", {}, ...parts);
  }

  // -- the script -----------------------------------------------------------

  // The worst verdict that a line led to, and the first event of its steps.
  function lineInfo(result, line) {
    const order = ["fail", "error", "warn"];
    const found = result.clauses.filter((row) => row[6] === line).map((row) => order.indexOf(row[2])).filter((at) => at >= 0);
    const step = result.steps.find((row) => row[0] === line && row[4] >= 0);
    return { verdict: found.length === 0 ? "" : order[Math.min(...found)], event: step === undefined ? -1 : step[4] };
  }

  function script(info, result) {
    const lines = info.source.map((text, index) => {
      const { verdict, event } = lineInfo(result, info.line + index);
      const number = make("span", {}, String(info.line + index));
      const body = event < 0 ? make("span", {}, text) :
        make("a", { href: "#event-" + event, title: "what went over the wire" }, text);
      return make("li", { class: verdict || null, "data-line": info.line + index }, number, body,
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
    return make("section", { "aria-label": title }, make("h3", {}, title), ...children);
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
    place.replaceChildren(make("h3", {}, "Wire"), make("p", {}, mask), wire.legend(), wire.list(result, unmasked));
  }

  function tools(shared, info, result, number) {
    const bar = make("div", { class: "tools" }, copyButton("Copy command", command(shared, info)));
    const connections = [...new Set(result.events.map((row) => row[1]))].slice(0, 4);
    for (const connection of connections) {
      bar.append(downloadButton("Download what the peer sent" + (connections.length > 1 ? ", #" + connection : ""),
        info.id + "-" + number + "-" + connection + "-received.bin", () => wire.stream(result, connection, 1)));
    }
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
      make("div", { class: "head" }, make("h2", {}, info.title), badge(result.verdict)),
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
      make("ul", { class: "words" }, ...info.requirements.map((at) => make("li", {}, requirement(shared, at)))),
      tools(shared, info, result, number),
      make("p", { class: "again" }, make("code", {}, command(shared, info))),
      clauses(shared, result),
      result.left_out ? make("p", { class: "dim" }, "Parts of this conversation were left out to keep this file small: the run document has all of it.") : "",
      make("div", { class: "three" }, column("Script", script(info, result)), column("Time", timeline.list(result)), place));
  }

  function missing(words) {
    section.replaceChildren(make("p", {}, make("a", { href: "#matrix" }, "\u2190 to the matrix")), make("p", {}, words));
  }

  function light(number) {
    for (const element of section.querySelectorAll(".lit")) { element.classList.remove("lit"); }
    const event = document.getElementById("event-" + number);
    const line = section.querySelector(".time [data-event='" + Number(number) + "']");
    if (event) {
      event.classList.add("lit");
      event.scrollIntoView({ block: "center" });
      event.focus({ preventScroll: true });
    }
    if (line) { line.classList.add("lit"); }
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#event-']");
    if (link) {
      event.preventDefault();
      light(link.getAttribute("href").slice("#event-".length));
    }
  });

  // The event that a broken clause rests on, to begin with.
  function failing(result) {
    const broken = result.clauses.find((row) => row[2] === "fail" || row[2] === "error" || row[2] === "warn");
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
    draw(shared, shared.cases[number], number, target, results, chosen);
    window.scrollTo(0, 0);
    section.tabIndex = -1;
    section.focus({ preventScroll: true });
    if (words.has("event")) { light(words.get("event") || failing(current)); }
  }

  function hide() {
    section.hidden = true;
    section.replaceChildren();
    document.body.classList.remove("on-case");
  }

  return { show, hide, remember(hash) { origin = hash || "#matrix"; }, origin: () => origin };
})();
