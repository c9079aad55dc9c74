#include "trace.h"

#include <inttypes.h>

#include "terminal.h"
#include "ws/frame.h"

#define HEAD_SHOWN 1200 /* octets of a handshake, per direction */

static const char *arrow(enum wsc_direction direction) {
  return direction == WSC_SENT ? "->" : "<-";
}

static void print_payload(FILE *out, const struct wsc_frame_note *note) {
  uint8_t before = '"';
  fputs(" \"", out);
  for (size_t i = 0; i < note->payload_len; i++) {
    uint8_t c = note->payload[i];
    if (c != '"' && c != '\\') {
      wsc_terminal_octet(out, c, &before);
    } else {
      fprintf(out, "\\x%02X", c);
      before = c;
    }
  }
  fputs(note->payload_len < note->length ? "\"...\n" : "\"\n", out);
}

static void print_frame(FILE *out, const struct wsc_frame_note *note) {
  struct ws_frame frame;
  if (ws_frame_decode(&frame, note->header, note->header_len) == 0) {
    return;
  }
  fprintf(out, "      %s %9.3f ms  #%d @%-6" PRIu64 " ", arrow(note->direction),
          (double)note->time / 1000, note->connection, note->offset);
  for (size_t i = 0; i < note->header_len; i++) {
    fprintf(out, "%02X ", note->header[i]);
  }
  fprintf(out, " %s FIN=%d RSV=%u%u%u opcode=%X MASK=%d length=%" PRIu64,
          ws_opcode_name(frame.opcode), frame.fin, frame.rsv >> 2 & 1u,
          frame.rsv >> 1 & 1u, frame.rsv & 1u, frame.opcode, frame.masked,
          frame.length);
  if (frame.length_form != ws_length_form_minimal(frame.length)) {
    fprintf(out, " (in %d bits)", frame.length_form);
  }
  print_payload(out, note);
}

static void print_octets(FILE *out, const struct wsc_wire_event *event,
                         size_t max) {
  uint8_t before = '\0';
  fputs("        ", out);
  for (size_t i = 0; i < event->len && i < max; i++) {
    uint8_t c = event->data[i];
    if (c == '\n' && i + 1 < event->len) {
      fputs("\\n\n        ", out);
      before = '\0';
    } else if (c == '\r') {
      fputs("\\r", out);
    } else if (c == '\n') {
      fputs("\\n", out);
    } else {
      wsc_terminal_octet(out, c, &before);
    }
  }
  fputs(event->len > max ? "...\n" : "\n", out);
}

static const char *kind_text(const struct wsc_wire_event *event) {
  switch (event->kind) {
  case WSC_WIRE_DATA:
    return "octets";
  case WSC_WIRE_OPEN:
    return "TCP is up";
  case WSC_WIRE_FIN:
    return event->truncated ? "FIN without close_notify" : "FIN";
  case WSC_WIRE_RST:
    return "RST";
  case WSC_WIRE_RELEASE:
    break;
  }
  return "closed by us";
}

static void print_handshake(FILE *out, const struct wsc_outcome *outcome,
                            int connection) {
  size_t shown[2] = {0, 0};
  for (size_t i = 0; i < outcome->num_wire; i++) {
    const struct wsc_wire_event *event = &outcome->wire[i];
    size_t *sum = &shown[event->direction];
    bool data = event->kind == WSC_WIRE_DATA;
    if (event->connection != connection || (data && *sum >= HEAD_SHOWN)) {
      continue;
    }
    fprintf(out, "      %s %9.3f ms  #%d  %s\n", arrow(event->direction),
            (double)event->time / 1000, connection, kind_text(event));
    if (data) {
      print_octets(out, event, HEAD_SHOWN - *sum);
      *sum += event->len;
    }
  }
}

/* How it ended. */
static void print_end(FILE *out, const struct wsc_outcome *outcome,
                      int connection) {
  for (size_t i = 0; i < outcome->num_wire; i++) {
    const struct wsc_wire_event *event = &outcome->wire[i];
    if (event->connection == connection && event->kind != WSC_WIRE_DATA &&
        event->kind != WSC_WIRE_OPEN) {
      fprintf(out, "      %s %9.3f ms  #%d  %s\n", arrow(event->direction),
              (double)event->time / 1000, event->connection, kind_text(event));
    }
  }
}

void wsc_trace_connection(FILE *out, const struct wsc_outcome *outcome,
                          int connection, size_t most) {
  size_t num = 0;
  for (size_t i = 0; i < outcome->num_frames; i++) {
    num += outcome->frames[i].connection == connection;
  }
  if (num == 0) {
    print_handshake(out, outcome, connection);
    return;
  }
  size_t skip = num > most ? num - most : 0;
  if (skip != 0) {
    fprintf(out, "      (%zu frames before)\n", skip);
  }
  size_t seen = 0;
  for (size_t i = 0; i < outcome->num_frames; i++) {
    if (outcome->frames[i].connection == connection && seen++ >= skip) {
      print_frame(out, &outcome->frames[i]);
    }
  }
  print_end(out, outcome, connection);
}
