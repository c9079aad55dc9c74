// What the address asks for. Plain anchors are the browser's; what folds their
// element away is opened.

(() => {
  function reveal(id) {
    for (let element = document.getElementById(id); element; element = element.parentElement) {
      if (element.tagName === "DETAILS") { element.open = true; }
      if (element.hidden && element.id !== "case" && element.id !== "matrix-filter") { element.hidden = false; }
    }
    const target = document.getElementById(id);
    if (target) { target.scrollIntoView(); }
  }

  let before = "";

  function route() {
    const words = address();
    const onCase = words.has("case") && words.get("case") !== "";
    if (onCase) {
      if (!before.startsWith("#case=")) { casePage.remember(before); }
      casePage.show(words);
    } else {
      casePage.hide();
      if (words.has("matrix")) { matrix.show(words); }
      if (before.startsWith("#case=") && casePage.restore(location.hash)) {
        before = location.hash;
        return;
      }
      const id = [...words.keys()][0] || "";
      if (id !== "") { reveal(id); }
    }
    before = location.hash;
  }

  // Findings lead to the page of their case, at the frame that failed.
  async function linkFindings() {
    const shared = await block("shared");
    if (shared === null) { return; }
    for (const who of document.querySelectorAll(".finding .who")) {
      const id = who.closest(".finding").querySelector(".where code").textContent;
      const name = who.querySelector("summary b").textContent;
      const target = shared.targets.findIndex((found) => found.agent === name);
      if (target >= 0) {
        who.querySelector("summary").after(make("p", {}, make("a", {
          href: hashOf(new Map([["case", id], ["target", String(target)], ["event", ""]])),
        }, "Script, time and wire of this case")));
      }
    }
  }

  // Rows of the tables of status codes and changes lead there as well.
  document.addEventListener("click", async (event) => {
    const cell = event.target.closest(".codes td, .changes td");
    const row = cell && cell.closest("tr[data-c]");
    if (!row || event.target.closest("a") || row.closest("thead")) { return; }
    const shared = await block("shared");
    const target = row.closest(".codes") ? cell.cellIndex - 2 : shared.targets.findIndex((found) => found.agent === row.cells[2].textContent);
    if (target >= 0) {
      location.hash = hashOf(new Map([["case", shared.cases[row.dataset.c].id], ["target", String(target)]]));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("on-case")) { location.hash = casePage.origin(); }
  });

  window.addEventListener("hashchange", route);
  window.addEventListener("beforeprint", () => {
    for (const item of document.querySelectorAll("details")) { item.open = true; }
  });
  matrix.show(address());
  linkFindings();
  if (location.hash !== "") { route(); }
})();
