// The time of a result: one line an event, ours on the left and the peer's on
// the right, and the pauses between them.

const timeline = (() => {
  const PAUSE = 20000; // microseconds from which a pause is shown

  function short(event, frames) {
    const first = frames.find((frame) => frame[1] === event.connection && frame[2] === event.direction &&
      Number(frame[3]) >= event.offset && Number(frame[3]) < event.offset + event.octets.length);
    if (event.kind !== "data") { return { open: "connect", fin: "FIN", rst: "RST" }[event.kind] || "close"; }
    if (first === undefined) { return event.offset === 0 ? "HTTP" : event.octets.length + event.left + " octets"; }
    return { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" }[first[6]] || "reserved";
  }

  function line(event, frames, connections) {
    const link = make("a", { href: "#event-" + event.number, class: event.direction === 0 ? "sent" : "received" },
      (event.direction === 0 ? "" : "\u2190 ") + short(event, frames) + (event.direction === 0 ? " \u2192" : ""));
    const at = make("span", { class: "at", title: "since the case began" },
      (event.t / 1000).toFixed(1) + (connections > 1 ? " #" + event.connection : ""));
    const none = () => make("span", {});
    return make("li", { "data-event": event.number }, event.direction === 0 ? link : none(), at, event.direction === 0 ? none() : link);
  }

  function list(result) {
    const events = result.events.map(wire.eventOf);
    const connections = new Set(events.map((event) => event.connection)).size;
    const items = [];
    let before = null;
    for (const event of events) {
      if (before !== null && event.t - before > PAUSE) {
        items.push(make("li", { class: "gap" }, ((event.t - before) / 1000).toFixed(0) + " ms"));
      }
      items.push(line(event, result.frames, connections));
      before = event.t;
    }
    return make("ol", { class: "time", "aria-label": "Events, milliseconds since the case began" }, ...items);
  }

  return { list };
})();
