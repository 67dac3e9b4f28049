// A library of bench/core as a target of the conformance kit, a shared object for each:
//
//     gradkeep check build/bench/core/libcheck_onednn.so --dialect onednn
//
// Asked are only functions that the library itself has. What bench puts together from its elementary
// functions is ours, and its errors are no findings about the library.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gradkeep.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <set>

#include "bench/core/native_peers.h"

namespace {

using namespace gradkeep::bench;

constexpr std::array<const char*, 4> kTypes{"f32", "f64", "f16", "bf16"};

bool has_itself(const Task& task) {
  // It has a primitive of this name besides the element-wise one that bench calls.
  if (!GRADKEEP_ELEMENTARY) return task.name != "prelu";
  static const std::set<std::string> elementary{"arctan", "erf", "exponential", "sine", "tanh"};
  return task.backward() ? task.name == "sine" : elementary.contains(task.name);
}

Task task_of(const std::string& function, int order, int type) {
  Task task;
  task.name = function.substr(0, function.find('('));
  task.pass = order == GRADKEEP_VALUE ? "forward" : "backward";
  task.type = kTypes.at(static_cast<std::size_t>(type));
  for (std::size_t at = 0; (at = function.find('=', at)) != function.npos;) {
    task.parameters.push_back(std::strtod(function.c_str() + ++at, nullptr));
  }
  return task;
}

// As many times the number 1, for dy; in the types that the libraries have.
std::vector<char> ones(int type, std::size_t n) {
  const float f = 1;
  const double d = 1;
  const std::uint16_t b = 0x3f80;
  const bool narrow = type == GRADKEEP_BF16, wide = type == GRADKEEP_F64;
  const void* const one = narrow ? static_cast<const void*>(&b)
                          : wide ? &d
                                 : static_cast<const void*>(&f);
  const std::size_t size = narrow ? sizeof b : wide ? sizeof d : sizeof f;
  std::vector<char> all(n * size);
  for (std::size_t i = 0; i < n; ++i) std::memcpy(all.data() + i * size, one, size);
  return all;
}

}  // namespace

const char* gradkeep_version(void) {
  static const std::string text = [] {
    const Versions found = GRADKEEP_VERSIONS();
    return found.empty() ? std::string("not found") : found[0].first + " " + found[0].second;
  }();
  return text.c_str();
}

int32_t gradkeep_evaluate(const char* function, int32_t order, int32_t dtype, int32_t,
                          const void* x, void* out, size_t n) try {
  Task task = task_of(function, order, dtype);
  const bool known = order <= GRADKEEP_SLOPE && dtype != GRADKEEP_F16;
  if (!known || !has_itself(task)) return GRADKEEP_UNSUPPORTED;
  const std::vector<char> dy = ones(dtype, n);
  // A backward pass may overwrite dy, but nobody promises that it may overwrite x.
  std::vector<char> copy;
  if (x == out && task.backward()) {
    copy.assign(static_cast<const char*>(x), static_cast<const char*>(x) + dy.size());
    x = copy.data();
  }
  task.elements = n;
  task.in = x;
  task.dy = dy.data();
  task.out = out;
  for (const Row& row : GRADKEEP_ROWS(task)) {
    if (row.how == "low accuracy") continue;
    row.call();
    return GRADKEEP_OK;
  }
  return GRADKEEP_UNSUPPORTED;
} catch (const std::exception&) {
  return GRADKEEP_INTERNAL;
}
