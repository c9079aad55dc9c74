/* faulty_process.c: the process that the connections would be part of: it can
 * crash, spin, and waste memory, processor and descriptors. */
#include "faulty_internal.h"

#include <string.h>

#define OWN_MEMORY      ((uint64_t)8 * 1024 * 1024) /* before any connection */
#define OWN_DESCRIPTORS 8
#define LEFT_BEHIND     ((uint64_t)64 * 1024) /* of each connection */
#define KEY_BUFFER      ((size_t)1024)
/* Of the time for a field that is read again from its start at each octet. */
#define OCTETS_PER_MICROSECOND ((uint64_t)40)

bool wsc_fault_is_of_process(enum wsc_fault_id fault) {
  return fault >= WSC_FAULT_INPUT_KEPT && fault <= WSC_FAULT_LOSS_SPINS;
}

bool wsc_faulty_usage(void *user, uint64_t now, struct wsc_usage *usage,
                      const char **why) {
  const struct wsc_faulty_process *process = user;
  uint64_t spun =
      process->spins && now > process->spins_at ? now - process->spins_at : 0;
  uint64_t memory = OWN_MEMORY + process->allocated;
  *usage = (struct wsc_usage){.rss = memory,
                              .vsize = memory,
                              .cpu = process->cpu + spun,
                              .fds = OWN_DESCRIPTORS + process->num_fds};
  *why = "it has crashed";
  return !process->dead;
}

void wsc_faulty_revive(void *user, unsigned attempt) {
  struct wsc_faulty_process *process = user;
  (void)attempt;
  if (process->dead) {
    process->dead = false;
    process->spins = false;
  }
}

void wsc_faulty_crash(struct wsc_faulty *peer) {
  if (peer->process != NULL) {
    peer->process->dead = true;
  }
  wsc_faulty_die(peer);
}

void wsc_faulty_spin(struct wsc_faulty *peer) {
  if (peer->process != NULL && !peer->process->spins) {
    peer->process->spins = true;
    peer->process->spins_at = peer->now;
  }
}

void wsc_faulty_burn(struct wsc_faulty *peer, uint64_t microseconds) {
  if (peer->process != NULL) {
    peer->process->cpu += microseconds;
  }
}

void wsc_faulty_account(struct wsc_faulty *peer, bool gone) {
  uint64_t allocated = peer->head.cap + peer->aside.cap + peer->message.cap +
                       peer->held.cap + peer->out.cap + peer->wasted;
  if (gone) {
    allocated =
        wsc_faulty_is(peer, WSC_FAULT_CONNECTIONS_LEAK) ? LEFT_BEHIND : 0;
  }
  if (peer->process != NULL) {
    peer->process->allocated += allocated - peer->allocated;
  }
  peer->allocated = allocated;
}

static bool value_is(const struct ws_http_head *head, const char *name,
                     const char *value) {
  const struct ws_http_field *field = ws_http_field(head, name, 0);
  return field != NULL && field->value.len == strlen(value) &&
         memcmp(field->value.data, value, field->value.len) == 0;
}

static bool is_fatal(const struct wsc_faulty *peer,
                     const struct ws_http_head *head) {
  const struct ws_http_field *key = ws_http_field(head, "Sec-WebSocket-Key", 0);
  switch (peer->fault) {
  case WSC_FAULT_LONG_KEY_CRASHES:
    return key != NULL && key->value.len > KEY_BUFFER;
  case WSC_FAULT_PROTOTYPE_CRASHES:
    return value_is(head, "Sec-WebSocket-Extensions", "constructor");
  case WSC_FAULT_ORIGIN_CRASHES:
    return value_is(head, "Origin", "http://[");
  case WSC_FAULT_BLANK_PROTOCOL_CRASHES:
    return value_is(head, "Sec-WebSocket-Protocol", "");
  default:
    return false;
  }
}

void wsc_faulty_choke(struct wsc_faulty *peer,
                      const struct ws_http_head *head) {
  if (is_fatal(peer, head)) {
    wsc_faulty_crash(peer);
  }
  if (wsc_faulty_is(peer, WSC_FAULT_BODY_GATHERED) &&
      ws_http_count(head, "Content-Length") > 0) {
    wsc_faulty_end(peer, WSC_PEER_STAY);
  }
  for (size_t i = 0;
       wsc_faulty_is(peer, WSC_FAULT_QUADRATIC_FIELDS) && i < head->num_fields;
       i++) {
    uint64_t len = head->fields[i].value.len;
    wsc_faulty_burn(peer, len * len / OCTETS_PER_MICROSECOND);
  }
}
