// Inflating the messages of one connection, context taken over: the inflater of
// the conformance suite, which measures every match, beside zlib's.
#include <benchmark/benchmark.h>

#define ZLIB_CONST
#include <zlib.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include "inflate.h"
}

namespace {

enum Kind { kJson, kNoise };

constexpr size_t kTail = 4;           // 00 00 FF FF, RFC 7692 7.2.1
constexpr size_t kTotal = 1024 * 1024; // octets of all messages

uint64_t Random(uint64_t *state) { // xorshift: the same octets on each machine
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

std::string Clear(Kind kind, uint64_t *state) {
  std::string text;
  while (text.size() < kTotal) {
    uint64_t random = Random(state);
    if (kind == kNoise) {
      text.append(reinterpret_cast<const char *>(&random), sizeof random);
    } else {
      text += "{\"id\":" + std::to_string(random % 100000) + ",\"name\":\"" +
              std::to_string(random >> 40) + "\",\"enabled\":true},";
    }
  }
  text.resize(kTotal);
  return text;
}

// The messages as they are on the wire, each with the tail behind it.
std::vector<std::string> Wire(Kind kind, size_t len) {
  uint64_t state = 88172645463325252u;
  const std::string clear = Clear(kind, &state);
  std::vector<std::string> messages;
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  for (size_t at = 0; at + len <= clear.size() && messages.size() < 4096;
       at += len) {
    std::string out(deflateBound(&stream, len) + 64, '\0');
    stream.next_in = reinterpret_cast<const Bytef *>(clear.data() + at);
    stream.avail_in = static_cast<uInt>(len);
    stream.next_out = reinterpret_cast<Bytef *>(&out[0]);
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_SYNC_FLUSH);
    out.resize(out.size() - stream.avail_out);
    messages.push_back(out);
  }
  deflateEnd(&stream);
  return messages;
}

void Processed(benchmark::State &state, size_t messages, size_t len) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(messages * len));
}

void Zlib(benchmark::State &state, Kind kind) {
  const auto len = static_cast<size_t>(state.range(0));
  const auto messages = Wire(kind, len);
  std::vector<uint8_t> out(len + 1);
  for (auto _ : state) {
    z_stream stream = {};
    inflateInit2(&stream, -15);
    for (const auto &message : messages) {
      stream.next_in = reinterpret_cast<const Bytef *>(message.data());
      stream.avail_in = static_cast<uInt>(message.size());
      stream.next_out = out.data();
      stream.avail_out = static_cast<uInt>(out.size());
      inflate(&stream, Z_SYNC_FLUSH);
    }
    inflateEnd(&stream);
    benchmark::ClobberMemory();
  }
  Processed(state, messages.size(), len);
}

void Measured(benchmark::State &state, Kind kind) {
  const auto len = static_cast<size_t>(state.range(0));
  const auto messages = Wire(kind, len);
  for (auto _ : state) {
    struct wsc_inflate *inflater = wsc_inflate_new();
    for (const auto &message : messages) {
      struct wsc_inflated result;
      wsc_inflate_message(inflater,
                          reinterpret_cast<const uint8_t *>(message.data()),
                          message.size() - kTail, kTotal, &result);
      if (result.error != nullptr || result.len != len) {
        state.SkipWithError("it does not inflate to what it was");
        break;
      }
      benchmark::DoNotOptimize(result.data);
    }
    wsc_inflate_free(inflater);
  }
  Processed(state, messages.size(), len);
}

void Sizes(benchmark::internal::Benchmark *benchmark) {
  for (int64_t len : {16, 256, 4096, 65536}) {
    benchmark->Arg(len);
  }
}

BENCHMARK_CAPTURE(Zlib, json, kJson)->Apply(Sizes);
BENCHMARK_CAPTURE(Measured, json, kJson)->Apply(Sizes);
BENCHMARK_CAPTURE(Zlib, noise, kNoise)->Apply(Sizes);
BENCHMARK_CAPTURE(Measured, noise, kNoise)->Apply(Sizes);

} // namespace

BENCHMARK_MAIN();
