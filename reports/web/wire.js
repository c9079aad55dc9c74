// The wire of a result: frames as chips, octets as a dump with the fields of
// every frame header coloured and named.

const wire = (() => {
  const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
  const ROW = 16;
  const SHOWN = 2048;

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

  function nameOf(frame) {
    return OPCODES[frame.opcode] || "reserved 0x" + frame.opcode.toString(16).toUpperCase();
  }

  // What stands at an offset of the stream: a class and the frame it is of.
  function fieldAt(offset, frames) {
    for (const frame of frames) {
      const at = offset - frame.offset;
      if (at < 0 || at >= headerLength(frame) + frame.length) { continue; }
      const key = headerLength(frame) - (frame.masked ? 4 : 0);
      if (at < 1) { return ["h-head", frame]; }
      if (at < key) { return ["h-len", frame]; }
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
          run = make("span", { class: field[0] });
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

  function payloadText(event, frame) {
    let text = "";
    const begin = frame.offset + headerLength(frame);
    for (let i = 0; i < Math.min(frame.length, 48); i++) {
      const index = begin + i - event.offset;
      if (index < 0 || index >= event.octets.length) { break; }
      const octet = octetAt(event, index, ["h-pay", frame], true);
      text += octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "\\x" + octet.toString(16).padStart(2, "0").toUpperCase();
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
    return make("span", { class: "chip" }, make("b", {}, nameOf(frame)), closeCode(event, frame) === "" ? "" : closeCode(event, frame),
      make("span", {}, "FIN " + frame.fin),
      make("span", { class: frame.rsv === 0 ? null : "odd" }, "RSV " + rsv),
      make("span", { class: maskOdd ? "odd" : null }, "MASK " + frame.masked),
      make("span", {}, "length " + frame.length),
      make("code", {}, payloadText(event, frame)));
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

  function item(event, frames, unmasked) {
    const own = framesIn(event, frames);
    const entry = make("li", { class: event.direction === 0 ? "sent" : "received", id: "event-" + event.number, tabindex: "-1" },
      make("p", {}, event.octets.length === 0 ? "" : copyButton("Copy hex", () => hexOf(event)),
        make("span", { class: "at" }, milliseconds(event.t)), " connection " + event.connection + " \u00b7 " + words(event)));
    for (const frame of own) {
      if (frame.offset >= event.offset) { entry.append(make("p", {}, chip(event, frame))); }
    }
    if (event.octets.length !== 0) {
      entry.append(dump(event, own, unmasked));
      const cut = event.left + Math.max(0, event.octets.length - SHOWN);
      if (cut !== 0) { entry.append(make("p", { class: "dim" }, cut + " more octets are in the run document.")); }
    }
    return entry;
  }

  function list(result, unmasked) {
    const frames = result.frames.map(frameOf);
    return make("ol", { class: "wire" }, ...result.events.map((row, number) => item(eventOf(row, number), frames, unmasked)));
  }

  const legend = () => make("p", { class: "fields" },
    make("span", { class: "h-head" }, "FIN RSV opcode"), make("span", { class: "h-len" }, "MASK length"),
    make("span", { class: "h-key" }, "masking key"), make("span", { class: "h-pay" }, "payload"),
    make("span", { class: "h-http" }, "HTTP, or no frame"));

  // All that one side sent, in order: to be looked at with other tools.
  function stream(result, connection, direction) {
    const octets = result.events.map(eventOf)
      .filter((event) => event.connection === connection && event.direction === direction)
      .map((event) => Uint8Array.from(event.octets, (c) => c.charCodeAt(0)));
    return new Blob(octets, { type: "application/octet-stream" });
  }

  return { list, legend, stream, eventOf, words };
})();
