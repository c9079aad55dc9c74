/* pcapng.c: the wire logs of a run as packets, for Wireshark.
 *
 * The log holds octets, their offsets and their times, and that is kept: an
 * octet's sequence number is its offset, so that what the log did not keep
 * shows as a segment that was not captured. The rest of TCP/IP is made up. The
 * cases lie one behind the other, from the beginning of the clock. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "capture.h"
#include "view.h"
#include "writers.h"

#define CONNECTIONS_MAX 65536 /* of a case; others are left out */
#define STEPS_TOLD      8     /* in the comment of a packet */
#define GAP             1000  /* microseconds between two cases */
#define PORT_HTTP       80    /* where readers expect an opening handshake */
#define PORT_FIRST      1024
#define NUM_PORTS       64000

enum side { OURS, THEIRS };

struct stream {
  bool open;
  bool over; /* an RST ended it */
  bool fin[2];
  uint64_t next[2]; /* offset behind what was seen */
  struct wsc_endpoint ends[2];
};

struct capture {
  struct wsc_strbuf *out;
  const struct wsc_view *view;
  uint64_t num_streams; /* so far: each has an address of its own */
  uint64_t base;        /* when the case began */
  /* Of the case: */
  const json_t *result;
  size_t target;
  struct stream *streams; /* by connection */
  size_t num_connections;
  size_t *first_step; /* of an event; SIZE_MAX: none */
  struct wsc_strbuf comment;
};

/* -- packets ------------------------------------------------------------ */

static void emit(struct capture *capture, struct stream *stream, enum side from,
                 unsigned flags, uint64_t offset,
                 const struct wsc_strbuf *data) {
  enum side to = from == OURS ? THEIRS : OURS;
  bool syn = (flags & WSC_TCP_SYN) != 0;
  struct wsc_packet packet = {
      .from = &stream->ends[from],
      .to = &stream->ends[to],
      .time = capture->base,
      .sequence = syn ? 0 : (uint32_t)(offset + 1),
      .acknowledged = (flags & WSC_TCP_ACK) == 0
                          ? 0
                          : (uint32_t)(stream->next[to] + 1 + stream->fin[to]),
      .flags = flags,
      .payload = (const uint8_t *)data->data,
      .len = data->len,
      .comment = capture->comment.len == 0 ? "" : capture->comment.data,
  };
  wsc_capture_packet(capture->out, &packet);
  capture->comment.len = 0; /* said once */
}

static const struct wsc_strbuf nothing;

/* 198.18.0.0/15 is for measurements (RFC 2544): ours below 198.19, a target
 * each from there. */
static void give_addresses(struct capture *capture, struct stream *stream) {
  const json_t *target =
      json_array_get(capture->view->targets, capture->target);
  bool dials = strcmp(wsc_view_text(target, "role"), "client") == 0;
  enum side client = dials ? THEIRS : OURS;
  enum side server = dials ? OURS : THEIRS;
  uint64_t number = capture->num_streams++;
  uint32_t host = (uint32_t)(number / NUM_PORTS) & 0xFF;
  stream->ends[OURS].address = UINT32_C(0xC6120001) + host;
  stream->ends[THEIRS].address =
      UINT32_C(0xC6130001) + ((uint32_t)capture->target & 0xFFFF);
  stream->ends[client].port = (uint16_t)(PORT_FIRST + number % NUM_PORTS);
  stream->ends[server].port = PORT_HTTP;
}

static void open_stream(struct capture *capture, struct stream *stream,
                        int connection) {
  struct wsc_strbuf *comment = &capture->comment;
  struct wsc_strbuf steps = *comment;
  const json_t *target =
      json_array_get(capture->view->targets, capture->target);
  give_addresses(capture, stream);
  stream->open = true;
  wsc_strbuf_init(comment);
  wsc_view_name(comment, capture->result);
  wsc_strbuf_printf(comment, ", connection %d, with ", connection);
  wsc_view_agent(comment, capture->view, target);
  wsc_strbuf_printf(comment, ": %s",
                    wsc_verdict_name(wsc_view_verdict(capture->result)));
  enum side client = stream->ends[OURS].port == PORT_HTTP ? THEIRS : OURS;
  enum side server = client == OURS ? THEIRS : OURS;
  emit(capture, stream, client, WSC_TCP_SYN, 0, &nothing);
  emit(capture, stream, server, WSC_TCP_SYN | WSC_TCP_ACK, 0, &nothing);
  emit(capture, stream, client, WSC_TCP_ACK, 0, &nothing);
  wsc_strbuf_free(comment);
  *comment = steps;
}

static unsigned digit_of(char c) {
  return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c | 32) - 'a' + 10;
}

static void decode(struct wsc_strbuf *out, const char *hex, size_t num) {
  out->len = 0;
  for (size_t i = 0; i < num; i++) {
    char octet =
        (char)(digit_of(hex[2 * i]) << 4 | (digit_of(hex[2 * i + 1]) & 15));
    wsc_strbuf_add(out, &octet, 1);
  }
}

static void send_data(struct capture *capture, struct stream *stream,
                      enum side from, const json_t *event) {
  const char *hex = wsc_view_text(event, "hex");
  uint64_t offset = wsc_view_count(json_object_get(event, "offset"));
  size_t left = strlen(hex) / 2;
  struct wsc_strbuf data;
  wsc_strbuf_init(&data);
  while (left != 0) {
    size_t num = left < WSC_SEGMENT_MAX ? left : WSC_SEGMENT_MAX;
    decode(&data, hex, num);
    emit(capture, stream, from, WSC_TCP_PSH | WSC_TCP_ACK, offset, &data);
    offset += num;
    hex += 2 * num;
    left -= num;
  }
  stream->next[from] = offset + wsc_view_count(json_object_get(event, "cut"));
  wsc_strbuf_free(&data);
}

