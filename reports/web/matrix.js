// The matrix: which table is shown, filters with counts, and keys. Its state
// lives in the address, so that a view can be shared.

const matrix = (() => {
  const bar = document.getElementById("matrix-filter");
  const tables = { req: document.getElementById("by-requirement"), case: document.getElementById("by-case") };
  if (!bar || !tables.req || !tables.case) { return { show() {} }; }

  const LETTERS = { p: "pass", f: "fail", w: "warn", e: "error", i: "info", s: "skip" };
  const state = { view: "req", q: "", level: "", area: "", v: new Set(), differs: false, changed: false };
  const controls = {};

  // -- reading the tables, once -------------------------------------------

  function readRow(row, group) {
    const cells = [...row.cells].filter((cell) => cell.tagName === "TD" && /^[pfweisn]$/.test(cell.className));
    const verdicts = cells.map((cell) => LETTERS[cell.className] || "none");
    const level = row.querySelector(".level");
    return {
      row, group, cells,
      text: row.textContent.toLowerCase(),
      level: level ? level.textContent : "",
      verdicts: new Set(verdicts),
      differs: new Set(verdicts.filter((verdict) => verdict !== "none")).size > 1,
      changed: cells.some((cell) => cell.dataset.was !== undefined),
    };
  }

  function readTable(table) {
    const rows = [];
    const groups = [];
    for (const body of table.tBodies) {
      const group = { body, name: body.dataset.s || "", shown: 0 };
      groups.push(group);
      for (const row of body.rows) {
        if (!row.classList.contains("roll")) { rows.push(readRow(row, group)); }
      }
    }
    return { table, rows, groups };
  }

  const read = { req: readTable(tables.req), case: readTable(tables.case) };

  // -- filtering ------------------------------------------------------------

  // Everything but what `except` names: its counts say what it would add.
  function fits(item, except) {
    return (except === "q" || item.text.includes(state.q.toLowerCase())) &&
      (except === "level" || state.level === "" || item.level === state.level || item.level === "") &&
      (except === "area" || state.area === "" || item.group.name === state.area) &&
      (except === "v" || state.v.size === 0 || [...state.v].some((verdict) => item.verdicts.has(verdict))) &&
      (except === "differs" || !state.differs || item.differs) &&
      (except === "changed" || !state.changed || item.changed);
  }

  function count(except, holds) {
    let number = 0;
    for (const item of read[state.view].rows) { number += fits(item, except) && holds(item) ? 1 : 0; }
    return number;
  }

  function apply() {
    const { rows, groups } = read[state.view];
    let shown = 0;
    for (const group of groups) { group.shown = 0; }
    for (const item of rows) {
      const fit = fits(item, "");
      if (item.row.hidden === fit) { item.row.hidden = !fit; }
      shown += fit ? 1 : 0;
      item.group.shown += fit ? 1 : 0;
    }
    for (const group of groups) { group.body.hidden = group.shown === 0; }
    tables.req.parentElement.hidden = state.view !== "req";
    tables.case.parentElement.hidden = state.view !== "case";
    reach(rows.find((item) => !item.row.hidden));
    controls.output.textContent = shown + " of " + rows.length + (state.view === "req" ? " requirements" : " cases");
    label();
  }

  function label() {
    for (const [name, button] of Object.entries(controls.view)) {
      button.setAttribute("aria-pressed", String(state.view === name));
    }
    for (const [verdict, button] of Object.entries(controls.v)) {
      button.setAttribute("aria-pressed", String(state.v.has(verdict)));
      button.lastChild.textContent = " " + count("v", (item) => item.verdicts.has(verdict));
    }
    for (const name of ["differs", "changed"]) {
      controls[name].setAttribute("aria-pressed", String(state[name]));
      controls[name].lastChild.textContent = " " + count(name, (item) => item[name]);
    }
    for (const name of ["level", "area"]) {
      controls[name].hidden = controls[name].dataset.view !== undefined && controls[name].dataset.view !== state.view;
      controls[name].value = state[name];
    }
  }

  // -- controls ---------------------------------------------------------------

  function save() {
    const words = new Map([["matrix", ""]]);
    if (state.view !== "req") { words.set("view", state.view); }
    if (state.q !== "") { words.set("q", state.q); }
    if (state.level !== "") { words.set("level", state.level); }
    if (state.area !== "") { words.set("area", state.area); }
    if (state.v.size !== 0) { words.set("v", [...state.v].join(",")); }
    if (state.differs) { words.set("differs", ""); }
    if (state.changed) { words.set("changed", ""); }
    history.replaceState(null, "", hashOf(words));
    apply();
  }

  function toggle(words, act) {
    const button = make("button", { type: "button", "aria-pressed": "false" }, words, make("span", { class: "dim" }));
    button.addEventListener("click", () => { act(); save(); });
    return button;
  }

  function choice(name, words, options) {
    const select = make("select", { "aria-label": words },
      make("option", { value: "" }, words), ...options.map((option) => make("option", { value: option }, option)));
    select.addEventListener("change", () => { state[name] = select.value; save(); });
    return select;
  }

  function group(...children) {
    return make("span", { class: "group" }, ...children);
  }

  function areas() {
    controls.area.replaceChildren(make("option", { value: "" }, state.view === "req" ? "any section" : "any area"),
      ...read[state.view].groups.map((found) => make("option", { value: found.name }, found.name)));
  }

  function turnTo(view) {
    state.view = view;
    state.area = "";
    areas();
  }

  function build() {
    controls.view = {
      req: toggle("By requirement", () => turnTo("req")),
      case: toggle("By case", () => turnTo("case")),
    };
    controls.v = {};
    for (const verdict of VERDICTS) {
      controls.v[verdict] = toggle(verdict, () => {
        if (!state.v.delete(verdict)) { state.v.add(verdict); }
      });
    }
    controls.differs = toggle("differs", () => { state.differs = !state.differs; });
    controls.changed = toggle("changed", () => { state.changed = !state.changed; });
    controls.level = choice("level", "any level", ["MUST", "SHOULD", "MAY"]);
    controls.level.dataset.view = "req";
    controls.area = choice("area", "any section", []);
    controls.q = make("input", { type: "search", placeholder: "words of a title or an id", "aria-label": "Words to look for" });
    controls.q.addEventListener("input", () => { state.q = controls.q.value; save(); });
    controls.output = make("output", { "aria-live": "polite" });
    const many = read.req.rows.length !== 0 && read.req.rows[0].cells.length > 1;
    controls.differs.hidden = !many;
    controls.changed.hidden = document.getElementById("diff") === null;
    bar.append(group(controls.view.req, controls.view.case), group(...Object.values(controls.v)),
      group(controls.differs, controls.changed), controls.level, controls.area, controls.q, controls.output);
    bar.hidden = false;
    areas();
  }

  // -- keys and clicks ----------------------------------------------------------

  function itemOf(cell) {
    const row = cell.parentElement;
    return read[state.view].rows.find((item) => item.row === row);
  }

  // A case's cell leads to its page; a requirement's to the case that decided.
  async function open(cell) {
    const item = itemOf(cell);
    const target = item ? item.cells.indexOf(cell) : -1;
    if (target < 0 || cell.className === "n") { return; }
    const shared = await block("shared");
    let number = item.row.dataset.c;
    if (number === undefined) { number = caseThatDecided(shared, Number(item.row.dataset.r), target, cell.className); }
    if (number !== undefined) {
      focus(cell); // to be there again on the way back
      location.hash = hashOf(new Map([["case", shared.cases[number].id], ["target", String(target)]]));
    }
  }

  function caseThatDecided(shared, requirement, target, letter) {
    const citing = shared.cases.map((info, number) => info.requirements.includes(requirement) ? number : -1)
      .filter((number) => number >= 0);
    const same = citing.find((number) => {
      const found = read.case.rows.find((item) => item.row.dataset.c === String(number));
      return found && found.cells[target] && found.cells[target].className === letter;
    });
    return same === undefined ? citing[0] : same;
  }

  function neighbour(cell, key) {
    const rows = read[state.view].rows.filter((item) => !item.row.hidden && !item.group.body.hidden);
    const at = rows.findIndex((item) => item.row === cell.parentElement);
    const column = at < 0 ? -1 : rows[at].cells.indexOf(cell);
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    const row = rows[at + step[0]];
    return row === undefined ? null : row.cells[column + step[1]] || null;
  }

  // One cell of a table can be reached by Tab; arrows go on from there.
  function stopAt(cell) {
    for (const other of cell.closest("table").querySelectorAll("td[tabindex='0']")) { other.tabIndex = -1; }
    cell.tabIndex = 0;
  }

  // That cell has to be in sight.
  function reach(first) {
    const stop = tables[state.view].querySelector("td[tabindex='0']");
    if (first && first.cells.length !== 0 && (!stop || stop.parentElement.hidden)) { stopAt(first.cells[0]); }
  }

  function focus(cell) {
    stopAt(cell);
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function listen(table, rows) {
    table.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      if (cell && /^[pfweis]$/.test(cell.className)) {
        event.preventDefault();
        open(cell);
      }
    });
    table.addEventListener("keydown", (event) => {
      const cell = event.target.closest("td");
      if (!cell || !/^[pfweisn]$/.test(cell.className)) { return; }
      if (event.key === "Enter") {
        event.preventDefault();
        open(cell);
      } else if (event.key.startsWith("Arrow")) {
        const next = neighbour(cell, event.key);
        if (next) { event.preventDefault(); focus(next); }
      }
    });
    // The links inside are for readers without script: Enter does the same.
    for (const item of rows) {
      for (const cell of item.cells) {
        if (cell.firstElementChild) { cell.firstElementChild.tabIndex = -1; }
      }
    }
  }

  build();
  listen(tables.req, read.req.rows);
  listen(tables.case, read.case.rows);

  return {
    // Takes the state from the address.
    show(words) {
      turnTo(words.get("view") === "case" ? "case" : "req");
      state.q = words.get("q") || "";
      state.level = words.get("level") || "";
      state.area = words.get("area") || "";
      state.v = new Set((words.get("v") || "").split(",").filter((verdict) => VERDICTS.includes(verdict)));
      state.differs = words.has("differs");
      state.changed = words.has("changed");
      controls.q.value = state.q;
      apply();
    },
  };
})();
