#include <stdlib.h>
#include <string.h>

#include "session_internal.h"
#include "ws/close.h"
#include "ws/mask.h"

static void remember_ping(struct wsc_session *session, const uint8_t *payload,
                          size_t len, unsigned probe) {
  if (session->num_pings == session->cap_pings) {
    session->cap_pings = session->cap_pings == 0 ? 16 : session->cap_pings * 2;
    session->pings = wsc_realloc(session->pings,
                                 session->cap_pings * sizeof *session->pings);
  }
  struct wsc_ping *ping = &session->pings[session->num_pings++];
  ping->payload = wsc_malloc(len);
  if (len != 0) {
    memcpy(ping->payload, payload, len);
  }
  ping->len = len;
  ping->probe = probe;
}

static bool is_ping(const struct wsc_ping *ping, const uint8_t *payload,
                    size_t len) {
  return ping->len == len &&
         (len == 0 || memcmp(ping->payload, payload, len) == 0);
}

/* F10: pongs that equal a sent ping come in the order of the pings; one pong
 * may answer several. Others are unsolicited (F11). Returns the number of the
 * probe that was answered, or 0. */
unsigned wsc_session_match_pong(struct wsc_session *session,
                                const uint8_t *payload, size_t len) {
  for (size_t i = session->answered; i < session->num_pings; i++) {
    if (is_ping(&session->pings[i], payload, len)) {
      session->answered = i + 1;
      wsc_session_observe(session, WSC_CHECK_PONG_ORDER, NULL);
      return session->pings[i].probe;
    }
  }
  for (size_t i = 0; i < session->answered; i++) {
    if (is_ping(&session->pings[i], payload, len)) {
      bool again = i + 1 == session->answered;
      wsc_session_observe(
          session, WSC_CHECK_PONG_ORDER,
          again ? NULL : "a pong for an earlier ping followed a later one's");
      return session->pings[i].probe;
    }
  }
  return 0;
}

static void describe(struct wsc_session *session, const struct wsc_send *send,
                     const struct ws_frame *frame, size_t announced) {
  struct wsc_trial *trial = session->trial;
  if (!wsc_trial_notes_steps(trial)) {
    return;
  }
  const char *fin = frame->fin ? "" : " FIN=0";
  const char *mask = frame->masked ? "" : " unmasked";
  const char *rsv = "";
  if (frame->rsv != 0) {
    rsv = wsc_trial_text(trial, " RSV=%u", frame->rsv);
  }
  const char *deflated = "";
  if (send->deflate) {
    deflated = wsc_trial_text(trial, ", deflated from %zu", send->len);
  }
  wsc_trial_step(trial, wsc_link_id(session->link), true, "send",
                 "%s%s%s%s %s (%zu bytes%s)", ws_opcode_name(frame->opcode),
                 fin, rsv, mask,
                 wsc_trial_quote(trial, send->payload, send->len, 32),
                 announced, deflated);
}

static void note_sent(struct wsc_session *session, struct ws_slice payload,
                      const uint8_t *bytes, size_t header_len,
                      uint64_t length) {
  struct wsc_frame_note note = {
      .time = wsc_trial_time(session->trial),
      .connection = wsc_link_id(session->link),
      .direction = WSC_SENT,
      .offset = wsc_link_sent(session->link),
      .header_len = (uint8_t)header_len,
      .length = length,
      .payload = payload.data,
      .payload_len = payload.len,
  };
  memcpy(note.header, bytes, header_len);
  wsc_outcome_add_frame(session->trial->outcome, &note);
}

static void remember(struct wsc_session *session, const struct wsc_send *send) {
  if (send->opcode == WS_OP_PING && send->fin) {
    remember_ping(session, send->payload, send->len, 0);
  }
  if (send->opcode == WS_OP_CLOSE && !session->close_sent) {
    wsc_session_tell_close_sent(session);
    struct ws_close close;
    ws_close_parse(&close, send->payload, send->len);
    session->close_sent = true;
    session->close_sent_code = close.code;
    session->close_sent_has_code = send->len >= 2;
  }
}

/* One frame with `payload`, which is what `send` says, or became of it. */
static void send_payload(struct wsc_session *session,
                         const struct wsc_send *send, struct ws_slice payload) {
  struct ws_frame frame = {
      .fin = send->fin,
      .rsv = send->deflate ? send->rsv | WS_RSV1 : send->rsv,
      .opcode = send->opcode,
      .masked = send->masked,
      .length = send->has_length ? send->length : payload.len,
  };
  frame.length_form = send->form != 0 ? (enum ws_length_form)send->form
                                      : ws_length_form_minimal(frame.length);
  if (send->masked && send->has_key) {
    memcpy(frame.key, send->key, 4);
  } else if (send->masked) {
    wsc_rng_bytes(&session->trial->rng, frame.key, 4);
  }
  uint8_t small[WS_FRAME_HEADER_MAX + 256];
  bool fits = WS_FRAME_HEADER_MAX + payload.len <= sizeof small;
  uint8_t *bytes = fits ? small : wsc_malloc(WS_FRAME_HEADER_MAX + payload.len);
  size_t header_len = ws_frame_encode(bytes, &frame);
  if (payload.len != 0) {
    memcpy(bytes + header_len, payload.data, payload.len);
  }
  if (send->masked) {
    ws_mask(bytes + header_len, payload.len, frame.key, 0);
  }
  note_sent(session, payload, bytes, header_len, frame.length);
  remember(session, send);
  wsc_link_send(session->link, bytes, header_len + payload.len);
  describe(session, send, &frame, (size_t)frame.length);
  if (!fits) {
    free(bytes);
  }
}

void wsc_session_send(struct wsc_session *session,
                      const struct wsc_send *send) {
  struct ws_slice payload = {send->payload, send->len};
  if (send->deflate) {
    payload = wsc_session_deflated(session, payload, &send->options);
  }
  send_payload(session, send, payload);
}

void wsc_session_send_close(struct wsc_session *session, uint16_t code) {
  uint8_t body[125];
  struct ws_slice none = {NULL, 0};
  struct wsc_send send = {.opcode = WS_OP_CLOSE,
                          .fin = true,
                          .masked = true,
                          .payload = body,
                          .len = ws_close_write(body, code, none)};
  wsc_session_send(session, &send);
}

unsigned wsc_session_probe(struct wsc_session *session) {
  struct wsc_trial *trial = session->trial;
  unsigned number = ++session->num_probes;
  const char *payload =
      wsc_trial_text(trial, "probe-%s-%u", trial->nonce, number);
  size_t before = session->num_pings;
  struct wsc_send send = {.opcode = WS_OP_PING,
                          .fin = true,
                          .masked = true,
                          .payload = (const uint8_t *)payload,
                          .len = strlen(payload)};
  wsc_session_send(session, &send);
  session->pings[before].probe = number;
  return number;
}

unsigned wsc_session_fence(struct wsc_session *session) {
  return session->num_probes > session->probed ? session->num_probes
                                               : wsc_session_probe(session);
}
