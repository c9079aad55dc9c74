// The receiving side of a server: octets of a client in, messages out. All
// three parse, unmask and validate, and are told of each message by pieces,
// without collecting it. What stands for reading from a socket is one copy for
// each of them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <wslay/wslay.h>

#include "wire.h"
#include "ws/conn.h"

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;

constexpr size_t kReadMax = 65536; // what one read of a socket gives

// What was received, to be compared with what was sent.
struct Count {
  size_t messages = 0;
  size_t bytes = 0;
};

// Octets that are read as from a socket: as many as there are, by copying.
struct Source {
  const uint8_t *data = nullptr;
  size_t len = 0;

  size_t Read(void *out, size_t max) {
    size_t n = std::min(max, len);
    std::memcpy(out, data, n);
    data += n;
    len -= n;
    return n;
  }
};

class Ours {
public:
  Ours() : buffer_(kReadMax) {
    struct ws_conn_config config = {};
    config.role = WS_SERVER;
    config.crypto = ws_crypto_openssl();
    conn_ = ws_conn_new(&config);
    std::string request = wire_request();
    ws_conn_feed(conn_, reinterpret_cast<uint8_t *>(&request[0]),
                 request.size());
    struct ws_event event;
    while (ws_conn_next(conn_, &event)) {
      if (event.type == WS_EVENT_REQUEST) {
        struct ws_accept_options options = {};
        ws_conn_accept(conn_, &options);
      }
    }
    ws_conn_output_done(conn_, ws_conn_output(conn_).len);
  }
  Ours(const Ours &) = delete;
  ~Ours() {
    ws_conn_free(conn_);
  }

  Count Receive(const std::vector<uint8_t> &wire, size_t) {
    Source source{wire.data(), wire.size()};
    Count count;
    size_t n;
    while ((n = source.Read(buffer_.data(), kReadMax)) != 0) {
      ws_conn_feed(conn_, buffer_.data(), n);
      struct ws_event event;
      while (ws_conn_next(conn_, &event)) {
        count.bytes += event.payload.len;
        count.messages += event.type == WS_EVENT_DATA && event.final;
      }
    }
    return count;
  }

private:
  struct ws_conn *conn_;
  std::vector<uint8_t> buffer_;
};

class Wslay {
public:
  Wslay() {
    struct wslay_event_callbacks callbacks = {};
    callbacks.recv_callback = OnRecv;
    callbacks.on_frame_recv_chunk_callback = OnChunk;
    callbacks.on_msg_recv_callback = OnMessage;
    wslay_event_context_server_init(&context_, &callbacks, this);
    wslay_event_config_set_no_buffering(context_, 1);
  }
  Wslay(const Wslay &) = delete;
  ~Wslay() {
    wslay_event_context_free(context_);
  }

  Count Receive(const std::vector<uint8_t> &wire, size_t) {
    source_ = {wire.data(), wire.size()};
    count_ = {};
    wslay_event_recv(context_);
    return count_;
  }

private:
  static ssize_t OnRecv(wslay_event_context_ptr context, uint8_t *out,
                        size_t max, int, void *user) {
    size_t n = static_cast<Wslay *>(user)->source_.Read(out, max);
    if (n == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    return static_cast<ssize_t>(n);
  }

  static void OnChunk(wslay_event_context_ptr,
                      const struct wslay_event_on_frame_recv_chunk_arg *arg,
                      void *user) {
    static_cast<Wslay *>(user)->count_.bytes += arg->data_length;
  }

  static void OnMessage(wslay_event_context_ptr,
                        const struct wslay_event_on_msg_recv_arg *,
                        void *user) {
    static_cast<Wslay *>(user)->count_.messages++;
  }

  wslay_event_context_ptr context_;
  Source source_;
  Count count_;
};

// What Beast asks of a stream that it reads from.
class SourceStream {
public:
  using executor_type = net::io_context::executor_type;
  explicit SourceStream(net::io_context &io) : io_(io) {
  }
  executor_type get_executor() {
    return io_.get_executor();
  }

