// Any bytes as an .npy file: refused with an Error of one line, or every number can be read.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "data/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::string path = "/tmp/gradkeep-fuzz-" + std::to_string(getpid()) + ".npy";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || std::fwrite(bytes, 1, size, file) != size) std::abort();
  std::fclose(file);
  try {
    const gradkeep::data::NpyArray array(path);
    volatile double last = 0;
    for (std::size_t i = 0; i < array.size(); ++i) last = array.number(i);
    static_cast<void>(last);
    if (array.type() == gradkeep::data::NpyType::f32) array.values<float>();
  } catch (const gradkeep::Error& error) {
    for (const char* c = error.what(); *c != 0; ++c) {
      if (static_cast<unsigned char>(*c) < ' ') std::abort();
    }
  }
  std::remove(path.c_str());
  return 0;
}
