#include "rng.h"

void wsc_rng_init(struct wsc_rng *rng, uint64_t seed, const char *name) {
  /* FNV-1a over the name, started from the seed. */
  uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;
  for (; *name != '\0'; name++) {
    hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
  }
  rng->state = hash;
}

/* SplitMix64 (Steele, Lea, Flood 2014): one word of state, any seed is good. */
uint64_t wsc_rng_next(struct wsc_rng *rng) {
  uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

int64_t wsc_rng_between(struct wsc_rng *rng, int64_t lo, int64_t hi) {
  uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;
  uint64_t value = wsc_rng_next(rng);
  return (int64_t)((uint64_t)lo + (span == 0 ? value : value % span));
}

void wsc_rng_bytes(struct wsc_rng *rng, uint8_t *out, size_t len) {
  uint64_t word = 0;
  for (size_t i = 0; i < len; i++) {
    word = i % 8 == 0 ? wsc_rng_next(rng) : word >> 8;
    out[i] = (uint8_t)word;
  }
}

void wsc_rng_text(struct wsc_rng *rng, char *out, size_t len) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (size_t i = 0; i < len; i++) {
    out[i] = letters[wsc_rng_next(rng) % (sizeof letters - 1)];
  }
}
