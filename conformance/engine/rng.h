/* rng.h: the seeded randomness of a case. Nothing else in a run is random, so
 * that one seed gives one run. */
#ifndef WSC_RNG_H
#define WSC_RNG_H

#include <stddef.h>
#include <stdint.h>

struct wsc_rng {
  uint64_t state;
};

/* Mixes a run's seed with a name, so that a case's stream does not depend on
 * which other cases run. */
void wsc_rng_init(struct wsc_rng *rng, uint64_t seed, const char *name);

uint64_t wsc_rng_next(struct wsc_rng *rng);

/* Uniform in lo..hi, both included; lo <= hi. */
int64_t wsc_rng_between(struct wsc_rng *rng, int64_t lo, int64_t hi);

void wsc_rng_bytes(struct wsc_rng *rng, uint8_t *out, size_t len);

/* Letters and digits. */
void wsc_rng_text(struct wsc_rng *rng, char *out, size_t len);

#endif
