/* faulty_stimuli.h: for each fault a conversation in which it shows.
 *
 * A request is the baseline with one text replaced; in the replacement `|` ends
 * a segment and `~` stands for 20000 letters. Frames are hex; `k` stands for
 * the masking key 00000000, `K` for 37FA213D, `*N` repeats the byte before it
 * to N in all, `(` and `)N` stand around what comes N times, `|` ends a
 * segment, `$` is the end of the TCP stream. */
#ifndef FAULTY_STIMULI_H
#define FAULTY_STIMULI_H

#include "faulty.h"

struct stimulus {
  enum wsc_fault_id fault;
  const char *from; /* "": the baseline as it is */
  const char *to;
  const char *frames;
};

#define BASELINE                                                               \
  "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"                        \
  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"     \
  "Sec-WebSocket-Version: 13\r\n\r\n"
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

#define ASK(fault, from, to)                                                   \
  { WSC_FAULT_##fault, from, to, "" }
#define ADD(fault, fields)                                                     \
  { WSC_FAULT_##fault, "13\r\n", "13\r\n" fields, "" }
#define SEND(fault, frames)                                                    \
  { WSC_FAULT_##fault, "", "", frames }
#define DEFLATE(fault, params, frames)                                         \
  {                                                                            \
    WSC_FAULT_DEFLATE_##fault, "13\r\n",                                       \
        "13\r\nSec-WebSocket-Extensions: permessage-deflate" params "\r\n",    \
        frames                                                                 \
  }
/* The examples of RFC 7692 7.2.3.1 and 7.2.3.2, and a message to compress. */
#define HELLO                 "c187kf248cdc9c90700"
#define HELLO_AGAIN           "c185kf200110000"
#define PLAIN_HELLO           "8185k48656c6c6f"
#define VERSION(fault, value) ASK(fault, "Version: 13", "Version: " value)

static const struct stimulus stimuli[] = {
    ASK(ACCEPTS_POST, "GET ", "POST "),
    ASK(ACCEPTS_LOWER_CASE_GET, "GET ", "get "),
    ASK(ACCEPTS_HTTP_1_0, "HTTP/1.1", "HTTP/1.0"),
    ASK(REFUSES_ABSOLUTE_TARGET, "GET /", "GET http://h/"),
    ASK(ACCEPTS_NO_HOST, "Host: h\r\n", ""),
    ASK(ACCEPTS_NO_UPGRADE, "Upgrade: websocket\r\n", ""),
    ASK(ACCEPTS_OTHER_UPGRADE, "websocket", "h2c"),
    ASK(ACCEPTS_UPGRADE_PREFIX, "websocket", "websockets"),
    ASK(UPGRADE_EXACT_CASE, "websocket", "WEBSOCKET"),
    ASK(UPGRADE_UNICODE_FOLD, "websocket", "web\xC5\xBFocket"),
    ASK(ACCEPTS_NO_CONNECTION, "Connection: Upgrade\r\n", ""),
    ASK(ACCEPTS_OTHER_CONNECTION, "Connection: Upgrade",
        "Connection: keep-alive"),
    ASK(CONNECTION_EXACT_CASE, "Connection: Upgrade", "Connection: UPGRADE"),
    ASK(CONNECTION_LIST_REFUSED, "Connection: Upgrade",
        "Connection: keep-alive, Upgrade"),
    ASK(CONNECTION_LINES_REFUSED, "Connection: Upgrade",
        "Connection: keep-alive\r\nConnection: Upgrade"),
    ASK(ACCEPTS_NO_KEY, "Sec-WebSocket-Key: " KEY "\r\n", ""),
    ASK(ACCEPTS_EMPTY_KEY, KEY, ""),
    ASK(ACCEPTS_KEY_LENGTH, KEY, "AQIDBAUGBwgJCgsMDQ4P"),
    ADD(SILENT_TO_BROWSERS, "Cache-Control: no-cache\r\n"),
    VERSION(VERSION_OVER_255, "99"),
    ASK(EXTENSION_EMPTY_FIELD, "", ""),
    ADD(EXTENSION_NOT_TOKEN, "Sec-WebSocket-Extensions: x-unknown\r\n"),
    SEND(PING_REFUSED, "8980k"),
    SEND(CLOSE_AS_PONG, "8880k"),
    ASK(REFUSES_ZERO_KEY, KEY, "AAAAAAAAAAAAAAAAAAAAAA=="),
    ASK(ACCEPTS_KEY_NOT_BASE64, KEY, "!!!!!!!!!!!!!!!!!!!!!!!!"),
    ADD(ACCEPTS_TWO_KEYS, "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"),
    ASK(ACCEPTS_NO_VERSION, "Sec-WebSocket-Version: 13\r\n", ""),
    VERSION(ACCEPTS_ANY_VERSION, "99"),
    VERSION(ACCEPTS_VERSION_GRAMMAR, "013"),
    ADD(ACCEPTS_TWO_VERSIONS, "Sec-WebSocket-Version: 8\r\n"),
    ASK(NAMES_EXACT_CASE, "Sec-WebSocket-Key", "sec-websocket-key"),
    ASK(ORDER_MATTERS, "Host: h\r\nUpgrade: websocket\r\n",
        "Upgrade: websocket\r\nHost: h\r\n"),
    ADD(UNKNOWN_FIELD_REFUSED, "X-Foo: bar\r\n"),
    ADD(SEGMENTED_HEAD_REFUSED, "Origin: "
                                "a|a|a|a|a|a|a|a|a|a|"
                                "a|a|a|a|a|a|a|a|a|a|"
                                "a|a|a|a|a|a|a|a|a|a|"
                                "a|a|a|a|a|a|a|a|a|a|"
                                "a|a|a|a|a|a|a|a|a|a|"
                                "\r\n"),
    {WSC_FAULT_EARLY_FRAME_DROPPED, "\r\n\r\n",
     "\r\n\r\n\x89\x81\x37\xFA\x21\x3D\x74", ""},
    ASK(REFUSES_WITHOUT_STATUS, "GET ", "POST "),
    ASK(HUGE_HEAD_IGNORED, "GET /", "GET /~"),
    VERSION(VERSION_NOT_NAMED, "99"),
    VERSION(VERSION_LACKS_13, "99"),
    VERSION(VERSION_NAMED_WRONG, "99"),
    VERSION(VERSION_LIST_GRAMMAR, "99"),
    ASK(MALFORMED_HEAD_IGNORED, "Host: h", "Host : h"),
    SEND(SPEAKS_FIRST, ""),
    ASK(STATUS_200, "GET /", "GET /?x"),
    SEND(RESPONSE_NOT_HTTP, ""),
    SEND(RESPONSE_NO_UPGRADE, ""),
    SEND(RESPONSE_OTHER_UPGRADE, ""),
    SEND(RESPONSE_NO_CONNECTION, ""),
    SEND(RESPONSE_OTHER_CONNECTION, ""),
    SEND(ACCEPT_MISSING, ""),
    ASK(ACCEPT_CONSTANT, KEY, "AQIDBAUGBwgJCgsMDQ4PEA=="),
    SEND(ACCEPT_LOWER_CASE, ""),
    ASK(ACCEPT_OF_UNTRIMMED_KEY, KEY, "  " KEY " \t"),
    SEND(ACCEPT_UNPADDED, ""),
    SEND(ACCEPT_TWICE, ""),
    SEND(RESPONSE_CONTENT_LENGTH, ""),
    SEND(RESPONSE_TRANSFER_ENCODING, ""),
    SEND(FRAME_BEFORE_RESPONSE, ""),
    ADD(ORIGIN_REFUSED_LATE, "Origin: http://evil.invalid\r\n"),
    SEND(EXTENSION_UNREQUESTED, ""),
    ADD(EXTENSION_UNREGISTERED, "Sec-WebSocket-Extensions: x-unknown\r\n"),
    ADD(EXTENSION_UNDEFINED_PARAMETER,
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
    ADD(EXTENSION_UNDEFINED_VALUE,
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
    ADD(EXTENSION_NOT_OFFERED, "Sec-WebSocket-Extensions: x-unknown\r\n"),
    ADD(EXTENSION_UNKNOWN_ECHOED,
        "Sec-WebSocket-Extensions: x-unknown; p=1\r\n"),
    ADD(EXTENSION_OFFER_REFUSED, "Sec-WebSocket-Extensions: x-unknown\r\n"),
    ADD(EXTENSION_MALFORMED_ACCEPTED,
        "Sec-WebSocket-Extensions: permessage-deflate; =1\r\n"),
    ADD(EXTENSION_LINES_REFUSED, "Sec-WebSocket-Extensions: x-foo\r\n"
                                 "Sec-WebSocket-Extensions: x-bar\r\n"),
    ADD(EXTENSION_EMPTY_MEMBER_REFUSED,
        "Sec-WebSocket-Extensions: ,, x-foo ,\r\n"),
    ADD(EXTENSION_SPACE_REFUSED, "Sec-WebSocket-Extensions: x-foo ; p\r\n"),
    ADD(EXTENSION_QUOTED_REFUSED,
        "Sec-WebSocket-Extensions: x-foo; p=\"10\"\r\n"),
    ADD(EXTENSION_QUOTED_ACCEPTED,
        "Sec-WebSocket-Extensions: x-foo; p=\"1 0\"\r\n"),
    SEND(PROTOCOL_UNREQUESTED, ""),
    ADD(PROTOCOL_NOT_OFFERED, "Sec-WebSocket-Protocol: zz-a, zz-b\r\n"),
    ADD(PROTOCOL_LIST_ECHOED, "Sec-WebSocket-Protocol: zz-a, zz-b\r\n"),
    ADD(PROTOCOL_EMPTY, "Sec-WebSocket-Protocol: zz-a, zz-b\r\n"),
    ADD(PROTOCOL_TWICE, "Sec-WebSocket-Protocol: zz-a, zz-b\r\n"),
    ADD(PROTOCOL_MALFORMED_ECHOED, "Sec-WebSocket-Protocol: a b\r\n"),
    ADD(PROTOCOL_FIRST_FIELD, "Sec-WebSocket-Protocol: zz-a\r\n"
                              "Sec-WebSocket-Protocol: chat\r\n"),
    ADD(PROTOCOL_LAST_FIELD, "Sec-WebSocket-Protocol: chat\r\n"
                             "Sec-WebSocket-Protocol: zz-a\r\n"),
    ADD(PROTOCOL_ANY_CASE, "Sec-WebSocket-Protocol: CHAT\r\n"),
    ADD(PROTOCOL_EMPTY_MEMBER_REFUSED, "Sec-WebSocket-Protocol: a,,b\r\n"),
    ADD(PROTOCOL_SPACE_REFUSED, "Sec-WebSocket-Protocol: a , b\r\n"),

    SEND(ACCEPTS_UNMASKED_DATA, "8101 41"),
    SEND(DELIVERS_UNMASKED_DATA, "8101 41"),
    SEND(ACCEPTS_UNMASKED_CONTROL, "8901 41"),
    SEND(ACCEPTS_UNMASKED_EMPTY, "8900"),
    SEND(ACCEPTS_UNMASKED_CONTINUATION, "0181k41 8001 42"),
    SEND(DROPS_UNMASKED, "8901 41 8980k"),
    SEND(MASKS_FRAMES, "8181k41"),
    SEND(KEY_RUNS_ON, "0181K7f 8081K5e"),
    SEND(KEY_RESTARTS, "8185K7f|9f4d5158"),
    SEND(KEY_OF_FIRST_FRAME, "0181K7f 8081k69"),
    SEND(PING_NOT_UNMASKED, "8981K7f"),
    SEND(DATA_NOT_UNMASKED, "8281K7f"),

    SEND(ACCEPTS_RSV1, "c181k41"),
    SEND(ACCEPTS_RSV2, "a181k41"),
    SEND(ACCEPTS_RSV3, "9181k41"),
    SEND(ACCEPTS_RSV_CONTINUATION, "0181k41 c081k42"),
    SEND(ACCEPTS_RSV_CONTROL, "c981k41"),
    SEND(ACCEPTS_RSV_CLOSE, "c882k03e8"),
    SEND(DROPS_RSV, "c181k41 8980k"),
    SEND(SENDS_RSV1, "8181k41"),
    SEND(SENDS_RSV2, "8181k41"),
    SEND(SENDS_RSV3, "8181k41"),
    SEND(OPCODE_DATA_DROPPED, "8381k41 8980k"),
    SEND(OPCODE_DATA_ECHOED, "8381k41"),
    SEND(OPCODE_CONTROL_DROPPED, "8b81k41 8980k"),
    SEND(OPCODE_CONTROL_ANSWERED, "8b81k41"),
    SEND(SENDS_LONG_7, "8181k41"),
    SEND(SENDS_LONG_125, "82fdk41*125"),
    SEND(SENDS_LONG_16, "82fe007ek41*126"),
    SEND(SENDS_LONG_65535, "82feffffk41*65535"),
    SEND(SENDS_LONG_PONG, "8981k41"),
    SEND(LENGTH_7_LOW_6, "82c1k41*65"),
    SEND(LENGTH_COUNTS_KEY, "8985k41*5"),
    SEND(LENGTH_16_LITTLE_ENDIAN, "82fe0100k41*256"),
    SEND(LENGTH_16_SIGNED, "82fe8000k41*32768"),
    SEND(LENGTH_64_LOW_16, "82ff0000000000010000k41*65536"),
    SEND(LENGTH_64_LOW_32, "82ff0000000100000005k41*5"),
    SEND(LENGTH_TOP_BIT_IGNORED, "82ff8000000000000005k41*5"),
    SEND(LENGTH_LONG_16_MISREAD, "82fe0005k41*5"),
    SEND(LENGTH_LONG_16_ACCEPTED, "82fe0005k41*5"),
    SEND(LENGTH_LONG_64_ACCEPTED, "82ff0000000000000005k41*5"),
    SEND(LENGTH_LONG_CONTROL_ACCEPTED, "89fe0005k41*5"),
    SEND(EMPTY_FRAME_REFUSED, "8180k"),
    SEND(EMPTY_PING_REFUSED, "8980k"),
    SEND(FRAME_PER_SEGMENT, "8981k418981k42"),
    SEND(SPLIT_HEADER_REFUSED, "89|81k41"),
    SEND(SPLIT_PAYLOAD_REFUSED, "82c1k41*33|41*32"),
    SEND(SEGMENTS_COUNTED, "82fe07d0k (41|)301"),
    SEND(SPLIT_HEADER_UNCHECKED, "83|80k 8980k"),
    SEND(BAD_SEGMENT_DROPPED, "8380k|8980k"),

    SEND(CONTINUATION_DROPPED, "8081k41 8980k"),
    SEND(CONTINUATION_DELIVERED, "8081k41"),
    SEND(NEW_MESSAGE_REPLACES, "0181k41 8181k42"),
    SEND(NEW_MESSAGE_INTERLEAVES, "0181k41 8181k42 8081k43"),
    SEND(FRAGMENTS_REVERSED, "0181k41 0081k42 8081k43"),
    SEND(FRAGMENTS_ECHOED_APART, "0181k41 8081k42"),
    SEND(LAST_EMPTY_FRAGMENT_LOST, "0181k41 8080k"),
    SEND(FRAGMENTS_REFUSED, "0181k41 8081k42"),
    SEND(FRAGMENTS_LIMITED, "0181k41 0081k42 8081k43"),
    SEND(FRAGMENTS_LIMITED_1000, "0181k41 (0080k)1000 8080k"),
    SEND(TYPE_OF_FRAGMENTED_LOST, "0181k41 8081k42"),
    SEND(CONTROL_BREAKS_MESSAGE, "0181k41 8980k 8081k42"),
    SEND(CONTROL_INSIDE_REFUSED, "0181k41 8980k 8081k42"),
    SEND(CONTROL_INSIDE_DROPPED, "0181k41 8980k 8081k42"),
    SEND(PONG_AFTER_MESSAGE, "0181k41 8980k 8081k42"),
    SEND(CLOSE_DELIVERS_OPEN_MESSAGE, "0181k41 8882k03e8"),
    SEND(MESSAGE_BOUNDARY_LOST, "8181k41 8181k42"),

    SEND(NO_PONG, "8980k"),
    SEND(FIRST_PONG_ONLY, "8980k 8981k41"),
    SEND(PONG_CUT, "8982k4142"),
    SEND(PONG_EMPTY, "8982k4142"),
    SEND(PONG_ENDS_AT_NUL, "8983k410042"),
    SEND(PONG_OVERLONG, "89fdk41*125"),
    SEND(PONG_IS_PING, "8980k"),
    SEND(PONG_FRAGMENTED, "8980k"),
    SEND(PONGS_SWAPPED, "8981k41 8981k42"),
    SEND(PONG_FOR_PONG, "8a81k41"),
    SEND(PONG_REFUSED, "8a81k41"),
    SEND(CONTROL_FRAGMENT_ACCEPTED, "0981k41"),
    SEND(CLOSE_FRAGMENT_ACCEPTED, "0882k03e8"),
    SEND(PING_TOO_LONG_ACCEPTED, "89fe007ek41*126"),
    SEND(PONG_TOO_LONG_ACCEPTED, "8afe007ek41*126"),
    SEND(CLOSE_TOO_LONG_ACCEPTED, "88fe007ek03e841*124"),
    SEND(PING_MUST_BE_UTF8, "8981kff"),

    SEND(NO_CLOSE_REPLY, "8882k03e8"),
    SEND(CLOSE_REPLY_LATE, "8882k03e8"),
    SEND(CLOSE_IGNORED, "8882k03e8"),
    SEND(CLOSE_RESETS, "8882k03e8"),
    SEND(TCP_STAYS_OPEN, "8882k03e8"),
    SEND(TCP_CLOSES_LATE, "8882k03e8"),
    SEND(TCP_RESETS, "8882k03e8"),
    SEND(REPLIES_1004, "8882k03e8"),
    SEND(REPLIES_1005, "8880k"),
    SEND(REPLIES_1006, "8882k03e8"),
    SEND(REPLIES_1010, "8882k03e8"),
    SEND(REPLIES_1015, "8882k03e8"),
    SEND(REPLIES_999, "8882k03e8"),
    SEND(REPLIES_2999, "8882k03e8"),
    SEND(REPLIES_5000, "8882k03e8"),
    SEND(REPLIES_LITTLE_ENDIAN, "8882k03e8"),
    SEND(REPLIES_ONE_BYTE, "8882k03e8"),
    SEND(REPLIES_BAD_REASON, "8882k03e8"),
    SEND(ECHOES_1004, "8882k03ec"),
    SEND(ECHOES_1005, "8882k03ed"),
    SEND(ECHOES_1006, "8882k03ee"),
    SEND(ECHOES_1015, "8882k03f7"),
    SEND(ECHOES_BELOW_1000, "8882k03e7"),
    SEND(ECHOES_UNASSIGNED, "8882k07d0"),
    SEND(ECHOES_ABOVE_4999, "8882k1388"),
    SEND(REFUSES_1001, "8882k03e9"),
    SEND(REASON_REFUSED, "8883k03e841"),
    SEND(REFUSES_3000, "8882k0bb9"),
    SEND(REFUSES_4000, "8882k1194"),
    SEND(ONE_BYTE_CLOSE_ACCEPTED, "8881k03"),
    SEND(REASON_UNCHECKED, "8883k03e8ff"),
    SEND(SECOND_CLOSE, "8882k03e8"),
    SEND(SECOND_CLOSE_AFTER_FAILING, "c180k 8882k03e8"),
    SEND(DATA_AFTER_CLOSE, "8882k03e8"),
    SEND(ECHO_AFTER_CLOSE, "8882k03e8 8181k41"),
    SEND(PONG_AFTER_CLOSE, "8882k03e8 8981k41"),
    SEND(FIN_SENDS_1006, "8181k41 $"),
    SEND(FAILS_WITH_1000, "c180k"),
    SEND(FAILS_TEXT_WITH_1002, "8181kff"),
    SEND(FAILS_WITH_1006, "c180k"),
    SEND(FAILS_WITHOUT_CLOSE, "c180k"),
    SEND(FAILS_STAYS_OPEN, "c180k"),
    SEND(FAILS_GOES_ON, "c181k41 8181k42 8980k"),
    SEND(LIMITS_SILENT, "0181k41 (0080k)6000 8980k"),

    SEND(UTF8_UNCHECKED, "8181kff"),
    SEND(UTF8_OVERLONG, "8182kc080"),
    SEND(UTF8_SURROGATES, "8183keda080"),
    SEND(UTF8_ABOVE_10FFFF, "8184kf4908080"),
    SEND(UTF8_TRUNCATED, "8181kc3"),
    SEND(UTF8_FRAGMENTS_UNCHECKED, "0181kff 8080k"),
    SEND(UTF8_HEAD_ONLY, "81c1k41*64ff"),
    SEND(UTF8_DELIVERED, "8181kff"),
    SEND(UTF8_PER_FRAME, "0181kc3 8081ka9"),
    SEND(BINARY_MUST_BE_UTF8, "8281kff"),
    SEND(UTF8_PER_BLOCK, "81c1k41*63c3a9"),
    SEND(UTF8_LAST_REFUSED, "8182kc3a9"),
    SEND(BOM_STRIPPED, "8184kefbbbf41"),
    SEND(NONCHARACTERS_REFUSED, "8183kefbfbf"),
    SEND(NUL_REFUSED, "8181k00"),
    SEND(ASTRAL_REFUSED, "8184kf09f9880"),
    SEND(SENDS_BAD_TEXT, "8181k41"),
    SEND(TEXT_AS_BINARY, "8181k41"),
    SEND(BINARY_AS_TEXT, "8281k41"),
    SEND(FIRST_ECHO_LOST, "8181k41 8181k42"),
    SEND(FIFTIETH_ECHO_LOST, "(8180k)50"),
    SEND(EMPTY_DROPPED, "8180k"),
    SEND(CUT_AT_125, "82fe007ek41*126"),
    SEND(CUT_AT_65535, "82ff0000000000010000k41*65536"),
    SEND(CUT_AT_2_MIB, "82ff0000000000200001k41*2097153"),
    SEND(BINARY_ENDS_AT_NUL, "8283k410042"),
    SEND(LARGE_CORRUPTED, "82ff0000000000010000k41*65536"),
    SEND(MESSAGES_SWAPPED, "8181k41 8181k42"),
    SEND(ECHO_WITHOUT_FIN, "81fe0258k41*600"),
    SEND(ECHO_FRAGMENTS_AS_DATA, "8182k4142"),
    SEND(ECHO_AS_CONTINUATION, "8181k41"),
    SEND(ECHO_OPCODE_RESERVED, "8181k41"),
    SEND(ECHO_INTERLEAVED, "8182k4142"),
    DEFLATE(UNKNOWN_ACCEPTED, "; foo", ""),
    DEFLATE(VALUE_ACCEPTED, "; server_max_window_bits=16", ""),
    DEFLATE(REPEATED_ACCEPTED,
            "; client_max_window_bits; client_max_window_bits", ""),
    DEFLATE(8_BITS_BREAK, "; server_max_window_bits=8", ""),
    DEFLATE(LAST_OFFER_TAKEN,
            "; server_no_context_takeover, permessage-deflate", ""),
    DEFLATE(NOT_NAMED, "", ""),
    DEFLATE(LISTED_TWICE, "", ""),
    DEFLATE(DECLINED_AND_LISTED, "; foo", ""),
    DEFLATE(DECLINED_AND_USED, "; foo", "8184k41*4"),
    DEFLATE(QUOTED_PASSED_OVER, "; server_max_window_bits=\"10\"", ""),
    DEFLATE(ANSWERS_UNKNOWN, "", ""),
    DEFLATE(ANSWERS_TWICE, "", ""),
    DEFLATE(TAKEOVER_VALUE, "", ""),
    DEFLATE(TAKEOVER_LEFT_OUT, "; server_no_context_takeover", ""),
    DEFLATE(TAKEOVER_DECLINED, "; server_no_context_takeover", ""),
    DEFLATE(CLIENT_TAKEOVER_VALUE, "", ""),
    DEFLATE(ANSWERS_7, "; server_max_window_bits=10", ""),
    DEFLATE(BITS_LEFT_OUT, "; server_max_window_bits=10", ""),
    DEFLATE(ANSWERS_15, "; server_max_window_bits=10", ""),
    DEFLATE(ANSWERS_NO_NUMBER, "; server_max_window_bits=10", ""),
    DEFLATE(CLIENT_BITS_RAISED, "; client_max_window_bits=10", ""),
    DEFLATE(CLIENT_BITS_EMPTY, "; client_max_window_bits", ""),
    DEFLATE(CLIENT_BITS_UNASKED, "", ""),
    DEFLATE(RSV1_REFUSED, "", HELLO),
    DEFLATE(RSV1_IGNORED, "", HELLO),
    DEFLATE(RSV1_CONTINUATION, "", "4183kf248cd c084kc9c90700"),
    DEFLATE(RSV1_CONTROL, "", "c980k"),
    DEFLATE(RSV2_ACCEPTED, "", "a180k"),
    DEFLATE(PLAIN_INFLATED, "", "8181k41"),
    DEFLATE(PLAIN_DROPPED, "", "8181k41"),
    DEFLATE(PLAIN_RESETS, "", HELLO "8181k41" HELLO_AGAIN),
    DEFLATE(FRAGMENTS_APART, "", "4183kf248cd 8084kc9c90700"),
    DEFLATE(FRAGMENTS_REFUSED, "", "4183kf248cd 8084kc9c90700"),
    DEFLATE(UTF8_UNCHECKED, "", "c185K4d41813c37"),
    DEFLATE(UTF8_OF_OCTETS, "", HELLO),
    DEFLATE(BAD_DATA_DROPPED, "", "c181kff"),
    DEFLATE(PARTS_DELIVERED, "", "c183kf248cd"),
    DEFLATE(TRUNCATED_DELIVERED, "", "c287k0064009bff4865"),
    DEFLATE(FIRST_BLOCK_ONLY, "", "c18dkf24805000000ffffcac9c90700"),
    DEFLATE(STORED_REFUSED, "", "c18bk000500faff48656c6c6f00"),
    DEFLATE(DYNAMIC_REFUSED, "", "c191k04c101010000008090adfa3f220808801a"),
    DEFLATE(FINAL_REFUSED, "", "c188kf348cdc9c9070000"),
    DEFLATE(ENDS_AT_FINAL, "", "c188kf348cdc9c9070000" HELLO),
    DEFLATE(TAIL_NOT_ADDED, "", HELLO),
    DEFLATE(WINDOW_FORGOTTEN, "", HELLO HELLO_AGAIN),
    DEFLATE(HINT_TAKEN, "; client_no_context_takeover", HELLO HELLO_AGAIN),
    DEFLATE(SIDES_SWAPPED, "; server_no_context_takeover", HELLO HELLO_AGAIN),
    DEFLATE(SMALL_WINDOW, "", "c2fe800ak000080ff7f41*32768 1abdff1f00"),
    DEFLATE(EMPTY_REFUSED, "", "c181k00"),
    DEFLATE(EMPTY_LAST_REFUSED, "", "418bkf248cdc9c907000000ffff 8081k00"),
    DEFLATE(BOMB_SILENT, "",
            "c2fe020dkecc18100000000c3a0f953dfe0045501 00*507 7c03"),
    DEFLATE(WINDOW_EXCEEDED, "; server_max_window_bits=9",
            "82fe0138k616263646566 41*300 616263646566"),
    DEFLATE(8_BITS_EXCEEDED, "; server_max_window_bits=8",
            "82fe0138k616263646566 41*300 616263646566"),
    DEFLATE(TAKEOVER_KEPT, "; server_no_context_takeover",
            PLAIN_HELLO PLAIN_HELLO),
    DEFLATE(TAIL_LEFT_ON, "", PLAIN_HELLO),
    DEFLATE(TAIL_CUT_SHORT, "", PLAIN_HELLO),
    DEFLATE(FRAGMENT_TAIL_CUT, "", PLAIN_HELLO),
    DEFLATE(SENDS_NO_RSV1, "", PLAIN_HELLO),
    DEFLATE(SENDS_RSV1_ON_PLAIN, "", "8181k41"),
    DEFLATE(SENDS_RSV1_TWICE, "", PLAIN_HELLO),
    DEFLATE(SENDS_RSV1_PONG, "", "8981k41"),
    DEFLATE(PONG_COMPRESSED, "", "8981k41"),
    DEFLATE(TYPE_LOST, "", PLAIN_HELLO),
    DEFLATE(SENDS_NOTHING, "", "8180k"),
    SEND(TLS_ENDS_BARE, "8882K3412"),
    /* Commands: "wsspec:do " and what stands in the comment. */
    SEND(CLOSES_WITHOUT_CLOSE,
         "8194k7773737065633a646f20636c6f73652031303030"), /* close 1000 */
    SEND(CLOSES_LITTLE_ENDIAN,
         "8194k7773737065633a646f20636c6f73652034303030"), /* close 4000 */
    SEND(CLOSES_WITH_1004,
         "8194k7773737065633a646f20636c6f73652031303034"), /* close 1004 */
    SEND(CLOSES_WITH_1005, "818fk7773737065633a646f20636c6f7365"), /* close */
    SEND(CLOSES_WITH_1006,
         "8194k7773737065633a646f20636c6f73652031303036"), /* close 1006 */
    SEND(CLOSES_WITH_1015,
         "8194k7773737065633a646f20636c6f73652031303135"), /* close 1015 */
    SEND(CLOSES_BELOW_1000,
         "8193k7773737065633a646f20636c6f736520393939"), /* close 999 */
    SEND(CLOSES_UNASSIGNED,
         "8194k7773737065633a646f20636c6f73652032393939"), /* close 2999 */
    SEND(CLOSES_ABOVE_4999,
         "8194k7773737065633a646f20636c6f73652035303030"), /* close 5000 */
    SEND(CLOSES_TOO_LONG, "81fe0091k7773737065633a646f20636c6f7365203430303020"
                          "78*122 c3a9"), /* close 4000 and 124 octets */
    SEND(CLOSES_IN_A_CHARACTER,
         "81fe0091k7773737065633a646f20636c6f7365203430303020"
         "78*122 c3a9"), /* close 4000 and 124 octets */
    SEND(CLOSES_TWICE, "818fk7773737065633a646f20636c6f7365"
                       " 8880k"), /* close */
    SEND(CLOSES_GOES_ON, "818fk7773737065633a646f20636c6f7365"
                         " 8181k41"),                         /* close */
    SEND(PINGS_AS_PONG, "818ek7773737065633a646f2070696e67"), /* ping */
    SEND(PINGS_TOO_LONG, "81fe008dk7773737065633a646f2070696e6720"
                         "78*126"), /* ping and 126 octets */
    SEND(SENDS_TEXT_AS_BINARY,
         "8190k7773737065633a646f2073656e642061"), /* send a */
    SEND(FRAGMENTS_UNFINISHED, "8197k7773737065633a646f20667261676d656e74732061"
                               "2062"), /* fragments a b */
    SEND(FRAGMENTS_BEGIN_AGAIN, "8197k7773737065633a646f20667261676d656e7473206"
                                "12062"), /* fragments a b */
    SEND(FRAGMENTS_INTERLEAVED, "8197k7773737065633a646f20667261676d656e7473206"
                                "12062"), /* fragments a b */
    SEND(DROPS_WITH_1006, "818ek7773737065633a646f2064726f70"), /* drop */
};

#define NUM_STIMULI (sizeof stimuli / sizeof stimuli[0])

#endif
