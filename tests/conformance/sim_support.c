/* sim_support.c: see sim_support.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_support.h"

static void on_notice(void *user, const struct wsc_stream_notice *notice) {
  static const char letters[] = {
      [WSC_STREAM_UP] = 'u',   [WSC_STREAM_FAILED] = 'x',
      [WSC_STREAM_DATA] = 'd', [WSC_STREAM_FIN] = 'f',
      [WSC_STREAM_RST] = 'r',
  };
  struct seen *seen = user;
  char letter = letters[notice->event];
  bool again = letter == 'd' && seen->events[seen->num_events - 1] == 'd';
  if (!again && seen->num_events < sizeof seen->events - 1) {
    seen->events[seen->num_events++] = letter;
  }
  seen->cuts ^= seen->transport->ops->now(seen->transport) * 31 + notice->len;
  seen->cuts *= UINT64_C(0x100000001b3);
  if (notice->event == WSC_STREAM_DATA) {
    assert_true(notice->len > 0);
    if (seen->kept != NULL) {
      memcpy(seen->kept + seen->bytes, notice->data, notice->len);
    }
    seen->bytes += notice->len;
    seen->num_data++;
  }
  if (notice->event == WSC_STREAM_DATA && seen->release_on_data) {
    seen->transport->ops->release(seen->stream);
    seen->stream = NULL;
    volatile uint8_t still = notice->data[notice->len - 1];
    (void)still; /* borrowed for the call, released or not */
  }
}

void world_open_with(struct world *world, struct echo_config config,
                     uint64_t seed, size_t pipe_len) {
  memset(&world->log, 0, sizeof world->log);
  world->config = config;
  world->config.log = &world->log;
  struct wsc_sim_options options = {
      .factory = {&echo_peer, &world->config},
      .seed = seed,
      .pipe_len = pipe_len,
  };
  world->transport = wsc_sim_new(&options);
  assert_non_null(world->transport);
}

void world_open(struct world *world, struct echo_config config) {
  world_open_with(world, config, 1, 0);
}

void world_close(struct world *world) {
  wsc_sim_free(world->transport);
  assert_int_equal(world->log.num_open, world->log.num_closed);
}

uint64_t world_now(const struct world *world) {
  return world->transport->ops->now(world->transport);
}

void seen_dial(struct world *world, struct seen *seen) {
  uint8_t *kept = seen->kept;
  bool release_on_data = seen->release_on_data;
  *seen = (struct seen){.transport = world->transport,
                        .kept = kept,
                        .release_on_data = release_on_data};
  seen->stream = world->transport->ops->dial(
      world->transport, (struct wsc_listener){on_notice, seen});
  assert_non_null(seen->stream);
  assert_int_equal(seen->num_events, 0);
}

void seen_send(struct seen *seen, const void *data, size_t len) {
  assert_true(seen->transport->ops->write(seen->stream, data, len));
}

void seen_send_octet(struct seen *seen, uint8_t octet) {
  seen_send(seen, &octet, 1);
}

void world_settle(struct world *world) {
  while (world->transport->ops->wait(world->transport, WSC_FOREVER)) {
  }
}

void seen_release(struct seen *seen) {
  seen->transport->ops->release(seen->stream);
  seen->stream = NULL;
}

uint8_t *pattern_new(size_t len) {
  uint8_t *data = malloc(len);
  assert_non_null(data);
  for (size_t i = 0; i < len; i++) {
    data[i] = (uint8_t)(i * 31 + (i >> 8) + (i >> 16));
  }
  return data;
}

void seen_pause(struct seen *seen, bool on) {
  seen->transport->ops->pause(seen->stream, on);
}

size_t seen_unsent(const struct seen *seen) {
  return seen->transport->ops->unsent(seen->stream);
}

bool world_wait(struct world *world, uint64_t until) {
  return world->transport->ops->wait(world->transport, until);
}

void world_start(struct world *world, struct seen *seen,
                 struct echo_config config) {
  world_open(world, config);
  seen_dial(world, seen);
  world_settle(world);
}
