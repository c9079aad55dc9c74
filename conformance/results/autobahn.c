#include "autobahn.h"

#include <string.h>

#include "build.h"
#include "verdict.h"

/* A connection, as far as its end is concerned. */
struct ending {
  bool close_sent;
  bool close_received;
  bool closed_by_me;
  bool fin;
  bool rst;
  bool released; /* before the peer's end */
  int code;
};

static int connection_of(const json_t *item) {
  return (int)json_integer_value(json_object_get(item, "connection"));
}

static bool is_received(const json_t *item) {
  return strcmp(wsc_json_string_of(item, "direction"), "received") == 0;
}

static unsigned octet_of(const char *hex) {
  unsigned value = 0;
  for (int i = 0; i < 2; i++) {
    char c = hex[i];
    unsigned digit =
        c <= '9' ? (unsigned)(c - '0') : (unsigned)(c | 32) - 'a' + 10;
    value = value << 4 | (digit & 15);
  }
  return value;
}

/* The status code of a Close frame, or -1. */
static int code_of(const json_t *frame) {
  const char *payload = wsc_json_string_of(frame, "payload");
  return strlen(payload) < 4
             ? -1
             : (int)(octet_of(payload) << 8 | octet_of(payload + 2));
}

static void note_frames(struct ending *ending, const json_t *frames, int last) {
  size_t i;
  json_t *frame;
  json_array_foreach(frames, i, frame) {
    if (connection_of(frame) != last ||
        json_integer_value(json_object_get(frame, "opcode")) != 8) {
      continue;
    }
    if (!is_received(frame)) {
      ending->closed_by_me = ending->closed_by_me || !ending->close_received;
      ending->close_sent = true;
    } else if (!ending->close_received) {
      ending->close_received = true;
      ending->code = code_of(frame);
    }
  }
}

static void note_events(struct ending *ending, const json_t *events, int last) {
  size_t i;
  json_t *event;
  json_array_foreach(events, i, event) {
    const char *kind = wsc_json_string_of(event, "kind");
    if (connection_of(event) != last) {
      continue;
    }
    if (strcmp(kind, "release") == 0) {
      ending->released = !ending->fin && !ending->rst;
    }
    ending->fin =
        ending->fin || (strcmp(kind, "fin") == 0 && is_received(event));
    ending->rst = ending->rst || strcmp(kind, "rst") == 0;
  }
}

static int last_connection(const json_t *wire) {
  int last = 0;
  size_t i;
  json_t *event;
  json_array_foreach(json_object_get(wire, "events"), i, event) {
    last = connection_of(event) > last ? connection_of(event) : last;
  }
  return last;
}

static const char *behavior_of(enum wsc_verdict verdict) {
  switch (verdict) {
  case WSC_FAIL:
    return "FAILED";
  case WSC_WARN:
    return "NON-STRICT";
  case WSC_PASS:
    return "OK";
  case WSC_INFO:
    return "INFORMATIONAL";
  case WSC_SKIP:
    return "UNIMPLEMENTED";
  case WSC_ERROR:
  case WSC_NUM_VERDICTS:
    break;
  }
  return NULL;
}

static const char *close_of(enum wsc_verdict verdict,
                            const struct ending *ending) {
  if (verdict == WSC_ERROR || verdict == WSC_NUM_VERDICTS) {
    return NULL;
  }
  if (verdict == WSC_INFO || verdict == WSC_SKIP) {
    return "INFORMATIONAL";
  }
  if (ending->close_received || ending->fin) {
    return "OK";
  }
  return ending->rst ? "UNCLEAN" : "FAILED BY CLIENT";
}

struct wsc_autobahn wsc_autobahn_of(const json_t *result) {
  const json_t *wire = json_object_get(result, "wire");
  enum wsc_verdict verdict =
      wsc_verdict_by_name(wsc_json_string_of(result, "verdict"));
  struct ending ending = {.code = -1};
  int last = last_connection(wire);
  note_frames(&ending, json_object_get(wire, "frames"), last);
  note_events(&ending, json_object_get(wire, "events"), last);
  return (struct wsc_autobahn){
      .behavior = behavior_of(verdict),
      .behavior_close = close_of(verdict, &ending),
      .remote_close_code = ending.code,
      .closed_by_me = ending.closed_by_me,
      .dropped_by_me = ending.released,
      .was_clean = ending.close_sent && ending.close_received && ending.fin,
  };
}
