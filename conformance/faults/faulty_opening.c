/* faulty_opening.c: gathers the request and decides on it (4.2). */
#include "faulty_internal.h"

#include "ws/types.h"

#define MAX_FIELDS 100

static void too_large(struct wsc_faulty *peer) {
  if (wsc_faulty_is(peer, WSC_FAULT_HUGE_HEAD_CRASHES)) {
    wsc_faulty_crash(peer);
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_HUGE_HEAD_IGNORED)) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
  } else {
    wsc_faulty_refuse(peer, 431);
  }
}

static void answer(struct wsc_faulty *peer, size_t end) {
  struct ws_http_field fields[MAX_FIELDS];
  struct ws_http_head head;
  ws_http_parse(&head, WS_HTTP_REQUEST, peer->head.data, end, fields,
                MAX_FIELDS);
  wsc_faulty_choke(peer, &head);
  if (peer->phase == WSC_FAULTY_DONE) {
    return;
  }
  bool malformed = (head.quirks & ~(uint32_t)WS_HTTP_NON_ASCII) != 0;
  if (malformed && wsc_faulty_is(peer, WSC_FAULT_MALFORMED_HEAD_IGNORED)) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_SILENT_TO_BROWSERS) &&
      ws_http_count(&head, "Cache-Control") > 0) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
    return;
  }
  uint16_t status = wsc_faulty_refusal(peer, &head);
  if (status != 0) {
    wsc_faulty_refuse(peer, status);
    return;
  }
  if (!wsc_faulty_accept(peer, &head)) {
    return;
  }
  peer->phase = WSC_FAULTY_OPEN;
  if (wsc_faulty_is(peer, WSC_FAULT_ORIGIN_REFUSED_LATE) &&
      ws_http_count(&head, "Origin") > 0) {
    wsc_faulty_fail(peer, 1008);
  }
}

void wsc_faulty_opening(struct wsc_faulty *peer, const uint8_t *data,
                        size_t len) {
  if (!wsc_faulty_buffer_append(&peer->head, data, len)) {
    wsc_faulty_die(peer);
    return;
  }
  size_t end =
      ws_http_head_end(peer->head.data, peer->head.len, &peer->head_scanned);
  if (end > WSC_FAULTY_HEAD_MAX ||
      (end == 0 && peer->head.len > WSC_FAULTY_HEAD_MAX)) {
    too_large(peer);
    return;
  }
  if (wsc_faulty_is(peer, WSC_FAULT_SEGMENTED_HEAD_REFUSED) &&
      ++peer->num_segments > 40) {
    wsc_faulty_refuse(peer, 400);
    return;
  }
  if (end == 0) {
    return;
  }
  answer(peer, end);
  if (peer->phase == WSC_FAULTY_OPEN &&
      !wsc_faulty_is(peer, WSC_FAULT_EARLY_FRAME_DROPPED)) {
    wsc_faulty_receive(peer, peer->head.data + end, peer->head.len - end);
  }
  wsc_faulty_buffer_free(&peer->head);
}

void wsc_faulty_opening_eof(struct wsc_faulty *peer) {
  if (peer->head.len > 0) {
    wsc_faulty_refuse(peer, 400);
  } else {
    wsc_faulty_end(peer, WSC_PEER_CLOSE);
  }
}
