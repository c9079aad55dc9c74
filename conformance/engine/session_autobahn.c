#include "session_internal.h"

/* What its engine fails a connection for. It has no look at the order of pongs
 * and at what follows a Close, and its own opinion of status codes. */
static const bool checked[WSC_NUM_CHECKS] = {
    [WSC_CHECK_MASK_CLEAR] = true,
    [WSC_CHECK_RSV_CLEAR] = true,
    [WSC_CHECK_OPCODE_KNOWN] = true,
    [WSC_CHECK_LENGTH_MINIMAL] = true,
    [WSC_CHECK_CONTROL_FIN] = true,
    [WSC_CHECK_CONTROL_SHORT] = true,
    [WSC_CHECK_TEXT_UTF8] = true,
    [WSC_CHECK_CONTINUATION_ORDER] = true,
    [WSC_CHECK_CLOSE_BODY] = true,
    [WSC_CHECK_CLOSE_REASON_UTF8] = true,
    [WSC_CHECK_DEFLATE_DATA] = true,
    [WSC_CHECK_DEFLATE_WINDOW] = true,
    [WSC_CHECK_DEFLATE_NO_TAKEOVER] = true};

void wsc_session_tell_open(const struct wsc_session *session) {
  if (session->trial->autobahn != NULL) {
    wsc_autobahn_note_open(session->trial->autobahn);
  }
}

static void tell(const struct wsc_session *session, enum wsc_autobahn_kind kind,
                 const struct wsc_event *event) {
  struct wsc_autobahn_event seen = {kind, event->payload, event->len};
  wsc_autobahn_note_event(session->trial->autobahn, &seen);
}

void wsc_session_tell_event(const struct wsc_session *session,
                            const struct wsc_event *event) {
  if (session->trial->autobahn == NULL) {
    return;
  }
  switch (event->kind) {
  case WSC_EVENT_TEXT:
    tell(session, WSC_AUTOBAHN_TEXT, event);
    break;
  case WSC_EVENT_BINARY:
    tell(session, WSC_AUTOBAHN_BINARY, event);
    break;
  case WSC_EVENT_PING:
    tell(session, WSC_AUTOBAHN_PING, event);
    break;
  case WSC_EVENT_PONG:
    tell(session, WSC_AUTOBAHN_PONG, event);
    break;
  case WSC_EVENT_CLOSE:
    wsc_autobahn_note_close(session->trial->autobahn,
                            event->len >= 2 ? event->code : -1);
    break;
  }
}

void wsc_session_tell_violation(const struct wsc_session *session,
                                enum wsc_check check) {
  if (session->trial->autobahn != NULL && checked[check]) {
    wsc_autobahn_note_violation(session->trial->autobahn);
  }
}

void wsc_session_tell_close_sent(const struct wsc_session *session) {
  if (session->trial->autobahn != NULL) {
    wsc_autobahn_note_close_sent(session->trial->autobahn);
  }
}

void wsc_session_tell_end(const struct wsc_session *session) {
  if (session->trial->autobahn != NULL) {
    wsc_autobahn_note_end(session->trial->autobahn);
  }
}
