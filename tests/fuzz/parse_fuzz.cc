// Any text as a function: it is refused with an Error of one line, or its canonical text parses back to
// the same function with the same bits.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const gradkeep::Activation f(text, gradkeep::Bounds::any);
    const gradkeep::Activation again(f.text(), gradkeep::Bounds::any);
    const auto p = f.parameters(), q = again.parameters();
    if (p.size() != q.size() ||
        (!p.empty() && std::memcmp(p.data(), q.data(), p.size_bytes()) != 0) ||
        again.info().name != f.info().name || again.text() != f.text()) {
      std::abort();
    }
    const float x[] = {-1.5f, 0.25f, 30.0f};
    float y[3], dy[3];
    f.value_and_slope<float>(x, y, dy);
    static_cast<void>(gradkeep::Activation(text, gradkeep::Bounds::recommended));
  } catch (const gradkeep::Error& error) {
    for (const char* c = error.what(); *c != 0; ++c) {
      if (static_cast<unsigned char>(*c) < ' ') std::abort();
    }
  }
  return 0;
}
