#include "wire.h"

#include <stdlib.h>

#include "frame_reference.h"
#include "inflate_reference.h"
#include "mask_reference.h"

struct reading {
  const struct wire *wire;
  struct fuzz_bytes *data;
  struct fuzz_bytes message;
  bool compressed;
  struct inflate_reference context;
  size_t num_messages;
};

/* RFC 7692 7.2.2 */
static void inflate_message(struct reading *reading) {
  static const uint8_t tail[] = {0x00, 0x00, 0xFF, 0xFF};
  struct fuzz_bytes *message = &reading->message;
  struct inflate_reference *context = &reading->context;
  if (reading->wire->fresh) {
    inflate_reference_free(context);
  }
  size_t before = context->out_len;
  /* 7.2.3.6: an empty message has an octet. */
  FUZZ_CHECK(message->len > 0);
  fuzz_bytes_add(message, tail, sizeof(tail));
  FUZZ_CHECK(inflate_reference(context, message->data, message->len));
  FUZZ_CHECK(context->max_distance <= reading->wire->window);
  if (context->out_len > before) {
    fuzz_bytes_add(reading->data, context->out + before,
                   context->out_len - before);
  }
}

static void end_message(struct reading *reading) {
  struct fuzz_bytes *message = &reading->message;
  if (reading->compressed) {
    inflate_message(reading);
  } else {
    fuzz_bytes_add(reading->data, message->data, message->len);
  }
  message->len = 0;
  reading->num_messages++;
}

static void read_frame(struct reading *reading,
                       const struct frame_reference *frame,
                       struct fuzz_input payload) {
  if (frame->opcode >= 8) {
    return;
  }
  uint8_t *plain = fuzz_room(payload.len);
  mask_reference(plain, payload.data, payload.len, frame->key, 0);
  if (frame->opcode != 0) {
    reading->compressed = frame->rsv1 != 0;
    FUZZ_CHECK(!reading->compressed || reading->wire->window != 0);
  }
  fuzz_bytes_add(&reading->message, plain, payload.len);
  free(plain);
  if (frame->fin != 0) {
    end_message(reading);
  }
}

size_t wire_read(struct fuzz_bytes *data, const struct wire *wire,
                 struct fuzz_input octets) {
  struct reading reading = {.wire = wire, .data = data};
  while (octets.len > 0) {
    struct frame_reference frame;
    FUZZ_CHECK(frame_reference(&frame, octets.data, octets.len));
    fuzz_take_some(&octets, frame.header_len);
    FUZZ_CHECK(frame.length <= octets.len);
    read_frame(&reading, &frame, fuzz_take_some(&octets, (size_t)frame.length));
  }
  FUZZ_CHECK(reading.message.len == 0);
  fuzz_bytes_free(&reading.message);
  inflate_reference_free(&reading.context);
  return reading.num_messages;
}
