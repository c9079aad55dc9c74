/* A stream is whatever brings a table: these only pass the call on. */
#include "io_internal.h"

void ws_io_attach(struct ws_io_stream *stream, struct ws_io_listener listener) {
  stream->listener = listener;
  stream->ops->attached(stream);
}

enum ws_status ws_io_write(struct ws_io_stream *stream, const uint8_t *data,
                           size_t len) {
  return stream->ops->write(stream, data, len);
}

size_t ws_io_unsent(const struct ws_io_stream *stream) {
  return stream->ops->unsent(stream);
}

void ws_io_pause(struct ws_io_stream *stream, bool paused) {
  stream->ops->pause(stream, paused);
}

void ws_io_finish(struct ws_io_stream *stream) {
  stream->ops->finish(stream);
}

void ws_io_release(struct ws_io_stream *stream) {
  if (stream != NULL) {
    stream->ops->release(stream);
  }
}

void ws_io_reset(struct ws_io_stream *stream) {
  if (stream != NULL) {
    stream->ops->reset(stream);
  }
}

void ws_io_close(struct ws_io_stream *stream, uint64_t linger) {
  if (stream != NULL) {
    stream->ops->close(stream, linger);
  }
}
