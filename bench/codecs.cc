// Masking and UTF-8 validation, path by path, with memcpy as the limit and a
// table-driven automaton, a byte at a time, as what is common elsewhere.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

extern "C" { // internal headers are C's alone
#include "core/mask_internal.h"
#include "core/utf8_internal.h"
}
#include "wire.h"
#include "ws/mask.h"

namespace {

const uint8_t key[4] = {0x37, 0xFA, 0x21, 0x3D};

void Throughput(benchmark::State &state, size_t len) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(len));
}

std::vector<uint8_t> Text(size_t len, enum wire_text kind) {
  std::vector<uint8_t> text(len);
  wire_text(text.data(), len, kind);
  return text;
}

void Memcpy(benchmark::State &state) {
  const auto len = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> from(len, 1), to(len, 2);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), len);
    benchmark::ClobberMemory();
  }
  Throughput(state, len);
}

void Mask(benchmark::State &state) {
  const auto len = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> data(len + 6, 1);
  for (auto _ : state) {
    ws_mask(data.data() + 6, len, key, 0); // behind a header, as it comes
    benchmark::ClobberMemory();
  }
  Throughput(state, len);
}

void MaskBy(benchmark::State &state, const struct ws_mask_path *path) {
  const auto len = static_cast<size_t>(state.range(0));
  std::vector<uint8_t> data(len + 6, 1);
  for (auto _ : state) {
    path->mask(data.data() + 6, len, key);
    benchmark::ClobberMemory();
  }
  Throughput(state, len);
}

void Utf8(benchmark::State &state, enum wire_text kind) {
  const auto len = static_cast<size_t>(state.range(0));
  const auto text = Text(len, kind);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ws_utf8_valid(text.data(), len));
  }
  Throughput(state, len);
}

void Utf8By(benchmark::State &state, const struct ws_utf8_path *path,
            enum wire_text kind) {
  const auto len = static_cast<size_t>(state.range(0));
  const auto text = Text(len, kind);
  for (auto _ : state) {
    struct ws_utf8 utf8;
    ws_utf8_init(&utf8);
    benchmark::DoNotOptimize(ws_utf8_feed_by(path, &utf8, text.data(), len));
  }
  Throughput(state, len);
}

// The classes of bytes and the transitions between states, built from the
// ranges of RFC 3629 4: one load a byte for the class, one for the next state.
class Automaton {
public:
  Automaton() {
    for (int byte = 0; byte < 256; byte++) {
      classes_[byte] = ClassOf(byte);
    }
    std::memset(next_, kBad, sizeof next_);
    Set(kStart, 0, 0, kStart);
    Set(kStart, 4, 4, kOne);
    Set(kStart, 5, 5, kAfterE0);
    Set(kStart, 6, 6, kTwo);
    Set(kStart, 7, 7, kAfterEd);
    Set(kStart, 8, 8, kAfterF0);
    Set(kStart, 9, 9, kThree);
    Set(kStart, 10, 10, kAfterF4);
    Set(kOne, 1, 3, kStart);
    Set(kTwo, 1, 3, kOne);
    Set(kThree, 1, 3, kTwo);
    Set(kAfterE0, 3, 3, kOne);
    Set(kAfterEd, 1, 2, kOne);
    Set(kAfterF0, 2, 3, kTwo);
    Set(kAfterF4, 1, 1, kTwo);
  }

  bool Valid(const uint8_t *data, size_t len) const {
    unsigned state = kStart;
    for (size_t i = 0; i < len; i++) {
      state = next_[state * kClasses + classes_[data[i]]];
    }
    return state == kStart;
  }

private:
  enum { kStart, kOne, kTwo, kThree, kAfterE0, kAfterEd, kAfterF0, kAfterF4 };
  enum { kBad = 8, kStates = 9, kClasses = 12 };

  static uint8_t ClassOf(int byte) {
    static const int ends[] = {0x80, 0x90, 0xA0, 0xC0}; // ASCII, continuations
    for (uint8_t i = 0; i < 4; i++) {
      if (byte < ends[i]) {
        return i;
      }
    }
    if (byte < 0xC2 || byte > 0xF4) {
      return 11;
    }
    return byte < 0xE0    ? 4
           : byte == 0xE0 ? 5
           : byte == 0xED ? 7
           : byte < 0xF0  ? 6
           : byte == 0xF0 ? 8
           : byte < 0xF4  ? 9
                          : 10;
  }

  void Set(int from, int first, int last, uint8_t to) {
    for (int i = first; i <= last; i++) {
      next_[from * kClasses + i] = to;
    }
  }

  uint8_t classes_[256];
  uint8_t next_[kStates * kClasses];
};

void Utf8Automaton(benchmark::State &state, enum wire_text kind) {
  const auto len = static_cast<size_t>(state.range(0));
  const auto text = Text(len, kind);
  const Automaton automaton;
  for (auto _ : state) {
    benchmark::DoNotOptimize(automaton.Valid(text.data(), len));
  }
  if (!automaton.Valid(text.data(), len)) {
    state.SkipWithError("valid text was refused");
  }
  Throughput(state, len);
}

void Lengths(benchmark::internal::Benchmark *benchmark) {
  for (int64_t len : {16, 128, 1024, 65536}) {
    benchmark->Arg(len);
  }
}

} // namespace

int main(int argc, char **argv) {
  using benchmark::RegisterBenchmark;
  benchmark::Initialize(&argc, argv);
  RegisterBenchmark("memcpy", Memcpy)->Apply(Lengths);
  RegisterBenchmark("mask", Mask)->Apply(Lengths);
  const struct ws_mask_path *mask;
  for (size_t i = 0; (mask = ws_mask_path(i)) != nullptr; i++) {
    if (mask->usable()) {
      RegisterBenchmark((std::string("mask_") + mask->name).c_str(), MaskBy,
                        mask)
          ->Apply(Lengths);
    }
  }
  for (auto kind : {WIRE_ASCII, WIRE_MIXED}) {
    const std::string text = kind == WIRE_ASCII ? "utf8_ascii" : "utf8_mixed";
    RegisterBenchmark(text.c_str(), Utf8, kind)->Apply(Lengths);
    RegisterBenchmark((text + "_automaton").c_str(), Utf8Automaton, kind)
        ->Apply(Lengths);
    const struct ws_utf8_path *utf8;
    for (size_t i = 0; (utf8 = ws_utf8_path(i)) != nullptr; i++) {
      if (utf8->usable()) {
        RegisterBenchmark((text + "_" + utf8->name).c_str(), Utf8By, utf8, kind)
            ->Apply(Lengths);
      }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
