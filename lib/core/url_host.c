#include "url_internal.h"

#include <string.h>

#define NUM_PIECES 8 /* of 16 bits, in an address of IPv6 */

int ws_url_hex_value(uint8_t c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_digit(uint8_t c) {
  return c >= '0' && c <= '9';
}

/* Names ------------------------------------------------------------------ */

/* "forbidden domain code point", and the four that the standard allows but that
 * are in no reg-name (RFC 3986 3.2.2), and so not in Host either. The caller
 * deals with what is not ASCII. */
static bool is_forbidden(uint8_t c) {
  return c <= ' ' || c == 0x7F || strchr("#%/:<>?@[\\]^|\"`{}", c) != NULL;
}

/* Undoes percent-encoding, then puts into lower case, which is all that
 * domain-to-ASCII does to ASCII. */
static enum ws_url_error decode_name(char host[WS_URL_HOST_MAX],
                                     struct ws_slice text) {
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c == '%' && text.len - i > 2) {
      int high = ws_url_hex_value(text.data[i + 1]);
      int low = ws_url_hex_value(text.data[i + 2]);
      if (high >= 0 && low >= 0) {
        c = (uint8_t)(high * 16 + low);
        i += 2;
      }
    }
    if (c > 0x7F || is_forbidden(c)) {
      return WS_URL_HOST;
    }
    if (len == WS_URL_HOST_MAX - 1) {
      return WS_URL_TOO_LONG;
    }
    host[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  host[len] = '\0';
  return WS_URL_OK;
}

/* IPv4 ------------------------------------------------------------------- */

/* Reads decimal, 0x hexadecimal or 0 octal; false when it is none of them. What
 * does not fit saturates, and is too large for any use. */
static bool read_number(uint64_t *number, struct ws_slice text) {
  unsigned radix = 10;
  size_t at = 0;
  if (text.len > 1 && text.data[0] == '0') {
    bool is_hex = text.data[1] == 'x'; /* in lower case by now */
    radix = is_hex ? 16 : 8;
    at = is_hex ? 2 : 1;
  }
  *number = 0;
  for (; at < text.len; at++) {
    int digit = ws_url_hex_value(text.data[at]);
    if (digit < 0 || (unsigned)digit >= radix) {
      return false;
    }
    *number = *number * radix + (unsigned)digit;
    if (*number > UINT32_MAX) {
      *number = (uint64_t)UINT32_MAX + 1;
    }
  }
  return text.len > 0;
}

/* The last label of `host`; a dot at the end does not begin one. */
static struct ws_slice last_label(struct ws_slice host) {
  if (host.len > 1 && host.data[host.len - 1] == '.') {
    host.len--;
  }
  size_t begin = host.len;
  while (begin > 0 && host.data[begin - 1] != '.') {
    begin--;
  }
  return (struct ws_slice){host.data + begin, host.len - begin};
}

/* "ends in a number checker": such a host is an address or an error, never a
 * name. */
static bool ends_in_number(struct ws_slice host) {
  struct ws_slice last = last_label(host);
  size_t num_digits = 0;
  while (num_digits < last.len && is_digit(last.data[num_digits])) {
    num_digits++;
  }
  uint64_t number;
  return last.len > 0 && (num_digits == last.len || read_number(&number, last));
}

static bool read_ipv4(uint32_t *address, struct ws_slice host) {
  uint64_t numbers[4];
  size_t num_numbers = 0;
  if (host.data[host.len - 1] == '.') {
    host.len--;
  }
  for (size_t begin = 0; begin <= host.len; num_numbers++) {
    size_t end = begin;
    while (end < host.len && host.data[end] != '.') {
      end++;
    }
    struct ws_slice part = {host.data + begin, end - begin};
    if (num_numbers == 4 || !read_number(&numbers[num_numbers], part)) {
      return false;
    }
    begin = end + 1;
  }
  /* The last number stands for all bytes that are left. */
  uint64_t last = numbers[num_numbers - 1];
  if (last >> (8 * (5 - num_numbers)) != 0) {
    return false;
  }
  *address = (uint32_t)last;
  for (size_t i = 0; i + 1 < num_numbers; i++) {
    if (numbers[i] > 255) {
      return false;
    }
    *address |= (uint32_t)numbers[i] << (24 - 8 * i);
  }
  return true;
}

static void write_ipv4(char *out, uint32_t address) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    unsigned byte = address >> shift & 0xFF;
    if (byte > 99) {
      *out++ = (char)('0' + byte / 100);
    }
    if (byte > 9) {
      *out++ = (char)('0' + byte / 10 % 10);
    }
    *out++ = (char)('0' + byte % 10);
    *out++ = shift != 0 ? '.' : '\0';
  }
}

/* IPv6 ------------------------------------------------------------------- */

struct ipv6 {
  const uint8_t *at, *end;
  uint16_t pieces[NUM_PIECES];
  size_t num_pieces;
  size_t gap; /* pieces before "::"; SIZE_MAX: there was none */
};

static bool take(struct ipv6 *ip, uint8_t c) {
  bool here = ip->at < ip->end && *ip->at == c;
  ip->at += here ? 1 : 0;
  return here;
}

static bool push(struct ipv6 *ip, unsigned piece) {
  if (ip->num_pieces == NUM_PIECES) {
    return false;
  }
  ip->pieces[ip->num_pieces++] = (uint16_t)piece;
  return true;
}

