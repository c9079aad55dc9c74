// The time of a result: one row an event between the lifelines of the two
// sides, ours on the left and the peer's on the right. Connections that are open
// at the same time stand side by side; pauses take room as they last.

const timeline = (() => {
  const PAUSE = 20000;   // microseconds from which a pause is told in words
  const LANES_MAX = 3;   // side by side

  function short(event, frames) {
    const first = frames.find((frame) => frame[1] === event.connection && frame[2] === event.direction &&
      Number(frame[3]) >= event.offset && Number(frame[3]) < event.offset + event.octets.length);
    if (event.kind !== "data") { return { open: "connect", fin: "FIN", rst: "RST" }[event.kind] || "close"; }
    if (first === undefined) { return event.offset === 0 ? "HTTP" : event.octets.length + event.left + " octets"; }
    return wire.opcodeName(first[6]);
  }

  // A lane is taken again once the connection before has nothing more to say; that
  // it is given up may come much later.
  function lanesOf(events) {
    const last = new Map(events.filter((event) => event.kind === "data" || event.kind === "open")
      .map((event) => [event.connection, event.number]));
    const lanes = new Map();
    const free = [];  // free[lane]: the event after which it is
    for (const event of events) {
      if (lanes.has(event.connection)) { continue; }
      let lane = free.findIndex((end) => end < event.number);
      if (lane < 0) { lane = free.length < LANES_MAX ? free.length : LANES_MAX - 1; }
      free[lane] = Math.max(free[lane] || 0, last.get(event.connection) || event.number);
      lanes.set(event.connection, lane);
    }
    return { lanes, number: free.length };
  }

  function row(event, frames, { lane, number, several }) {
    const sent = event.direction === 0;
    const link = make("a", { href: "#event-" + event.number, class: sent ? "sent" : "received",
      title: "connection " + event.connection + ", " + wire.words(event) },
      short(event, frames), several && event.kind !== "data" ? " #" + event.connection : "");
    const cells = [];
    for (let at = 0; at < number; at++) {
      cells.push(make("span", { class: "lane" }, at === lane ? link : ""));
    }
    return make("li", { "data-event": event.number },
      make("span", { class: "at" }, (event.t / 1000).toFixed(1)), ...cells);
  }

  // Ten times as long is as much room again: 1 ms is little, 1 s can be seen.
  function room(pause) {
    return Math.round(10 * Math.log10(1 + pause / 1000));
  }

  function list(result) {
    const events = result.events.map(wire.eventOf);
    const { lanes, number } = lanesOf(events);
    const several = new Set(lanes.keys()).size > 1;
    const items = [];
    let before = null;
    for (const event of events) {
      const item = row(event, result.frames, { lane: lanes.get(event.connection), number, several });
      const pause = before === null ? 0 : event.t - before;
      if (pause > PAUSE) {
        items.push(make("li", { class: "gap" }, (pause / 1000).toFixed(0) + " ms"));
        items[items.length - 1].style.paddingBlock = room(pause) / 2 + "px";
      } else if (pause > 0) {
        item.style.setProperty("--room", room(pause) + "px");
      }
      items.push(item);
      before = event.t;
    }
    const heads = [];
    for (let at = 0; at < number && number < 3; at++) { // there is no room for more words
      heads.push(make("span", { class: "lane" }, make("span", {}, "wsspec"), make("span", {}, "peer")));
    }
    return make("div", {}, make("p", { class: "time-head", "aria-hidden": "true" }, make("span", { class: "at" }, "ms"), ...heads),
      make("ol", { class: "time", "aria-label": "Events, milliseconds since the case began" }, ...items));
  }

  return { list };
})();
