#include <stdio.h>
#include <string.h>

#include "session_internal.h"
#include "ws/close.h"
#include "ws/utf8.h"

void wsc_session_observe(struct wsc_session *session, enum wsc_check check,
                         const char *violation) {
  struct wsc_trial *trial = session->trial;
  /* What a command provoked, the case that gave it judges: no server does it
   * unasked. */
  if (trial->info->needs_do == 0) {
    wsc_observe(&trial->context->observed, check, trial->info->id,
                wsc_link_id(session->link), violation);
  }
  if (violation != NULL) {
    wsc_session_tell_violation(session, check);
  }
}

static void observe_frame(struct wsc_session *session, enum wsc_check check,
                          bool conforms) {
  char text[96];
  const struct ws_frame *frame = &session->frame;
  if (!conforms) {
    snprintf(text, sizeof text,
             "a %s frame at offset %llu, FIN %d, RSV %u, length %llu",
             ws_opcode_name(frame->opcode),
             (unsigned long long)session->frame_at, frame->fin, frame->rsv,
             (unsigned long long)frame->length);
  }
  wsc_session_observe(session, check, conforms ? NULL : text);
}

/* RFC 7692 6: RSV1 is for the first frame of a data message. */
static bool rsv1_allowed(const struct wsc_session *session) {
  uint8_t opcode = session->frame.opcode;
  return session->agreed && (opcode == WS_OP_TEXT || opcode == WS_OP_BINARY);
}

static bool rsv_allowed(const struct wsc_session *session) {
  uint8_t rsv = session->frame.rsv;
  return rsv == 0 || (rsv == WS_RSV1 && rsv1_allowed(session));
}

void wsc_session_watch_header(struct wsc_session *session) {
  const struct ws_frame *frame = &session->frame;
  bool control = ws_opcode_is_control(frame->opcode);
  observe_frame(session, WSC_CHECK_MASK_CLEAR, !frame->masked);
  observe_frame(session, WSC_CHECK_RSV_CLEAR, rsv_allowed(session));
  if (session->agreed) {
    observe_frame(session, WSC_CHECK_DEFLATE_RSV1,
                  (frame->rsv & WS_RSV1) == 0 || rsv1_allowed(session));
  }
  observe_frame(session, WSC_CHECK_OPCODE_KNOWN,
                ws_opcode_is_known(frame->opcode));
  observe_frame(session, WSC_CHECK_LENGTH_MINIMAL,
                frame->length_form == ws_length_form_minimal(frame->length));
  if (control) {
    observe_frame(session, WSC_CHECK_CONTROL_FIN, frame->fin);
    observe_frame(session, WSC_CHECK_CONTROL_SHORT,
                  frame->length <= WS_CONTROL_MAX);
    return;
  }
  bool continues = frame->opcode == WS_OP_CONTINUATION;
  observe_frame(session, WSC_CHECK_CONTINUATION_ORDER,
                continues == session->message_open);
  if (session->first_close != NULL) {
    observe_frame(session, WSC_CHECK_NOTHING_AFTER_CLOSE, false);
  }
}

void wsc_session_watch_message(struct wsc_session *session,
                               const struct wsc_event *message) {
  if (message->kind == WSC_EVENT_TEXT && message->inflate_error == NULL) {
    observe_frame(session, WSC_CHECK_TEXT_UTF8,
                  ws_utf8_valid(message->payload, message->len));
  }
}

/* Of the message whose last frame has been read. */
static void observe_message(struct wsc_session *session, enum wsc_check check,
                            bool conforms, const char *what) {
  const char *text = NULL;
  if (!conforms) {
    text = wsc_trial_text(session->trial,
                          "a message that ends with the frame at offset %llu: "
                          "%s",
                          (unsigned long long)session->frame_at, what);
  }
  wsc_session_observe(session, check, text);
}

