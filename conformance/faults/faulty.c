/* faulty.c: the list of faults, and the life of a connection. */
#include "faulty.h"

#include <stdlib.h>
#include <string.h>

#include "faulty_deflate.h"

#define INPUT_KEPT 8 /* times what comes in: WSC_FAULT_INPUT_KEPT */

static const struct wsc_fault_entry entries[WSC_NUM_FAULTS] = {
    {"none", "", "conforms"},
#define XX(id, slug, requirement, text) {slug, requirement, text},
#include "faults.def"
#undef XX
};

const struct wsc_fault_entry *wsc_fault_entry(enum wsc_fault_id fault) {
  unsigned index = (unsigned)fault;
  return &entries[index < WSC_NUM_FAULTS ? index : WSC_NO_FAULT];
}

enum wsc_fault_id wsc_fault_by_slug(const char *slug) {
  for (unsigned i = 1; i < WSC_NUM_FAULTS; i++) {
    if (strcmp(entries[i].slug, slug) == 0) {
      return (enum wsc_fault_id)i;
    }
  }
  return WSC_NO_FAULT;
}

void wsc_faulty_end(struct wsc_faulty *peer, enum wsc_peer_wish wish) {
  peer->phase = WSC_FAULTY_DONE;
  peer->wish = wish;
}

void wsc_faulty_die(struct wsc_faulty *peer) {
  wsc_faulty_end(peer, WSC_PEER_RESET);
}

/* `feed` carries no time: the owner is asked to tick at once, and the delay
 * counts from that tick. */
void wsc_faulty_arm(struct wsc_faulty *peer, uint64_t delay) {
  peer->delay = delay;
  peer->due = peer->now;
}

static struct wsc_faulty *faulty_of(struct wsc_peer *peer) {
  return (struct wsc_faulty *)(void *)peer;
}

static const struct wsc_faulty *const_faulty_of(const struct wsc_peer *peer) {
  return (const struct wsc_faulty *)(const void *)peer;
}

static struct wsc_peer *faulty_open(const void *config, uint64_t now) {
  const struct wsc_faulty_config *settings = config;
  bool dead = settings->process != NULL && settings->process->dead;
  struct wsc_faulty *peer = dead ? NULL : calloc(1, sizeof *peer);
  if (peer == NULL) {
    return NULL;
  }
  peer->fault = settings->fault;
  peer->commands = settings->commands;
  peer->process = settings->process;
  if (peer->process != NULL) {
    peer->lost_seen = peer->process->num_lost;
    peer->process->num_fds++;
  }
  peer->now = now;
  peer->due = UINT64_MAX;
  if (wsc_faulty_is(peer, WSC_FAULT_SPEAKS_FIRST)) {
    wsc_faulty_send(peer, WS_OP_PING, NULL, 0);
  }
  return (struct wsc_peer *)(void *)peer;
}

/* The connection ends, in order or not: within a frame or a message? */
static void note_loss(struct wsc_faulty *peer) {
  bool within = peer->header_len > 0 || peer->in_payload || peer->message_open;
  if (peer->process != NULL && peer->phase == WSC_FAULTY_OPEN && within) {
    peer->lost_seen = ++peer->process->num_lost;
    if (wsc_faulty_is(peer, WSC_FAULT_LOSS_SPINS)) {
      wsc_faulty_spin(peer);
    }
  }
}

static bool is_muted(const struct wsc_faulty *peer) {
  return wsc_faulty_is(peer, WSC_FAULT_LOST_FRAME_MUTES) &&
         peer->process != NULL && peer->process->num_lost != peer->lost_seen;
}

