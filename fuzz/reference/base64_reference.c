#include "base64_reference.h"

#include <string.h>

/* RFC 4648, table 1: the value of `c`, or -1. */
static int value_of(uint8_t c) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "0123456789+/";
  const char *found = c != '\0' ? strchr(alphabet, c) : NULL;
  return found != NULL ? (int)(found - alphabet) : -1;
}

bool base64_reference(uint8_t *out, size_t *out_len, const uint8_t *text,
                      size_t len) {
  size_t num_pads = 0;
  while (num_pads < len && text[len - 1 - num_pads] == '=') {
    num_pads++;
  }
  size_t num_bits = (len - num_pads) * 6;
  *out_len = num_bits / 8;
  memset(out, 0, len);
  for (size_t i = 0; i < num_bits; i++) {
    int value = value_of(text[i / 6]);
    if (value < 0) {
      return false;
    }
    bool set = ((unsigned)value >> (5 - i % 6) & 1) != 0;
    if (set && i / 8 >= *out_len) {
      return false;
    }
    if (set) {
      out[i / 8] |= (uint8_t)(0x80 >> i % 8);
    }
  }
  /* Section 4: groups of four, of which the last has one pad for two octets and
   * two for one. */
  return len % 4 == 0 && num_pads == (3 - *out_len % 3) % 3;
}
