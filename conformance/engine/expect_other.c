/* expect_other.c: what judges nothing: liveness, orderly ends, raw events and
 * response heads. */
#include <string.h>

#include "expect_internal.h"

/* A response head longer than this is no handshake (HS-28 sends such heads; a
 * peer that answers in kind is cut off). */
#define RESPONSE_MAX 65536

/* Once a peer has let one finish() wait in vain, the others wait this long. */
#define SHORT_WAIT 50000

/* Where the verdict of the Autobahn Testsuite is wanted, the end is a part of it:
 * it is waited for while other cases keep the peer busy, at first. */
#define AUTOBAHN_WAIT 20000000

void wsc_alive_begin(struct wsc_alive *op, struct wsc_link *link) {
  op->deadline = wsc_trial_deadline(wsc_link_trial(link));
  op->probe = wsc_session_probe(wsc_link_session(link));
  op->alive = false;
}

enum wsc_progress wsc_alive_step(struct wsc_alive *op, struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  op->alive = wsc_session_probed(wsc_link_session(link)) >= op->probe;
  if (op->alive || wsc_link_ended(link)) {
    return WSC_DONE;
  }
  if (wsc_trial_past(trial, op->deadline)) {
    wsc_trial_runs_out(trial);
    return WSC_DONE;
  }
  trial->wake_at = op->deadline;
  return WSC_PENDING;
}

void wsc_finish_begin(struct wsc_finish *op, struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  struct wsc_session *session = wsc_link_session(link);
  if (!wsc_session_close_sent(session) && !wsc_link_ended(link)) {
    wsc_session_send_close(session, 1000);
  }
  bool late = trial->context->ends_late;
  bool wanted = trial->autobahn != NULL;
  op->deadline = wsc_trial_deadline(trial);
  if (late && !wanted) {
    op->deadline = wsc_trial_after(trial, SHORT_WAIT);
  } else if (!late && wanted && op->deadline != WSC_FOREVER) {
    op->deadline = wsc_trial_for(trial, AUTOBAHN_WAIT);
  }
}

enum wsc_progress wsc_finish_step(struct wsc_finish *op,
                                  struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  bool late = wsc_trial_past(trial, op->deadline);
  if (!wsc_link_ended(link) && !late &&
      !wsc_session_flooded(wsc_link_session(link))) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  trial->context->ends_late = trial->context->ends_late || late;
  wsc_link_release(link);
  return WSC_DONE;
}

static bool next_over(struct wsc_next *op, struct wsc_link *link) {
  struct wsc_session *session = wsc_link_session(link);
  if (op->fence != 0 && wsc_session_probed(session) >= op->fence) {
    op->kind = WSC_NEXT_FENCE;
  } else if (wsc_link_state(link) == WSC_LINK_FIN) {
    op->kind = WSC_NEXT_FIN;
  } else if (wsc_link_state(link) == WSC_LINK_RST) {
    op->kind = WSC_NEXT_RST;
  } else if (wsc_trial_past(wsc_link_trial(link), op->deadline)) {
    wsc_trial_runs_out(wsc_link_trial(link));
    op->kind = WSC_NEXT_TIMEOUT;
  } else {
    return false;
  }
  return true;
}

enum wsc_progress wsc_next_step(struct wsc_next *op, struct wsc_link *link) {
  struct wsc_session *session = wsc_link_session(link);
  op->event = wsc_session_events(session);
  if (op->event != NULL) {
    wsc_session_take(session, op->event);
    op->kind = WSC_NEXT_EVENT;
    return WSC_DONE;
  }
  if (wsc_expect_flooded(link)) {
    return WSC_STOP;
  }
  if (next_over(op, link)) {
    return WSC_DONE;
  }
  wsc_link_trial(link)->wake_at = op->deadline;
  return WSC_PENDING;
}

static void parse(struct wsc_response *op, struct wsc_link *link, size_t len) {
  struct wsc_arena *arena = &wsc_link_trial(link)->outcome->arena;
  struct ws_slice unread = wsc_link_unread(link);
  op->bytes = wsc_arena_copy(arena, unread.data, len);
  op->len = len;
  op->fields =
      wsc_arena_alloc(arena, WSC_MAX_FIELDS * sizeof(struct ws_http_field));
  ws_http_parse(&op->head, WS_HTTP_RESPONSE, (const uint8_t *)op->bytes, len,
                op->fields, WSC_MAX_FIELDS);
  wsc_link_take(link, len);
  op->scanned = 0;
  struct wsc_trial *trial = wsc_link_trial(link);
  bool response = len >= 5 && memcmp(op->bytes, "HTTP/", 5) == 0;
  wsc_observe(&trial->context->observed, WSC_CHECK_NO_EARLY_FRAMES,
              trial->info->id, wsc_link_id(link),
              response ? NULL : "octets that are no HTTP response came first");
}

static const char *why_missing(const struct wsc_response *op,
                               const struct wsc_link *link) {
  switch (wsc_link_state(link)) {
  case WSC_LINK_REFUSED:
    return "refused";
  case WSC_LINK_FIN:
    return "fin";
  case WSC_LINK_RST:
  case WSC_LINK_RELEASED:
    return "rst";
  default:
    break;
  }
  if (wsc_link_unread(link).len > RESPONSE_MAX) {
    return "too-large";
  }
  return wsc_trial_past(wsc_link_trial(link), op->deadline) ? "timeout" : NULL;
}

/* What the scheduler fits the number of cases at once to. */
static void note_wait(const struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  uint64_t took = wsc_trial_time(trial) - wsc_link_sent_at(link);
  if (took > trial->context->slowest) {
    trial->context->slowest = took;
  }
}

enum wsc_progress wsc_response_step(struct wsc_response *op,
                                    struct wsc_link *link) {
  struct wsc_trial *trial = wsc_link_trial(link);
  for (;;) {
    struct ws_slice unread = wsc_link_unread(link);
    size_t len = ws_http_head_end(unread.data, unread.len, &op->scanned);
    if (len == 0) {
      break;
    }
    parse(op, link, len);
    /* RFC 9110 15.2: interim responses precede the final one; 101 is final. */
    if (op->head.status < 100 || op->head.status > 199 ||
        op->head.status == 101) {
      op->missing = NULL;
      note_wait(link);
      return WSC_DONE;
    }
  }
  op->missing = why_missing(op, link);
  if (op->missing == NULL) {
    trial->wake_at = op->deadline;
    return WSC_PENDING;
  }
  if (strcmp(op->missing, "timeout") == 0) {
    wsc_trial_runs_out(trial);
    note_wait(link);
  }
  return WSC_DONE;
}
