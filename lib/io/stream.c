/* A stream is whatever brings a table: most of this only passes the call on. */
#include "io_internal.h"

void ws_io_stream_init(struct ws_io_stream *stream, struct ws_io *io,
                       const struct ws_io_stream_ops *ops) {
  stream->ops = ops;
  stream->io = io;
  stream->next = io->streams;
  stream->link = &io->streams;
  if (stream->next != NULL) {
    stream->next->link = &stream->next;
  }
  io->streams = stream;
}

void ws_io_stream_fini(struct ws_io_stream *stream) {
  ws_io_undefer(stream);
  *stream->link = stream->next;
  if (stream->next != NULL) {
    stream->next->link = stream->link;
  }
}

void ws_io_tell(struct ws_io_stream *stream, enum ws_io_event event,
                const char *text) {
  struct ws_io_notice notice = {.event = event, .text = text};
  stream->listener.notice(stream->listener.user, &notice);
}

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
