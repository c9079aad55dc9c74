/* observe.h: what every connection of a run watches in what the peer sends.
 *
 * A peer whose ordinary output is wrong must not fail each case that happens to
 * see it: a violation is counted here, and judged once, by a passive case at
 * the end of the run. */
#ifndef WSC_OBSERVE_H
#define WSC_OBSERVE_H

#include <stddef.h>
#include <stdint.h>

/* Enum, name in scripts, what conforms. */
#define WSC_CHECK_MAP(XX)                                                      \
  XX(MASK_CLEAR, "mask-clear", "a server does not mask its frames")            \
  XX(RSV_CLEAR, "rsv-clear",                                                   \
     "RSV bits are clear unless a negotiated extension defines them")          \
  XX(OPCODE_KNOWN, "opcode-known", "only defined opcodes are sent")            \
  XX(LENGTH_MINIMAL, "length-minimal",                                         \
     "lengths are written in the fewest bytes")                                \
  XX(CONTROL_FIN, "control-fin", "control frames are not fragmented")          \
  XX(CONTROL_SHORT, "control-short", "control frames carry at most 125 bytes") \
  XX(CONTINUATION_ORDER, "continuation-order",                                 \
     "fragments follow their message and are not interleaved")                 \
  XX(TEXT_UTF8, "text-utf8", "text messages are valid UTF-8")                  \
  XX(CLOSE_BODY, "close-body", "a Close body is empty or has a status code")   \
  XX(CLOSE_REASON_UTF8, "close-reason-utf8", "a close reason is valid UTF-8")  \
  XX(CLOSE_CODE, "close-code", "status codes are such that may be sent")       \
  XX(CLOSE_CODE_1004, "close-code-1004", "1004 is never in a Close frame")     \
  XX(CLOSE_CODE_1005, "close-code-1005", "1005 is never in a Close frame")     \
  XX(CLOSE_CODE_1006, "close-code-1006", "1006 is never in a Close frame")     \
  XX(CLOSE_CODE_1015, "close-code-1015", "1015 is never in a Close frame")     \
  XX(CLOSE_CODE_1010, "close-code-1010", "a server does not send 1010")        \
  XX(ONE_CLOSE, "one-close", "at most one Close frame is sent")                \
  XX(NOTHING_AFTER_CLOSE, "nothing-after-close",                               \
     "no data frame follows the Close frame")                                  \
  XX(CLOSE_BEFORE_FAILING, "close-before-failing",                             \
     "a Close frame precedes the end of a failed connection")                  \
  XX(PONG_ORDER, "ping-answered-in-order",                                     \
     "pongs that answer pings come in their order")                            \
  XX(NO_EARLY_FRAMES, "response-no-early-frames",                              \
     "nothing but an HTTP response precedes the end of the handshake")         \
  XX(DEFLATE_RSV1, "deflate-rsv1",                                             \
     "RSV1 is set on nothing but the first frame of a data message")           \
  XX(DEFLATE_DATA, "deflate-data", "compressed messages inflate")              \
  XX(DEFLATE_WINDOW, "deflate-window",                                         \
     "matches stay within the agreed server_max_window_bits")                  \
  XX(DEFLATE_NO_TAKEOVER, "deflate-no-takeover",                               \
     "with server_no_context_takeover, each message begins with no window")

enum wsc_check {
#define XX(id, name, text) WSC_CHECK_##id,
  WSC_CHECK_MAP(XX)
#undef XX
      WSC_NUM_CHECKS
};

#define WSC_OBSERVED_TEXT 200

struct wsc_observed {
  struct {
    uint64_t count; /* times that it was looked at */
    uint64_t violations;
    char first[WSC_OBSERVED_TEXT]; /* the first violation: case, connection,
                                      offset, what; "" when there is none */
  } checks[WSC_NUM_CHECKS];
};

const char *wsc_check_name(enum wsc_check check);
const char *wsc_check_text(enum wsc_check check);

/* The check called `name`, or WSC_NUM_CHECKS. */
enum wsc_check wsc_check_by_name(const char *name);

/* Counts one look at `check`. With a `violation` (NULL: conforms) it is
 * remembered as "CASE, connection N: VIOLATION". */
void wsc_observe(struct wsc_observed *observed, enum wsc_check check,
                 const char *case_id, int connection, const char *violation);

#endif
