// Filters for the list of cases. The page is whole without them; their state
// lives in the address (#v=fail,warn&q=ping), so that a view can be shared.
(function () {
  "use strict";
  var bar = document.getElementById("filter");
  var cases = Array.prototype.slice.call(document.querySelectorAll(".case"));
  if (!bar || !cases.length) { return; }
  var state = { v: [], q: "" };
  var buttons = {};
  var input = document.createElement("input");
  var output = document.createElement("output");

  function apply() {
    var shown = 0;
    var words = state.q.toLowerCase();
    cases.forEach(function (item) {
      var fits = !state.v.length || state.v.indexOf(item.dataset.v) >= 0;
      var head = item.firstElementChild.textContent.toLowerCase();
      item.hidden = !(fits && head.indexOf(words) >= 0);
      shown += item.hidden ? 0 : 1;
    });
    Object.keys(buttons).forEach(function (name) {
      buttons[name].setAttribute("aria-pressed", state.v.indexOf(name) >= 0);
    });
    output.textContent = shown + " of " + cases.length;
  }

  function save() {
    var parts = [];
    if (state.v.length) { parts.push("v=" + state.v.join(",")); }
    if (state.q) { parts.push("q=" + encodeURIComponent(state.q)); }
    history.replaceState(null, "", "#" + (parts.join("&") || "cases"));
    apply();
  }

  function decoded(text) {
    try { return decodeURIComponent(text); } catch (e) { return ""; }
  }

  // A plain fragment leads to an element: what folds it away opens.
  function load() {
    var hash = location.hash.slice(1);
    var target = document.getElementById(decoded(hash));
    if (/^[vq]=/.test(hash)) {
      state = { v: [], q: "" };
      hash.split("&").forEach(function (part) {
        if (part.slice(0, 2) === "v=") { state.v = part.slice(2).split(","); }
        if (part.slice(0, 2) === "q=") { state.q = decoded(part.slice(2)); }
      });
      input.value = state.q;
      apply();
      return;
    }
    for (; target; target = target.parentElement) {
      if (target.tagName === "DETAILS") { target.open = true; target.hidden = false; }
    }
  }

  ["fail", "error", "warn", "pass", "info", "skip"].forEach(function (name) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", function () {
      var at = state.v.indexOf(name);
      if (at >= 0) { state.v.splice(at, 1); } else { state.v.push(name); }
      save();
    });
    buttons[name] = button;
    bar.appendChild(button);
  });
  input.type = "search";
  input.placeholder = "words of a title or an id";
  input.setAttribute("aria-label", "Filter cases");
  input.addEventListener("input", function () { state.q = input.value; save(); });
  bar.appendChild(input);
  output.setAttribute("aria-live", "polite");
  bar.appendChild(output);
  bar.hidden = false;
  window.addEventListener("hashchange", load);
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".finding details").forEach(function (item) { item.open = true; });
  });
  apply();
  load();
})();