static void faulty_feed(struct wsc_peer *peer, uint8_t *data, size_t len) {
  struct wsc_faulty *faulty = faulty_of(peer);
  if (is_muted(faulty)) {
    return;
  }
  if (wsc_faulty_is(faulty, WSC_FAULT_INPUT_KEPT)) {
    faulty->wasted += INPUT_KEPT * len;
  }
  if (wsc_faulty_is(faulty, WSC_FAULT_BODY_GATHERED) &&
      faulty->phase == WSC_FAULTY_DONE) {
    faulty->wasted += len;
  }
  if (faulty->phase == WSC_FAULTY_HEAD) {
    wsc_faulty_opening(faulty, data, len);
  } else {
    wsc_faulty_receive(faulty, data, len);
  }
  wsc_faulty_account(faulty, false);
}

static void faulty_feed_eof(struct wsc_peer *peer) {
  struct wsc_faulty *faulty = faulty_of(peer);
  note_loss(faulty);
  if (faulty->phase == WSC_FAULTY_HEAD) {
    wsc_faulty_opening_eof(faulty);
  } else if (faulty->phase == WSC_FAULTY_OPEN) {
    wsc_faulty_closing_eof(faulty);
  }
}

static size_t faulty_output(struct wsc_peer *peer, const uint8_t **data) {
  struct wsc_faulty *faulty = faulty_of(peer);
  size_t len = faulty->out.len - faulty->out_sent;
  *data = len == 0 ? NULL : faulty->out.data + faulty->out_sent;
  return len;
}

static void faulty_output_done(struct wsc_peer *peer, size_t len) {
  struct wsc_faulty *faulty = faulty_of(peer);
  faulty->out_sent += len;
  if (faulty->out_sent == faulty->out.len) {
    wsc_faulty_buffer_clear(&faulty->out);
    faulty->out_sent = 0;
    wsc_faulty_account(faulty, false);
  }
}

static enum wsc_peer_wish faulty_wish(const struct wsc_peer *peer) {
  const struct wsc_faulty *faulty = const_faulty_of(peer);
  if (faulty->process != NULL && faulty->process->dead) {
    return WSC_PEER_RESET;
  }
  if (faulty->resets_when_sent && faulty->out_sent == faulty->out.len) {
    return WSC_PEER_RESET;
  }
  bool cuts = faulty->wish == WSC_PEER_CLOSE &&
              wsc_faulty_is(faulty, WSC_FAULT_TLS_ENDS_BARE);
  return cuts ? WSC_PEER_CUT : faulty->wish;
}

static uint64_t faulty_deadline(const struct wsc_peer *peer) {
  return const_faulty_of(peer)->due;
}

static void faulty_tick(struct wsc_peer *peer, uint64_t now) {
  struct wsc_faulty *faulty = faulty_of(peer);
  faulty->now = now;
  if (now < faulty->due) {
    return;
  }
  if (faulty->delay > 0) {
    faulty->due = now + faulty->delay;
    faulty->delay = 0;
    return;
  }
  faulty->due = UINT64_MAX;
  wsc_faulty_due(faulty);
}

static void faulty_close(struct wsc_peer *peer) {
  if (peer == NULL) {
    return;
  }
  struct wsc_faulty *faulty = faulty_of(peer);
  note_loss(faulty);
  wsc_faulty_account(faulty, true);
  if (faulty->process != NULL &&
      !wsc_faulty_is(faulty, WSC_FAULT_DESCRIPTORS_LEAK)) {
    faulty->process->num_fds--;
  }
  wsc_faulty_buffer_free(&faulty->head);
  wsc_faulty_buffer_free(&faulty->aside);
  wsc_faulty_buffer_free(&faulty->message);
  wsc_faulty_buffer_free(&faulty->held);
  wsc_faulty_buffer_free(&faulty->out);
  wsc_faulty_deflate_free(faulty->deflate);
  free(faulty);
}

const struct wsc_peer_ops wsc_faulty_peer = {
    .name = "faulty",
    .open = faulty_open,
    .feed = faulty_feed,
    .feed_eof = faulty_feed_eof,
    .output = faulty_output,
    .output_done = faulty_output_done,
    .wish = faulty_wish,
    .deadline = faulty_deadline,
    .tick = faulty_tick,
    .close = faulty_close,
};
