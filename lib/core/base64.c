#include "ws/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define NO_DIGIT 64

static uint32_t digit_of(uint8_t c) {
  if (c >= 'A' && c <= 'Z') {
    return (uint32_t)c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return (uint32_t)c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return (uint32_t)c - '0' + 52;
  }
  if (c == '+') {
    return 62;
  }
  return c == '/' ? 63 : NO_DIGIT;
}

void ws_base64_encode(char *out, const uint8_t *data, size_t len) {
  for (size_t i = 0; i < len; i += 3) {
    size_t left = len - i;
    uint32_t group = (uint32_t)data[i] << 16;
    group |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
    group |= left > 2 ? (uint32_t)data[i + 2] : 0;
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 0x3F];
    *out++ = left > 1 ? alphabet[group >> 6 & 0x3F] : '=';
    *out++ = left > 2 ? alphabet[group & 0x3F] : '=';
  }
}

/* Reads four characters of which the last `num_pads` are padding; writes 3 -
 * num_pads bytes. */
static bool decode_group(uint8_t *out, const uint8_t *text, size_t num_pads) {
  uint32_t group = 0;
  for (size_t i = 0; i < 4; i++) {
    uint32_t digit = i < 4 - num_pads ? digit_of(text[i]) : 0;
    if (digit == NO_DIGIT) {
      return false;
    }
    group = group << 6 | digit;
  }
  /* RFC 4648 3.5: "These pad bits MUST be set to zero by conforming encoders
   * ... decoders MAY choose to reject an encoding if the pad bits have not been
   * set to zero." */
  if ((group & ((UINT32_C(1) << 8 * num_pads) - 1)) != 0) {
    return false;
  }
  for (size_t i = 0; i < 3 - num_pads; i++) {
    out[i] = (uint8_t)(group >> (16 - 8 * i));
  }
  return true;
}

bool ws_base64_decode(uint8_t *out, size_t *out_len, struct ws_slice text) {
  if (text.len % 4 != 0) {
    return false;
  }
  size_t num_pads = 0;
  while (num_pads < 2 && num_pads < text.len &&
         text.data[text.len - 1 - num_pads] == '=') {
    num_pads++;
  }
  size_t written = 0;
  for (size_t i = 0; i < text.len; i += 4) {
    size_t pads = text.len - i == 4 ? num_pads : 0;
    if (!decode_group(out + written, text.data + i, pads)) {
      return false;
    }
    written += 3 - pads;
  }
  *out_len = written;
  return true;
}
