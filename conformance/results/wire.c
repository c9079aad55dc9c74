#include <inttypes.h>
#include <stdio.h>

#include "build.h"
#include "run_internal.h"
#include "strbuf.h"

#define TEXT_MAX 4096 /* octets of an event that are also shown as text */

static const char *direction_name(enum wsc_direction direction) {
  return direction == WSC_SENT ? "sent" : "received";
}

static const char *kind_name(enum wsc_wire_kind kind) {
  static const char *const names[] = {"data", "open", "fin", "rst", "release"};
  return names[kind];
}

/* An HTTP head or clear text reads well as text, masked payload does not. */
static bool reads_as_text(const uint8_t *data, size_t len) {
  size_t readable = 0;
  for (size_t i = 0; i < len; i++) {
    readable += (data[i] >= 0x20 && data[i] != 0x7F) || data[i] == '\r' ||
                data[i] == '\n' || data[i] == '\t';
    readable -= data[i] >= 0x80 &&
                wsc_utf8_scalar(data + i, len - i, &(uint32_t){0}) == 0;
  }
  return len != 0 && readable >= len - len / 8;
}

static json_t *event_json(const struct wsc_wire_event *event) {
  json_t *item = wsc_json_object();
  wsc_json_put(item, "t", wsc_json_count(event->time));
  wsc_json_put(item, "connection", json_integer(event->connection));
  wsc_json_put(item, "direction",
               json_string(direction_name(event->direction)));
  wsc_json_put(item, "kind", json_string(kind_name(event->kind)));
  wsc_json_put(item, "offset", wsc_json_count(event->offset));
  wsc_json_put(item, "hex", wsc_json_hex(event->data, event->len));
  size_t shown = event->len < TEXT_MAX ? event->len : TEXT_MAX;
  if (reads_as_text(event->data, shown)) {
    wsc_json_put(item, "text", wsc_json_octets(event->data, shown));
  }
  if (event->truncated) {
    wsc_json_put(item, "truncated", json_true());
  }
  if (event->cut != 0) {
    wsc_json_put(item, "cut", wsc_json_count(event->cut));
  }
  return item;
}

/* The frame header (RFC 6455 5.2) taken apart. The codec of lib/core says the
 * same, but this library stands on jansson alone: it reads what others wrote,
 * in tools that know no protocol. */
struct header {
  unsigned fin, rsv, opcode, masked, form;
  const uint8_t *key; /* NULL: not masked, or cut off */
};

static struct header take_apart(const struct wsc_frame_note *note) {
  struct header header = {0};
  if (note->header_len < 2) {
    return header;
  }
  unsigned form = note->header[1] & 0x7Fu;
  size_t key_at = form == 127 ? 10 : form == 126 ? 4 : 2;
  header.fin = note->header[0] >> 7;
  header.rsv = note->header[0] >> 4 & 7;
  header.opcode = note->header[0] & 15;
  header.masked = note->header[1] >> 7;
  header.form = form == 127 ? 64 : form == 126 ? 16 : 7;
  if (header.masked != 0 && note->header_len >= key_at + 4) {
    header.key = note->header + key_at;
  }
  return header;
}

static json_t *opcode_json(unsigned opcode) {
  static const char *const names[16] = {
      [0x0] = "continuation", [0x1] = "text", [0x2] = "binary",
      [0x8] = "close",        [0x9] = "ping", [0xA] = "pong"};
  char reserved[24];
  if (names[opcode] != NULL) {
    return json_string(names[opcode]);
  }
  snprintf(reserved, sizeof reserved, "reserved 0x%X", opcode);
  return json_string(reserved);
}

static json_t *frame_json(const struct wsc_frame_note *note) {
  struct header header = take_apart(note);
  json_t *item = wsc_json_object();
  wsc_json_put(item, "t", wsc_json_count(note->time));
  wsc_json_put(item, "connection", json_integer(note->connection));
  wsc_json_put(item, "direction", json_string(direction_name(note->direction)));
  wsc_json_put(item, "offset", wsc_json_count(note->offset));
  wsc_json_put(item, "header", wsc_json_hex(note->header, note->header_len));
  wsc_json_put(item, "fin", json_boolean(header.fin));
  wsc_json_put(item, "rsv", json_integer(header.rsv));
  wsc_json_put(item, "opcode", json_integer(header.opcode));
  wsc_json_put(item, "opcode_name", opcode_json(header.opcode));
  wsc_json_put(item, "masked", json_boolean(header.masked));
  wsc_json_put(item, "key",
               header.key == NULL ? json_null() : wsc_json_hex(header.key, 4));
  wsc_json_put(item, "length_form", json_integer(header.form));
  wsc_json_put(item, "length", wsc_json_count(note->length));
  wsc_json_put(item, "payload", wsc_json_hex(note->payload, note->payload_len));
  if (reads_as_text(note->payload, note->payload_len)) {
    wsc_json_put(item, "text",
                 wsc_json_octets(note->payload, note->payload_len));
  }
  return item;
}

json_t *wsc_wire_json(const struct wsc_outcome *outcome) {
  json_t *wire = wsc_json_object();
  json_t *events = wsc_json_array();
  json_t *frames = wsc_json_array();
  for (size_t i = 0; i < outcome->num_wire; i++) {
    wsc_json_push(events, event_json(&outcome->wire[i]));
  }
  for (size_t i = 0; i < outcome->num_frames; i++) {
    wsc_json_push(frames, frame_json(&outcome->frames[i]));
  }
  wsc_json_put(wire, "connections", json_integer(outcome->num_connections));
  wsc_json_put(wire, "events", events);
  wsc_json_put(wire, "frames", frames);
  return wire;
}