  template <class Buffers>
  size_t read_some(const Buffers &buffers, beast::error_code &error) {
    size_t done = 0;
    for (auto i = net::buffer_sequence_begin(buffers);
         i != net::buffer_sequence_end(buffers); ++i) {
      net::mutable_buffer buffer = *i;
      done += source.Read(buffer.data(), buffer.size());
    }
    error = {};
    if (done == 0) {
      error = net::error::would_block;
    }
    return done;
  }
  template <class Buffers> size_t read_some(const Buffers &buffers) {
    beast::error_code error;
    return read_some(buffers, error);
  }
  template <class Buffers>
  size_t write_some(const Buffers &buffers, beast::error_code &error) {
    error = {};
    return net::buffer_size(buffers);
  }
  template <class Buffers> size_t write_some(const Buffers &buffers) {
    return net::buffer_size(buffers);
  }

  Source source;

private:
  net::io_context &io_;
};

void teardown(beast::role_type, SourceStream &, beast::error_code &error) {
  error = {};
}

class Beast {
public:
  Beast() : stream_(io_), buffer_(kReadMax) {
    const std::string request = wire_request();
    stream_.next_layer().source = {
        reinterpret_cast<const uint8_t *>(request.data()), request.size()};
    stream_.accept();
  }

  // A stream that has nothing to give is an error that ends the connection, so
  // this one has to know when all is read.
  Count Receive(const std::vector<uint8_t> &wire, size_t num_messages) {
    Source &source = stream_.next_layer().source;
    source = {wire.data(), wire.size()};
    Count count;
    beast::error_code error;
    while (count.messages < num_messages && !error) {
      count.bytes +=
          stream_.read_some(net::buffer(buffer_.data(), buffer_.size()), error);
      count.messages += stream_.is_message_done();
    }
    return count;
  }

private:
  net::io_context io_;
  beast::websocket::stream<SourceStream> stream_;
  std::vector<uint8_t> buffer_;
};

struct Traffic {
  const char *name;
  enum ws_opcode opcode;
  enum wire_text text;
  size_t len;
  size_t messages;
};

std::vector<uint8_t> WireOf(const Traffic &traffic) {
  std::vector<uint8_t> payload(traffic.len);
  wire_text(payload.data(), traffic.len, traffic.text);
  std::vector<uint8_t> wire(WIRE_FRAME_LEN(traffic.len) * traffic.messages);
  size_t at = 0;
  for (size_t i = 0; i < traffic.messages; i++) {
    at += wire_frame(wire.data() + at, traffic.opcode, payload.data(),
                     payload.size(), static_cast<uint32_t>(i));
  }
  wire.resize(at);
  return wire;
}

template <class Receiver>
void Receive(benchmark::State &state, const Traffic &traffic) {
  const auto wire = WireOf(traffic);
  Receiver receiver;
  Count total;
  for (auto _ : state) {
    Count count = receiver.Receive(wire, traffic.messages);
    total.messages += count.messages;
    total.bytes += count.bytes;
  }
  const auto iterations = static_cast<size_t>(state.iterations());
  if (total.messages != iterations * traffic.messages ||
      total.bytes != iterations * traffic.messages * traffic.len) {
    state.SkipWithError("not everything was received");
  }
  state.SetItemsProcessed(static_cast<int64_t>(total.messages));
  state.SetBytesProcessed(static_cast<int64_t>(total.bytes));
}

const Traffic kTraffic[] = {
    {"text_ascii_64k", WS_OP_TEXT, WIRE_ASCII, 65536, 1},
    {"text_mixed_64k", WS_OP_TEXT, WIRE_MIXED, 65536, 1},
    {"binary_64k", WS_OP_BINARY, WIRE_ASCII, 65536, 1},
    {"text_16x1000", WS_OP_TEXT, WIRE_ASCII, 16, 1000},
    {"binary_16x1000", WS_OP_BINARY, WIRE_ASCII, 16, 1000},
    {"text_1k", WS_OP_TEXT, WIRE_ASCII, 1024, 16},
};

template <class Receiver> void Register(const char *who) {
  for (const Traffic &traffic : kTraffic) {
    benchmark::RegisterBenchmark(
        (std::string(traffic.name) + "/" + who).c_str(), Receive<Receiver>,
        traffic);
  }
}

} // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  Register<Ours>("libws");
  Register<Wslay>("wslay");
  Register<Beast>("beast");
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
