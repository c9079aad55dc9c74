#include "capture.h"

#include <string.h>

enum block { SECTION = 0x0A0D0D0A, INTERFACE = 1, ENHANCED_PACKET = 6 };
enum option {
  OPTION_END = 0,
  OPTION_COMMENT = 1,
  INTERFACE_NAME = 2,
  SECTION_APPLICATION = 4,
  INTERFACE_RESOLUTION = 9
};

#define LINK_RAW    101 /* the packet begins with its IP header */
#define IP_HEADER   20
#define TCP_HEADER  20
#define COMMENT_MAX 60000

/* -- pcapng: little-endian blocks --------------------------------------- */

static void add16(struct wsc_strbuf *out, unsigned value) {
  const uint8_t octets[] = {(uint8_t)value, (uint8_t)(value >> 8)};
  wsc_strbuf_add(out, octets, sizeof octets);
}

static void add32(struct wsc_strbuf *out, uint32_t value) {
  add16(out, value & 0xFFFF);
  add16(out, value >> 16);
}

static void pad(struct wsc_strbuf *out, size_t len) {
  wsc_strbuf_add(out, "\0\0\0", (4 - len % 4) % 4);
}

static void option(struct wsc_strbuf *out, enum option code, const void *data,
                   size_t len) {
  add16(out, code);
  add16(out, (unsigned)len);
  wsc_strbuf_add(out, data, len);
  pad(out, len);
}

static void text_option(struct wsc_strbuf *out, enum option code,
                        const char *text) {
  size_t len = strlen(text);
  if (len != 0) {
    option(out, code, text, len < COMMENT_MAX ? len : COMMENT_MAX);
  }
}

/* A block is its type, its length, its body, its length. */
static void block(struct wsc_strbuf *out, enum block type,
                  const struct wsc_strbuf *body) {
  uint32_t len = (uint32_t)body->len + 12;
  add32(out, type);
  add32(out, len);
  wsc_strbuf_add(out, body->data, body->len);
  add32(out, len);
}

void wsc_capture_begin(struct wsc_strbuf *out, const char *tool) {
  static const uint8_t microseconds = 6; /* 10^-6 s */
  struct wsc_strbuf body;
  wsc_strbuf_init(&body);
  add32(&body, 0x1A2B3C4D);
  add16(&body, 1); /* version 1.0 */
  add16(&body, 0);
  add32(&body, UINT32_MAX); /* the section's length is not said */
  add32(&body, UINT32_MAX);
  text_option(&body, SECTION_APPLICATION, tool);
  option(&body, OPTION_END, "", 0);
  block(out, SECTION, &body);
  body.len = 0;
  add16(&body, LINK_RAW);
  add16(&body, 0);
  add32(&body, 0); /* no packet is cut */
  text_option(&body, INTERFACE_NAME, "wsspec");
  option(&body, INTERFACE_RESOLUTION, &microseconds, 1);
  option(&body, OPTION_END, "", 0);
  block(out, INTERFACE, &body);
  wsc_strbuf_free(&body);
}

/* -- the packet: network byte order ------------------------------------- */

static void put16(uint8_t *out, unsigned value) {
  out[0] = (uint8_t)(value >> 8);
  out[1] = (uint8_t)value;
}

static void put32(uint8_t *out, uint32_t value) {
  put16(out, value >> 16);
  put16(out + 2, value & 0xFFFF);
}

/* The sum of RFC 1071, of which a checksum is the complement. */
static uint32_t sum(uint32_t before, const uint8_t *data, size_t len) {
  uint32_t total = before;
  for (size_t i = 0; i + 1 < len; i += 2) {
    total += (uint32_t)(data[i] << 8 | data[i + 1]);
  }
  if (len % 2 != 0) {
    total += (uint32_t)data[len - 1] << 8;
  }
  while (total >> 16 != 0) {
    total = (total & 0xFFFF) + (total >> 16);
  }
  return total;
}

static void make_ip(uint8_t *ip, const struct wsc_packet *packet) {
  memset(ip, 0, IP_HEADER);
  ip[0] = 0x45;
  put16(ip + 2, (unsigned)(IP_HEADER + TCP_HEADER + packet->len));
  put16(ip + 6, 0x4000); /* is not to be cut */
  ip[8] = 64;
  ip[9] = 6; /* TCP */
  put32(ip + 12, packet->from->address);
  put32(ip + 16, packet->to->address);
  put16(ip + 10, ~sum(0, ip, IP_HEADER) & 0xFFFF);
}

static void make_tcp(uint8_t *tcp, const uint8_t *ip,
                     const struct wsc_packet *packet) {
  memset(tcp, 0, TCP_HEADER);
  put16(tcp, packet->from->port);
  put16(tcp + 2, packet->to->port);
  put32(tcp + 4, packet->sequence);
  put32(tcp + 8, packet->acknowledged);
  tcp[12] = TCP_HEADER / 4 << 4;
  tcp[13] = (uint8_t)packet->flags;
  put16(tcp + 14, 65535); /* window */
  uint8_t pseudo[12] = {0};
  memcpy(pseudo, ip + 12, 8);
  pseudo[9] = 6;
  put16(pseudo + 10, (unsigned)(TCP_HEADER + packet->len));
  uint32_t total = sum(0, pseudo, sizeof pseudo);
  total = sum(total, tcp, TCP_HEADER);
  total = sum(total, packet->payload, packet->len);
  put16(tcp + 16, ~total & 0xFFFF);
}

void wsc_capture_packet(struct wsc_strbuf *out,
                        const struct wsc_packet *packet) {
  uint8_t head[IP_HEADER + TCP_HEADER];
  uint32_t len = (uint32_t)(sizeof head + packet->len);
  make_ip(head, packet);
  make_tcp(head + IP_HEADER, head, packet);
  struct wsc_strbuf body;
  wsc_strbuf_init(&body);
  add32(&body, 0); /* the interface */
  add32(&body, (uint32_t)(packet->time >> 32));
  add32(&body, (uint32_t)packet->time);
  add32(&body, len);
  add32(&body, len);
  wsc_strbuf_add(&body, head, sizeof head);
  wsc_strbuf_add(&body, packet->payload, packet->len);
  pad(&body, len);
  if (packet->comment[0] != '\0') {
    text_option(&body, OPTION_COMMENT, packet->comment);
    option(&body, OPTION_END, "", 0);
  }
  block(out, ENHANCED_PACKET, &body);
  wsc_strbuf_free(&body);
}
