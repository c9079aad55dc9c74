#include "ws/frame.h"

#include "support.h"

/* Forms and lengths that fit them, minimal or not, at every border. */
static const struct {
  enum ws_length_form form;
  uint64_t length;
  bool minimal;
} lengths[] = {
    {WS_LENGTH_7, 0, true},
    {WS_LENGTH_7, 1, true},
    {WS_LENGTH_7, 124, true},
    {WS_LENGTH_7, 125, true},
    {WS_LENGTH_16, 0, false},
    {WS_LENGTH_16, 125, false},
    {WS_LENGTH_16, 126, true},
    {WS_LENGTH_16, 127, true},
    {WS_LENGTH_16, 0x1234, true},
    {WS_LENGTH_16, 65535, true},
    {WS_LENGTH_64, 0, false},
    {WS_LENGTH_64, 125, false},
    {WS_LENGTH_64, 126, false},
    {WS_LENGTH_64, 65535, false},
    {WS_LENGTH_64, 65536, true},
    {WS_LENGTH_64, UINT64_C(0x0123456789ABCDEF), true},
    {WS_LENGTH_64, (UINT64_C(1) << 63) - 1, true},
    {WS_LENGTH_64, UINT64_C(1) << 63, true},
    {WS_LENGTH_64, UINT64_MAX, true},
};

/* Calls `visit` with every combination of the fields. */
static void each_frame(void (*visit)(const struct ws_frame *frame)) {
  for (unsigned bits = 0; bits < 512; bits++) {
    for (size_t i = 0; i < NUM_OF(lengths); i++) {
      struct ws_frame frame = {
          .fin = (bits & 1) != 0,
          .masked = (bits & 2) != 0,
          .rsv = bits >> 2 & 7,
          .opcode = bits >> 5 & 15,
          .length_form = lengths[i].form,
          .length = lengths[i].length,
      };
      if (frame.masked) {
        memcpy(frame.key, "\x12\x34\x56\x78", 4);
      }
      visit(&frame);
    }
  }
}

static void assert_frames_equal(const struct ws_frame *a,
                                const struct ws_frame *b) {
  assert_int_equal(a->fin, b->fin);
  assert_int_equal(a->rsv, b->rsv);
  assert_int_equal(a->opcode, b->opcode);
  assert_int_equal(a->masked, b->masked);
  assert_int_equal(a->length_form, b->length_form);
  assert_true(a->length == b->length);
  assert_memory_equal(a->key, b->key, 4);
}

static void visit_round_trip(const struct ws_frame *frame) {
  uint8_t out[WS_FRAME_HEADER_MAX];
  size_t len = ws_frame_encode(out, frame);
  size_t extended =
      frame->length_form == WS_LENGTH_7 ? 0 : (size_t)frame->length_form / 8;
  assert_int_equal(len, 2 + extended + (frame->masked ? 4 : 0));
  struct ws_frame read;
  memset(&read, 0xA5, sizeof read);
  uint8_t *exact = exact_copy(out, len);
  assert_int_equal(ws_frame_decode(&read, exact, len), len);
  assert_frames_equal(&read, frame);
  free(exact);
  /* The payload behind the header is not looked at. */
  uint8_t longer[WS_FRAME_HEADER_MAX + 3] = {0};
  memcpy(longer, out, len);
  assert_int_equal(ws_frame_decode(&read, longer, len + 3), len);
  assert_frames_equal(&read, frame);
}

static void what_is_encoded_is_decoded(void **state) {
  (void)state;
  each_frame(visit_round_trip);
}

static void visit_truncation(const struct ws_frame *frame) {
  uint8_t out[WS_FRAME_HEADER_MAX];
  size_t len = ws_frame_encode(out, frame);
  for (size_t cut = 0; cut < len; cut++) {
    struct ws_frame read;
    struct ws_frame before;
    memset(&read, 0xA5, sizeof read);
    memset(&before, 0xA5, sizeof before);
    uint8_t *exact = exact_copy(out, cut);
    assert_int_equal(ws_frame_decode(&read, exact, cut), 0);
    assert_memory_equal(&read, &before, sizeof read);
    free(exact);
  }
}

