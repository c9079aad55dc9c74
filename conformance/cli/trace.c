#include "trace.h"

#include <inttypes.h>

#include "ws/frame.h"

#define HEAD_SHOWN 1200 /* octets of a handshake, per direction */

static const char *arrow(enum wsc_direction direction) {
  return direction == WSC_SENT ? "->" : "<-";
}

static void print_payload(FILE *out, const struct wsc_frame_note *note) {
  fputs(" \"", out);
  for (size_t i = 0; i < note->payload_len; i++) {
    uint8_t c = note->payload[i];
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      fputc(c, out);
    } else {
      fprintf(out, "\\x%02X", c);
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
  fputs("        ", out);
  for (size_t i = 0; i < event->len && i < max; i++) {
    uint8_t c = event->data[i];
    if (c == '\n' && i + 1 < event->len) {
      fputs("\\n\n        ", out);
    } else if (c == '\r') {
      fputs("\\r", out);
    } else if (c == '\n') {
      fputs("\\n", out);
    } else if (c >= 0x20 && c < 0x7F) {
      fputc(c, out);
    } else {
      fprintf(out, "\\x%02X", c);
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
    return "FIN";
  case WSC_WIRE_RST:
    return "RST";
  case WSC_WIRE_RELEASE:
    break;
  }
  return "closed by us";
}

/* Without frames, what matters is the last connection that carried octets. */
static void print_handshakes(FILE *out, const struct wsc_outcome *outcome) {
  int connection = -1;
  for (size_t i = 0; i < outcome->num_wire; i++) {
    if (outcome->wire[i].kind == WSC_WIRE_DATA) {
      connection = outcome->wire[i].connection;
    }
  }
  size_t shown[2] = {0, 0};
  for (size_t i = 0; i < outcome->num_wire; i++) {
    const struct wsc_wire_event *event = &outcome->wire[i];
    size_t *sum = &shown[event->direction];
    if (event->connection != connection ||
        (event->kind == WSC_WIRE_DATA && *sum >= HEAD_SHOWN)) {
      continue;
    }
    fprintf(out, "      %s %9.3f ms  #%d  %s\n", arrow(event->direction),
            (double)event->time / 1000, connection, kind_text(event));
    if (event->kind == WSC_WIRE_DATA) {
      print_octets(out, event, HEAD_SHOWN - *sum);
      *sum += event->len;
    }
  }
}

void wsc_trace_frames(FILE *out, const struct wsc_outcome *outcome,
                      size_t most) {
  if (outcome->num_frames == 0) {
    print_handshakes(out, outcome);
    return;
  }
  size_t from = outcome->num_frames > most ? outcome->num_frames - most : 0;
  if (from != 0) {
    fprintf(out, "      (%zu frames before)\n", from);
  }
  for (size_t i = from; i < outcome->num_frames; i++) {
    print_frame(out, &outcome->frames[i]);
  }
  /* How it ended: the last events that carry no data. */
  for (size_t i = 0; i < outcome->num_wire; i++) {
    const struct wsc_wire_event *event = &outcome->wire[i];
    if (event->kind == WSC_WIRE_FIN || event->kind == WSC_WIRE_RST) {
      fprintf(out, "      %s %9.3f ms  #%d  %s\n", arrow(event->direction),
              (double)event->time / 1000, event->connection, kind_text(event));
    }
  }
}