void wsc_session_watch_inflated(struct wsc_session *session,
                                const struct wsc_event *message, bool whole) {
  const struct wsc_deflate_agreement *agreement = &session->agreement;
  struct wsc_trial *trial = session->trial;
  /* How much of it is read is our limit, and not the peer's fault. */
  if (whole) {
    observe_message(session, WSC_CHECK_DEFLATE_DATA,
                    message->inflate_error == NULL, message->inflate_error);
  }
  /* No match can go back further than 15 bits. */
  if (agreement->server_max_window_bits < WSC_DEFLATE_BITS_MAX) {
    size_t window = (size_t)1 << agreement->server_max_window_bits;
    bool conforms = message->distance <= window;
    observe_message(session, WSC_CHECK_DEFLATE_WINDOW, conforms,
                    conforms ? NULL
                             : wsc_trial_text(trial,
                                              "a match %zu octets back; the "
                                              "window has %zu",
                                              message->distance, window));
  }
  if (agreement->server_no_context_takeover) {
    bool conforms = message->reach == 0;
    observe_message(session, WSC_CHECK_DEFLATE_NO_TAKEOVER, conforms,
                    conforms ? NULL
                             : wsc_trial_text(trial,
                                              "a match %zu octets behind its "
                                              "beginning",
                                              message->reach));
  }
}

static bool is_echo(const struct wsc_session *session, uint16_t code) {
  return session->close_sent_has_code && session->close_sent_code == code;
}

void wsc_session_watch_close(struct wsc_session *session,
                             const struct wsc_event *close) {
  observe_frame(session, WSC_CHECK_ONE_CLOSE, session->first_close == NULL);
  observe_frame(session, WSC_CHECK_NOTHING_AFTER_CLOSE, true);
  observe_frame(session, WSC_CHECK_CLOSE_BODY, close->len != 1);
  bool has_code = close->len >= 2;
  uint16_t code = close->code;
  if (!has_code) {
    return;
  }
  observe_frame(session, WSC_CHECK_CLOSE_REASON_UTF8,
                ws_utf8_valid(close->payload + 2, close->len - 2));
  /* A code that we sent ourselves and that comes back is judged by the case
   * that sent it, and not here once more; an echoed 1010 is tolerated (CL-13:
   * 7.4.1 says only that 1010 "is not used by the server"). */
  bool echo = is_echo(session, code);
  observe_frame(session, WSC_CHECK_CLOSE_CODE,
                echo || ws_close_code_sendable(code));
  observe_frame(session, WSC_CHECK_CLOSE_CODE_1004, echo || code != 1004);
  observe_frame(session, WSC_CHECK_CLOSE_CODE_1005, echo || code != 1005);
  observe_frame(session, WSC_CHECK_CLOSE_CODE_1006, echo || code != 1006);
  observe_frame(session, WSC_CHECK_CLOSE_CODE_1015, echo || code != 1015);
  observe_frame(session, WSC_CHECK_CLOSE_CODE_1010, echo || code != 1010);
}

void wsc_session_note_failed(struct wsc_session *session) {
  wsc_session_observe(session, WSC_CHECK_CLOSE_BEFORE_FAILING,
                      session->first_close != NULL
                          ? NULL
                          : "the connection was failed without a Close frame");
}

void wsc_session_sample(struct wsc_session *session, const uint8_t *data,
                        size_t len) {
  size_t room = sizeof session->sample - session->sample_len;
  size_t now = len < room ? len : room;
  if (now != 0) {
    memcpy(session->sample + session->sample_len, data, now);
    session->sample_len += now;
  }
}

void wsc_session_note_received(struct wsc_session *session) {
  struct wsc_frame_note note = {
      .time = wsc_trial_time(session->trial),
      .connection = wsc_link_id(session->link),
      .direction = WSC_RECEIVED,
      .offset = session->frame_at,
      .header_len = session->header_len,
      .length = session->frame.length,
      .payload = session->sample,
      .payload_len = session->sample_len,
  };
  memcpy(note.header, session->header, session->header_len);
  wsc_outcome_add_frame(session->trial->outcome, &note);
  struct wsc_trial *trial = session->trial;
  if (!wsc_trial_notes_steps(trial)) {
    return;
  }
  int line = trial->line;
  trial->line = 0;
  wsc_trial_step(trial, note.connection, true, "receive",
                 "%s%s %s (%llu bytes)", ws_opcode_name(session->frame.opcode),
                 session->frame.fin ? "" : " FIN=0",
                 wsc_trial_quote(trial, note.payload, note.payload_len, 32),
                 (unsigned long long)session->frame.length);
  trial->line = line;
}