static void a_header_cut_anywhere_is_incomplete(void **state) {
  (void)state;
  each_frame(visit_truncation);
}

/* Nothing is rejected, and nothing is lost: encoding again gives the octets. */
static void every_first_two_octets_are_a_header(void **state) {
  (void)state;
  for (unsigned i = 0; i < 65536; i++) {
    uint8_t data[WS_FRAME_HEADER_MAX] = {
        (uint8_t)(i >> 8), (uint8_t)i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct ws_frame frame;
    size_t len = ws_frame_decode(&frame, data, sizeof data);
    assert_in_range(len, 2, WS_FRAME_HEADER_MAX);
    uint8_t again[WS_FRAME_HEADER_MAX];
    assert_int_equal(ws_frame_encode(again, &frame), len);
    assert_memory_equal(again, data, len);
  }
}

/* RFC 6455 5.7. */
static void the_examples_of_the_rfc(void **state) {
  (void)state;
  static const struct {
    struct ws_slice octets;
    struct ws_frame frame;
  } rows[] = {
      {OCTETS("\x81\x05"), {true, 0, 1, false, WS_LENGTH_7, 5, {0}}},
      {OCTETS("\x81\x85\x37\xFA\x21\x3D"),
       {true, 0, 1, true, WS_LENGTH_7, 5, {0x37, 0xFA, 0x21, 0x3D}}},
      {OCTETS("\x01\x03"), {false, 0, 1, false, WS_LENGTH_7, 3, {0}}},
      {OCTETS("\x80\x02"), {true, 0, 0, false, WS_LENGTH_7, 2, {0}}},
      {OCTETS("\x89\x05"), {true, 0, 9, false, WS_LENGTH_7, 5, {0}}},
      {OCTETS("\x82\x7E\x01\x00"), {true, 0, 2, false, WS_LENGTH_16, 256, {0}}},
      {OCTETS("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"),
       {true, 0, 2, false, WS_LENGTH_64, 65536, {0}}},
      {OCTETS("\xC1\x00"), {true, WS_RSV1, 1, false, WS_LENGTH_7, 0, {0}}},
      {OCTETS("\xA1\x00"), {true, WS_RSV2, 1, false, WS_LENGTH_7, 0, {0}}},
      {OCTETS("\x91\x00"), {true, WS_RSV3, 1, false, WS_LENGTH_7, 0, {0}}},
  };
  for (size_t i = 0; i < NUM_OF(rows); i++) {
    uint8_t out[WS_FRAME_HEADER_MAX];
    struct ws_frame read;
    assert_int_equal(ws_frame_encode(out, &rows[i].frame), rows[i].octets.len);
    assert_memory_equal(out, rows[i].octets.data, rows[i].octets.len);
    assert_int_equal(
        ws_frame_decode(&read, rows[i].octets.data, rows[i].octets.len),
        rows[i].octets.len);
    assert_frames_equal(&read, &rows[i].frame);
  }
}

static void fields_too_large_lose_their_high_bits(void **state) {
  (void)state;
  uint8_t out[WS_FRAME_HEADER_MAX];
  struct ws_frame frame = {.rsv = 0xFF, .opcode = 0xF1, .length = 0x105};
  frame.length_form = WS_LENGTH_7;
  assert_int_equal(ws_frame_encode(out, &frame), 2);
  assert_memory_equal(out, "\x71\x05", 2);
  frame.length_form = WS_LENGTH_16;
  frame.length = 0x12345;
  assert_int_equal(ws_frame_encode(out, &frame), 4);
  assert_memory_equal(out, "\x71\x7E\x23\x45", 4);
}

static void opcodes_and_forms(void **state) {
  (void)state;
  for (unsigned i = 0; i < 256; i++) {
    uint8_t opcode = (uint8_t)i;
    bool known = i == 0 || i == 1 || i == 2 || i == 8 || i == 9 || i == 10;
    const char *name = ws_opcode_name(opcode);
    assert_int_equal(ws_opcode_is_known(opcode), known);
    if (i < 16 && !known) {
      char expected[16];
      snprintf(expected, sizeof expected, "reserved 0x%X", i);
      assert_string_equal(name, expected);
      assert_int_equal(ws_opcode_is_control(opcode), i > 10);
    }
    assert_string_not_equal(name, "");
  }
  assert_string_equal(ws_opcode_name(WS_OP_CONTINUATION), "continuation");
  assert_string_equal(ws_opcode_name(WS_OP_TEXT), "text");
  assert_string_equal(ws_opcode_name(WS_OP_BINARY), "binary");
  assert_string_equal(ws_opcode_name(WS_OP_CLOSE), "close");
  assert_string_equal(ws_opcode_name(WS_OP_PING), "ping");
  assert_string_equal(ws_opcode_name(WS_OP_PONG), "pong");
  for (size_t i = 0; i < NUM_OF(lengths); i++) {
    bool minimal = ws_length_form_minimal(lengths[i].length) == lengths[i].form;
    assert_int_equal(minimal, lengths[i].minimal);
  }
}

/* One row breaks one or several rules; the first that a reader meets counts.
 * MASKED stands for the mask fault of either role. */
static const struct {
  const char *what;
  bool fin, open;
  uint8_t rsv, allowed, opcode;
  bool wrong_mask;
  enum ws_length_form form;
  uint64_t length;
  enum ws_fault fault;
} check_rows[] = {
    /* what is right */
    {"text", 1, 0, 0, 0, 1, 0, 7, 5, WS_FAULT_NONE},
    {"first fragment", 0, 0, 0, 0, 2, 0, 7, 0, WS_FAULT_NONE},
    {"continuation", 0, 1, 0, 0, 0, 0, 16, 126, WS_FAULT_NONE},
    {"last continuation", 1, 1, 0, 0, 0, 0, 64, 65536, WS_FAULT_NONE},
    {"ping", 1, 0, 0, 0, 9, 0, 7, 125, WS_FAULT_NONE},
    {"pong between fragments", 1, 1, 0, 0, 10, 0, 7, 0, WS_FAULT_NONE},
    {"close between fragments", 1, 1, 0, 0, 8, 0, 7, 2, WS_FAULT_NONE},
    {"RSV1 negotiated", 1, 0, 4, 4, 1, 0, 7, 5, WS_FAULT_NONE},
    {"all RSV negotiated", 0, 0, 7, 7, 2, 0, 7, 5, WS_FAULT_NONE},
    {"length 2^63-1", 1, 0, 0, 0, 2, 0, 64, INT64_MAX, WS_FAULT_NONE},
    /* one rule */
    {"RSV1", 1, 0, 4, 0, 1, 0, 7, 5, WS_FAULT_RSV},
    {"RSV2", 1, 0, 2, 4, 1, 0, 7, 5, WS_FAULT_RSV},
    {"RSV1+3, one negotiated", 1, 0, 5, 4, 1, 0, 7, 5, WS_FAULT_RSV},
    {"RSV1 on a continuation", 1, 1, 4, 4, 0, 0, 7, 5, WS_FAULT_RSV},
    {"RSV1 on a ping", 1, 0, 4, 4, 9, 0, 7, 5, WS_FAULT_RSV},
    {"opcode 3", 1, 0, 0, 0, 3, 0, 7, 5, WS_FAULT_OPCODE},
    {"opcode 7", 1, 1, 0, 0, 7, 0, 7, 5, WS_FAULT_OPCODE},
    {"opcode 11", 1, 0, 0, 0, 11, 0, 7, 5, WS_FAULT_OPCODE},
    {"opcode 15", 1, 0, 0, 0, 15, 0, 7, 5, WS_FAULT_OPCODE},
    {"ping fragment", 0, 0, 0, 0, 9, 0, 7, 5, WS_FAULT_CONTROL_FRAGMENTED},
    {"close fragment", 0, 1, 0, 0, 8, 0, 7, 5, WS_FAULT_CONTROL_FRAGMENTED},
    {"lone continuation", 1, 0, 0, 0, 0, 0, 7, 5,
     WS_FAULT_CONTINUATION_UNEXPECTED},
    {"text in a message", 1, 1, 0, 0, 1, 0, 7, 5,
     WS_FAULT_CONTINUATION_EXPECTED},
    {"binary in a message", 0, 1, 0, 0, 2, 0, 7, 5,
     WS_FAULT_CONTINUATION_EXPECTED},
    {"mask", 1, 0, 0, 0, 1, 1, 7, 5, WS_FAULT_MASKED},
    {"mask of a ping", 1, 1, 0, 0, 9, 1, 7, 0, WS_FAULT_MASKED},
    {"ping of 126", 1, 0, 0, 0, 9, 0, 16, 126, WS_FAULT_CONTROL_TOO_LONG},
    {"close of 65536", 1, 0, 0, 0, 8, 0, 64, 65536, WS_FAULT_CONTROL_TOO_LONG},
    {"125 in 16 bits", 1, 0, 0, 0, 1, 0, 16, 125, WS_FAULT_LENGTH_NOT_MINIMAL},
    {"0 in 64 bits", 1, 0, 0, 0, 1, 0, 64, 0, WS_FAULT_LENGTH_NOT_MINIMAL},
    {"65535 in 64 bits", 1, 0, 0, 0, 1, 0, 64, 65535,
     WS_FAULT_LENGTH_NOT_MINIMAL},
    {"ping of 5 in 16 bits", 1, 0, 0, 0, 9, 0, 16, 5,
     WS_FAULT_LENGTH_NOT_MINIMAL},
    {"top bit", 1, 0, 0, 0, 1, 0, 64, UINT64_C(1) << 63,
     WS_FAULT_LENGTH_TOP_BIT},
    {"all bits", 1, 0, 0, 0, 2, 0, 64, UINT64_MAX, WS_FAULT_LENGTH_TOP_BIT},
    /* two rules or more, in the order of the octets */
    {"RSV before opcode", 1, 0, 1, 0, 3, 0, 7, 5, WS_FAULT_RSV},
    {"RSV before FIN", 0, 0, 1, 0, 9, 0, 7, 5, WS_FAULT_RSV},
    {"RSV before continuation", 1, 0, 1, 0, 0, 0, 7, 5, WS_FAULT_RSV},
    {"RSV before mask", 1, 0, 1, 0, 1, 1, 7, 5, WS_FAULT_RSV},
    {"RSV before length", 1, 0, 1, 0, 1, 0, 16, 5, WS_FAULT_RSV},
    {"opcode before FIN", 0, 0, 0, 0, 11, 0, 7, 5, WS_FAULT_OPCODE},
    {"opcode before state", 1, 1, 0, 0, 3, 0, 7, 5, WS_FAULT_OPCODE},
    {"opcode before mask", 1, 0, 0, 0, 3, 1, 7, 5, WS_FAULT_OPCODE},
    {"opcode before length", 1, 0, 0, 0, 11, 0, 16, 126, WS_FAULT_OPCODE},
    {"FIN before mask", 0, 0, 0, 0, 9, 1, 7, 5, WS_FAULT_CONTROL_FRAGMENTED},
    {"FIN before length", 0, 0, 0, 0, 9, 0, 16, 126,
     WS_FAULT_CONTROL_FRAGMENTED},
    {"lone continuation before mask", 1, 0, 0, 0, 0, 1, 7, 5,
     WS_FAULT_CONTINUATION_UNEXPECTED},
    {"text in a message before length", 1, 1, 0, 0, 1, 0, 16, 5,
     WS_FAULT_CONTINUATION_EXPECTED},
    {"mask before length", 1, 0, 0, 0, 1, 1, 16, 5, WS_FAULT_MASKED},
    {"mask before top bit", 1, 0, 0, 0, 1, 1, 64, UINT64_MAX, WS_FAULT_MASKED},
    {"mask before control length", 1, 0, 0, 0, 8, 1, 16, 126, WS_FAULT_MASKED},
    {"control length before top bit", 1, 0, 0, 0, 8, 0, 64, UINT64_MAX,
     WS_FAULT_CONTROL_TOO_LONG},
    {"control length before form", 1, 0, 0, 0, 8, 0, 64, 126,
     WS_FAULT_CONTROL_TOO_LONG},
};

static void the_first_broken_rule_is_named(void **state) {
  (void)state;
  for (size_t i = 0; i < 2 * NUM_OF(check_rows); i++) {
    size_t row = i / 2;
    enum ws_role receiver = i % 2 == 0 ? WS_CLIENT : WS_SERVER;
    struct ws_frame frame = {
        .fin = check_rows[row].fin,
        .rsv = check_rows[row].rsv,
        .opcode = check_rows[row].opcode,
        .masked = (receiver == WS_SERVER) != check_rows[row].wrong_mask,
        .length_form = check_rows[row].form,
        .length = check_rows[row].length,
    };
    struct ws_frame_rules rules = {receiver, check_rows[row].allowed,
                                   check_rows[row].open};
    enum ws_fault expected = check_rows[row].fault;
    if (expected == WS_FAULT_MASKED && receiver == WS_SERVER) {
      expected = WS_FAULT_NOT_MASKED;
    }
    enum ws_fault got = ws_frame_check(&frame, &rules);
    if (got != expected) {
      fail_msg("%s: %s, expected %s", check_rows[row].what,
               ws_fault_info(got)->name, ws_fault_info(expected)->name);
    }
  }
}

/* What 5.1, 5.2, 5.4 and 5.5 allow, in one expression each. */
static bool allowed(const struct ws_frame *frame, enum ws_role receiver,
                    bool open, bool minimal) {
  bool control = frame->opcode >= 8;
  bool known = frame->opcode < 3 || (control && frame->opcode < 11);
  bool rsv = frame->rsv == 0 ||
             (frame->rsv == WS_RSV1 && !control && frame->opcode != 0);
  bool short_enough = !control || (frame->fin && frame->length <= 125);
  bool in_turn = control || open == (frame->opcode == 0);
  return known && rsv && short_enough && in_turn && minimal &&
         frame->masked == (receiver == WS_SERVER) && frame->length >> 63 == 0;
}

static void visit_check(const struct ws_frame *frame) {
  bool minimal = ws_length_form_minimal(frame->length) == frame->length_form;
  for (unsigned i = 0; i < 4; i++) {
    enum ws_role receiver = (i & 1) != 0 ? WS_SERVER : WS_CLIENT;
    bool open = (i & 2) != 0;
    struct ws_frame_rules rules = {receiver, WS_RSV1, open};
    bool accepted = ws_frame_check(frame, &rules) == WS_FAULT_NONE;
    assert_int_equal(accepted, allowed(frame, receiver, open, minimal));
  }
}

static void exactly_what_the_rfc_allows_is_accepted(void **state) {
  (void)state;
  each_frame(visit_check);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_encoded_is_decoded),
      cmocka_unit_test(a_header_cut_anywhere_is_incomplete),
      cmocka_unit_test(every_first_two_octets_are_a_header),
      cmocka_unit_test(the_examples_of_the_rfc),
      cmocka_unit_test(fields_too_large_lose_their_high_bits),
      cmocka_unit_test(opcodes_and_forms),
      cmocka_unit_test(the_first_broken_rule_is_named),
      cmocka_unit_test(exactly_what_the_rfc_allows_is_accepted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