/* 0..255 in decimal, without leading zeros. */
static bool take_byte(struct ipv6 *ip, unsigned *byte) {
  const uint8_t *begin = ip->at;
  *byte = 0;
  while (ip->at < ip->end && is_digit(*ip->at) && *byte < 256) {
    *byte = *byte * 10 + (*ip->at - (unsigned)'0');
    ip->at++;
  }
  size_t len = (size_t)(ip->at - begin);
  return len > 0 && *byte < 256 && (len == 1 || *begin != '0');
}

/* The last two pieces as an address of IPv4. */
static bool take_ipv4(struct ipv6 *ip) {
  unsigned bytes[4];
  for (size_t i = 0; i < 4; i++) {
    if ((i > 0 && !take(ip, '.')) || !take_byte(ip, &bytes[i])) {
      return false;
    }
  }
  return ip->at == ip->end && push(ip, bytes[0] << 8 | bytes[1]) &&
         push(ip, bytes[2] << 8 | bytes[3]);
}

/* One to four hexadecimal digits, or the address of IPv4 that ends it all. */
static bool take_piece(struct ipv6 *ip) {
  const uint8_t *begin = ip->at;
  unsigned piece = 0;
  while (ip->at < ip->end && ip->at - begin < 4 &&
         ws_url_hex_value(*ip->at) >= 0) {
    piece = piece * 16 + (unsigned)ws_url_hex_value(*ip->at);
    ip->at++;
  }
  if (ip->at < ip->end && *ip->at == '.') {
    ip->at = begin;
    return take_ipv4(ip);
  }
  return ip->at > begin && push(ip, piece);
}

/* Moves the pieces behind "::" to the end. It stands for at least one piece, as
 * in the standard. */
static bool close_gap(struct ipv6 *ip) {
  if (ip->gap == SIZE_MAX) {
    return ip->num_pieces == NUM_PIECES;
  }
  if (ip->num_pieces == NUM_PIECES) {
    return false;
  }
  size_t num_behind = ip->num_pieces - ip->gap;
  size_t num_zero = NUM_PIECES - ip->num_pieces;
  uint16_t *gap = ip->pieces + ip->gap;
  memmove(gap + num_zero, gap, num_behind * sizeof(*gap));
  memset(gap, 0, num_zero * sizeof(*gap));
  return true;
}

static bool read_ipv6(struct ipv6 *ip) {
  bool begins_with_gap = ip->end - ip->at > 1 && memcmp(ip->at, "::", 2) == 0;
  if (!begins_with_gap && !take_piece(ip)) {
    return false;
  }
  while (ip->at < ip->end) {
    if (!take(ip, ':')) {
      return false;
    }
    if (take(ip, ':')) {
      if (ip->gap != SIZE_MAX) {
        return false;
      }
      ip->gap = ip->num_pieces;
      if (ip->at == ip->end) {
        break;
      }
    }
    if (!take_piece(ip)) {
      return false;
    }
  }
  return close_gap(ip);
}

/* The longest run of at least two zero pieces, the first of equals; length 0
 * when there is none. */
static size_t longest_zeros(const struct ipv6 *ip, size_t *begin) {
  size_t longest = 0;
  size_t run = 0;
  for (size_t i = 0; i < NUM_PIECES; i++) {
    run = ip->pieces[i] == 0 ? run + 1 : 0;
    if (run > longest && run > 1) {
      longest = run;
      *begin = i + 1 - run;
    }
  }
  return longest;
}

static char *write_hex(char *out, unsigned piece) {
  for (int shift = 12; shift >= 0; shift -= 4) {
    if (piece >> shift != 0 || shift == 0) {
      *out++ = "0123456789abcdef"[piece >> shift & 15];
    }
  }
  return out;
}

static void write_ipv6(char *out, const struct ipv6 *ip) {
  size_t zeros = 0;
  size_t num_zeros = longest_zeros(ip, &zeros);
  size_t i = 0;
  while (i < NUM_PIECES) {
    if (num_zeros > 0 && i == zeros) {
      *out++ = ':';
      *out++ = ':';
      i += num_zeros;
      continue;
    }
    out = write_hex(out, ip->pieces[i]);
    i++;
    if (i < NUM_PIECES && (num_zeros == 0 || i != zeros)) {
      *out++ = ':';
    }
  }
  *out = '\0';
}

enum ws_url_error ws_url_host_parse(char host[WS_URL_HOST_MAX],
                                    struct ws_slice text) {
  if (text.data[0] == '[') {
    struct ipv6 ip = {
        .at = text.data + 1, .end = text.data + text.len - 1, .gap = SIZE_MAX};
    if (text.len < 2 || *ip.end != ']' || !read_ipv6(&ip)) {
      return WS_URL_HOST;
    }
    write_ipv6(host, &ip);
    return WS_URL_OK;
  }
  enum ws_url_error error = decode_name(host, text);
  if (error != WS_URL_OK) {
    return error;
  }
  struct ws_slice name = ws_slice_of(host);
  uint32_t address;
  if (!ends_in_number(name)) {
    return WS_URL_OK;
  }
  if (!read_ipv4(&address, name)) {
    return WS_URL_HOST;
  }
  write_ipv4(host, address);
  return WS_URL_OK;
}
