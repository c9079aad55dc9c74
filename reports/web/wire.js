// The wire of a result: frames as chips, octets as a dump with the fields of
// every frame header coloured and named.

const wire = (() => {
  const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
  const FIELDS = { "h-head": "FIN, RSV, opcode", "h-len": "MASK, length", "h-ext": "extended length",
    "h-key": "masking key", "h-pay": "payload", "h-http": "HTTP, or no frame" };
  const ROW = 16;
  const SHOWN = 2048;  // octets of an event
  const STEPS = 6;     // of an event

  function frameOf(row) {
    const [t, connection, direction, offset, fin, rsv, opcode, masked, key, length, form] = row;
    return { t, connection, direction, offset: Number(offset), fin, rsv, opcode, masked, key,
      length: Number(length), form };
  }

  function eventOf(row, number) {
    const [t, connection, direction, kind, offset, octets, left] = row;
    return { number, t: Number(t), connection, direction, kind, offset: Number(offset), octets, left };
  }

  // Frames that begin in an event, and where the last one before it goes on.
  function framesIn(event, frames) {
    const end = event.offset + event.octets.length + event.left;
    return frames.filter((frame) => frame.connection === event.connection && frame.direction === event.direction &&
      frame.offset < end && frame.offset + headerLength(frame) + frame.length > event.offset);
  }

  function headerLength(frame) {
    return 2 + { 7: 0, 16: 2, 64: 8 }[frame.form] + (frame.masked ? 4 : 0);
  }

  function opcodeName(opcode) {
    return OPCODES[opcode] || "reserved 0x" + Number(opcode).toString(16).toUpperCase();
  }

  // What stands at an offset of the stream: a class and the frame it is of.
  function fieldAt(offset, frames) {
    for (const frame of frames) {
      const at = offset - frame.offset;
      if (at < 0 || at >= headerLength(frame) + frame.length) { continue; }
      const key = headerLength(frame) - (frame.masked ? 4 : 0);
      if (at < 1) { return ["h-head", frame]; }
      if (at < 2) { return ["h-len", frame]; }
      if (at < key) { return ["h-ext", frame]; }
      return [at < headerLength(frame) ? "h-key" : "h-pay", frame];
    }
    return ["h-http", null];
  }

  // The octet as it means: payload without its masking key.
  function octetAt(event, index, field, unmasked) {
    const octet = event.octets.charCodeAt(index);
    const [kind, frame] = field;
    if (!unmasked || kind !== "h-pay" || !frame.masked || frame.key.length !== 8) { return octet; }
    const at = event.offset + index - frame.offset - headerLength(frame);
    return octet ^ parseInt(frame.key.substr(at % 4 * 2, 2), 16);
  }

  function dump(event, frames, unmasked) {
    const pre = make("pre", { class: "hex", tabindex: "0", role: "group", "aria-label": "Octets from " + event.offset + " on" });
    const length = Math.min(event.octets.length, SHOWN);
    for (let row = 0; row < length; row += ROW) {
      pre.append(make("b", {}, (event.offset + row).toString(16).padStart(6, "0")), "  ");
      let text = "";
      let run = null;
      for (let i = row; i < row + ROW; i++) {
        if (i >= length) { pre.append("   "); continue; }
        const field = fieldAt(event.offset + i, frames);
        const octet = octetAt(event, i, field, unmasked);
        if (run === null || run.className !== field[0]) {
          run = make("span", { class: field[0], title: FIELDS[field[0]] });
          pre.append(run);
        }
        run.append(octet.toString(16).padStart(2, "0") + " ");
        text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".";
      }
      pre.append(" " + text + "\n");
    }
    return pre;
  }

  // -- in words -----------------------------------------------------------------

  const plain = (octet) => octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) :
    "\\x" + octet.toString(16).padStart(2, "0").toUpperCase();

  function payloadText(event, frame) {
    let text = "";
    const begin = frame.offset + headerLength(frame);
    for (let i = 0; i < Math.min(frame.length, 48); i++) {
      const index = begin + i - event.offset;
      if (index < 0 || index >= event.octets.length) { break; }
      text += plain(octetAt(event, index, ["h-pay", frame], true));
    }
    return text === "" ? "" : "\u201c" + text + (frame.length > 48 ? "\u2026" : "") + "\u201d";
  }

  function closeCode(event, frame) {
    const begin = frame.offset + headerLength(frame) - event.offset;
    if (frame.opcode !== 8 || frame.length < 2 || begin < 0 || begin + 1 >= event.octets.length) { return ""; }
    return String(octetAt(event, begin, ["h-pay", frame], true) * 256 + octetAt(event, begin + 1, ["h-pay", frame], true));
  }

  // A bit that a plain frame of this direction does not have stands out.
  function chip(event, frame) {
    const rsv = frame.rsv.toString(2).padStart(3, "0");
    const maskOdd = (frame.direction === 0) !== (frame.masked === 1);
    return make("span", { class: "chip" }, make("b", {}, opcodeName(frame.opcode)), closeCode(event, frame) === "" ? "" : closeCode(event, frame),
      make("span", {}, "FIN " + frame.fin),
      make("span", { class: frame.rsv === 0 ? null : "odd" }, "RSV " + rsv),
      make("span", { class: maskOdd ? "odd" : null }, "MASK " + frame.masked),
      make("span", {}, "length " + frame.length),
      make("code", {}, payloadText(event, frame)));
  }

  function chipWords(event, frame) {
    return [...chip(event, frame).children].map((child) => child.textContent).filter((text) => text !== "").join("  ");
  }

  function words(event) {
    const arrow = event.direction === 0 ? "\u2192 sent" : "\u2190 received";
    const what = {
      open: "the stream is up", fin: arrow + ": end of the stream (FIN)", rst: arrow + ": connection reset (RST)",
      data: arrow + ", " + (event.octets.length + event.left) + " octets",
    }[event.kind];
    return what || "the stream was given up";
  }

  function hexOf(event) {
    return [...event.octets].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
  }

  // Lines of HTTP, whatever is in them.
  function httpLines(event) {
    return event.octets.slice(0, SHOWN).split("\r\n")
      .map((line) => [...line].map((c) => plain(c.charCodeAt(0))).join(""));
  }

  // What the script did and saw here, with its line.
  function steps(event, result) {
    const own = result.steps.filter((step) => step[4] === event.number);
    const shown = own.slice(0, STEPS).map(([line, verb, text]) => make("li", {},
      line > 0 ? make("a", { href: "#line-" + line }, "line " + line) : "", " " + verb + ": " + text));
    if (own.length > STEPS) { shown.push(make("li", {}, own.length - STEPS + " more steps")); }
    return shown.length === 0 ? "" : make("ul", { class: "steps" }, ...shown);
  }

  // Heads of HTTP are folded: every connection begins with the same ones.
  function octets(event, own, unmasked) {
    const hex = dump(event, own, unmasked);
    const lines = httpLines(event);
    if (own.length !== 0 || lines.length < 2) { return hex; }
    return make("details", {}, make("summary", {}, make("code", {}, lines[0])),
      make("pre", { class: "hex", tabindex: "0", role: "group", "aria-label": "Text" }, lines.join("\n").trimEnd()), hex);
  }

  function item(event, { frames, result, several, unmasked }) {
    const own = framesIn(event, frames);
    const entry = make("li", { class: event.direction === 0 ? "sent" : "received", id: "event-" + event.number, tabindex: "-1" },
      make("p", {}, event.octets.length === 0 ? "" : copyButton("Copy hex", () => hexOf(event)),
        make("span", { class: "at" }, milliseconds(event.t)), (several ? " #" + event.connection : "") + " ", make("b", {}, words(event))));
    for (const frame of own) {
      if (frame.offset >= event.offset) { entry.append(make("p", {}, chip(event, frame))); }
    }
    if (event.octets.length !== 0) {
      entry.append(octets(event, own, unmasked));
      const cut = event.left + Math.max(0, event.octets.length - SHOWN);
      if (cut !== 0) { entry.append(make("p", { class: "dim" }, cut + " more octets are in the run document.")); }
    }
    entry.append(steps(event, result));
    return entry;
  }

  function list(result, unmasked) {
    const frames = result.frames.map(frameOf);
    const several = new Set(result.events.map((row) => row[1])).size > 1;
    const context = { frames, result, several, unmasked };
    return make("ol", { class: "wire" }, ...result.events.map((row, number) => item(eventOf(row, number), context)));
  }

  const legend = () => make("p", { class: "fields" },
    ...Object.entries(FIELDS).map(([name, words]) => make("span", { class: name }, words)));

  // All that one side sent, in order: to be looked at with other tools.
  function stream(result, connection, direction) {
    const octets = result.events.map(eventOf)
      .filter((event) => event.connection === connection && event.direction === direction)
      .map((event) => Uint8Array.from(event.octets, (c) => c.charCodeAt(0)));
    return new Blob(octets, { type: "application/octet-stream" });
  }

  // The conversation as text, to be sent to somebody.
  function transcript(result, heading) {
    const frames = result.frames.map(frameOf);
    const parts = result.events.map((row, number) => {
      const event = eventOf(row, number);
      const own = framesIn(event, frames);
      const chips = own.filter((frame) => frame.offset >= event.offset).map((frame) => "  " + chipWords(event, frame) + "\n");
      return milliseconds(event.t) + " #" + event.connection + " " + words(event) + "\n" + chips.join("") +
        dump(event, own, true).textContent;
    });
    return new Blob([heading, "\n\n", ...parts], { type: "text/plain" });
  }

  return { list, legend, stream, transcript, eventOf, words, opcodeName };
})();
