#include <string.h>

#include "session_internal.h"

const struct wsc_deflate_agreement *
wsc_session_agreement(const struct wsc_session *session) {
  return session->agreed ? &session->agreement : NULL;
}

struct ws_slice
wsc_session_deflated(struct wsc_session *session, struct ws_slice message,
                     const struct wsc_deflate_options *options) {
  if (session->deflater == NULL) {
    session->deflater = wsc_deflater_new(&session->agreement);
  }
  struct ws_slice octets =
      wsc_deflater_message(session->deflater, message, options);
  session->saved += message.len > octets.len ? message.len - octets.len : 0;
  return octets;
}

/* What it may still become; see WSC_UNASKED_MAX. */
static size_t room(const struct wsc_session *session) {
  uint64_t most = wsc_session_asked(session) * 2 + WSC_UNASKED_MAX;
  return most > session->inflated ? (size_t)(most - session->inflated) : 0;
}

static void note(struct wsc_session *session, const struct wsc_event *event) {
  struct wsc_trial *trial = session->trial;
  if (!wsc_trial_notes_steps(trial)) {
    return;
  }
  int line = trial->line;
  trial->line = 0;
  wsc_trial_step(trial, wsc_link_id(session->link), true, "receive",
                 "inflated %s (%zu bytes)%s%s",
                 wsc_trial_quote(trial, event->payload, event->len, 32),
                 event->len, event->inflate_error == NULL ? "" : ": ",
                 event->inflate_error == NULL ? "" : event->inflate_error);
  trial->line = line;
}

void wsc_session_inflate(struct wsc_session *session, struct wsc_event *event) {
  struct wsc_inflated became;
  if (session->inflate == NULL) {
    session->inflate = wsc_inflate_new();
  }
  wsc_inflate_message(session->inflate, session->message, session->message_len,
                      room(session), &became);
  session->inflated += became.len;
  event->payload = wsc_malloc(became.len);
  if (became.len != 0) {
    memcpy(event->payload, became.data, became.len);
  }
  event->len = became.len;
  event->distance = became.distance;
  event->reach = became.reach;
  event->inflate_error = became.error;
  note(session, event);
  wsc_session_watch_inflated(session, event, !became.too_long);
  if (became.too_long) {
    wsc_session_flood(session);
  }
}
