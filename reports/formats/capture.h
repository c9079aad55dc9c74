/* capture.h: packets of TCP over IPv4 in a pcapng section, as if each
 * connection had been captured. Internal to reports/formats. */
#ifndef WSC_FORMAT_CAPTURE_H
#define WSC_FORMAT_CAPTURE_H

#include "strbuf.h"

#define WSC_SEGMENT_MAX 65000 /* octets of payload in a packet */

enum wsc_tcp_flags {
  WSC_TCP_FIN = 1,
  WSC_TCP_SYN = 2,
  WSC_TCP_RST = 4,
  WSC_TCP_PSH = 8,
  WSC_TCP_ACK = 16
};

/* One end of a connection. */
struct wsc_endpoint {
  uint32_t address; /* 198.18.0.1 is 0xC6120001 */
  uint16_t port;
};

struct wsc_packet {
  const struct wsc_endpoint *from; /* borrowed for the call, as all pointers */
  const struct wsc_endpoint *to;
  uint64_t time; /* microseconds */
  uint32_t sequence;
  uint32_t acknowledged;
  unsigned flags; /* of enum wsc_tcp_flags */
  const uint8_t *payload;
  size_t len;          /* at most WSC_SEGMENT_MAX */
  const char *comment; /* printable; "": none */
};

/* The head of a file: its section and its one interface. `tool` is printable.
 */
void wsc_capture_begin(struct wsc_strbuf *out, const char *tool);

void wsc_capture_packet(struct wsc_strbuf *out,
                        const struct wsc_packet *packet);

#endif