static void end(struct capture *capture, struct stream *stream, enum side from,
                bool broken) {
  if (stream->over || (stream->fin[from] && !broken)) {
    return;
  }
  emit(capture, stream, from,
       (broken ? WSC_TCP_RST : WSC_TCP_FIN) | WSC_TCP_ACK, stream->next[from],
       &nothing);
  stream->over = broken;
  stream->fin[from] = true;
}

/* -- a case ------------------------------------------------------------- */

/* What the script did with an event. */
static void tell_steps(struct capture *capture, size_t event) {
  const json_t *steps = json_object_get(capture->result, "steps");
  struct wsc_strbuf *comment = &capture->comment;
  comment->len = 0;
  size_t first = capture->first_step[event];
  for (size_t i = first; i < json_array_size(steps) && i - first < STEPS_TOLD;
       i++) {
    const json_t *step = json_array_get(steps, i);
    if (wsc_view_int(step, "wire") != (int)event) {
      break;
    }
    wsc_strbuf_printf(comment, "%sline %d: ", i == first ? "" : "; ",
                      wsc_view_int(step, "line"));
    wsc_view_plain(comment, wsc_view_text(step, "verb"), WSC_VIEW_SHORT);
    wsc_strbuf_puts(comment, " ");
    wsc_view_plain(comment, wsc_view_text(step, "text"), WSC_VIEW_SHORT);
  }
}

static void add_event(struct capture *capture, size_t number,
                      const json_t *event) {
  int connection = wsc_view_int(event, "connection");
  const char *kind = wsc_view_text(event, "kind");
  bool sent = strcmp(wsc_view_text(event, "direction"), "sent") == 0;
  enum side from = sent ? OURS : THEIRS;
  if (connection < 0 || (size_t)connection >= capture->num_connections) {
    return;
  }
  struct stream *stream = &capture->streams[connection];
  tell_steps(capture, number);
  if (!stream->open) {
    open_stream(capture, stream, connection);
  }
  if (strcmp(kind, "data") == 0) {
    send_data(capture, stream, from, event);
  } else if (strcmp(kind, "rst") == 0) {
    end(capture, stream, from, true);
  } else if (strcmp(kind, "fin") == 0) {
    end(capture, stream, from, false);
  } else if (strcmp(kind, "release") == 0) {
    end(capture, stream, OURS, false);
  }
}

static void index_steps(struct capture *capture, size_t num_events) {
  size_t i;
  json_t *step;
  for (i = 0; i < num_events; i++) {
    capture->first_step[i] = SIZE_MAX;
  }
  json_array_foreach(json_object_get(capture->result, "steps"), i, step) {
    int event = wsc_view_int(step, "wire");
    if (event >= 0 && (size_t)event < num_events &&
        capture->first_step[event] == SIZE_MAX) {
      capture->first_step[event] = i;
    }
  }
}

static size_t count_connections(const json_t *events) {
  size_t num = 0;
  size_t i;
  json_t *event;
  json_array_foreach(events, i, event) {
    int connection = wsc_view_int(event, "connection");
    if (connection >= 0 && connection < CONNECTIONS_MAX &&
        (size_t)connection >= num) {
      num = (size_t)connection + 1;
    }
  }
  return num;
}

static void add_result(struct capture *capture) {
  const json_t *events =
      json_object_get(json_object_get(capture->result, "wire"), "events");
  size_t num = json_array_size(events);
  uint64_t begin = capture->base;
  uint64_t last = wsc_view_duration(capture->result);
  capture->num_connections = count_connections(events);
  size_t size = (capture->num_connections + 1) * sizeof *capture->streams;
  capture->streams = wsc_malloc(size);
  memset(capture->streams, 0, size);
  capture->first_step = wsc_malloc((num + 1) * sizeof *capture->first_step);
  index_steps(capture, num);
  for (size_t i = 0; i < num; i++) {
    const json_t *event = json_array_get(events, i);
    uint64_t time = wsc_view_count(json_object_get(event, "t"));
    last = time > last ? time : last;
    capture->base = begin + time;
    add_event(capture, i, event);
  }
  capture->base = begin + last + GAP;
  free(capture->streams);
  free(capture->first_step);
}

void wsc_pcapng_write(struct wsc_strbuf *out, const struct wsc_run *run,
                      enum wsc_fail_on fail_on) {
  struct wsc_view view;
  struct wsc_strbuf tool;
  wsc_view_init(&view, run, fail_on);
  wsc_strbuf_init(&tool);
  wsc_strbuf_puts(&tool, "wsspec ");
  wsc_view_plain(
      &tool, wsc_view_text(json_object_get(view.document, "tool"), "version"),
      WSC_VIEW_SHORT);
  wsc_capture_begin(out, tool.data);
  struct capture capture = {.out = out, .view = &view};
  for (size_t target = 0; target < json_array_size(view.targets); target++) {
    capture.target = target;
    for (size_t i = 0; i < wsc_view_num_results(&view, target); i++) {
      capture.result = wsc_view_result(&view, target, i);
      add_result(&capture);
    }
  }
  wsc_strbuf_free(&capture.comment);
  wsc_strbuf_free(&tool);
  wsc_view_free(&view);
}
