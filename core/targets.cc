// Choosing the SIMD target, once per process.
// SPDX-License-Identifier: Apache-2.0
#include "core/targets.h"

#include <gradkeep/core.h>

#include <cstdint>
#include <cstdlib>

#include "hwy/highway.h"

namespace gradkeep {
namespace {

std::string list(const std::vector<std::string>& words) {
  std::string s;
  for (const std::string& w : words) s += (s.empty() ? "" : ", ") + w;
  return s;
}

std::int64_t usable_targets() {
  return hwy::SupportedTargets() & static_cast<std::int64_t>(HWY_TARGETS);
}

// The chosen target's bit in Highway's mask; lower bits are better targets. Other users of Highway in
// the process are left alone unless the environment asks for a target.
std::int64_t chosen_target() {
  static const std::int64_t chosen = [] {
    const std::int64_t usable = usable_targets();
    const char* wanted = std::getenv("GRADKEEP_TARGET");
    if (wanted == nullptr || *wanted == '\0') return usable & -usable;
    for (std::int64_t rest = usable; rest != 0; rest &= rest - 1) {
      const std::int64_t bit = rest & -rest;
      if (std::string_view(hwy::TargetName(bit)) != wanted) continue;
      hwy::DisableTargets(~bit);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      return bit;
    }
    throw Error("GRADKEEP_TARGET=" + std::string(wanted) +
                ": no such target on this processor; expected one of " + list(target_names()));
  }();
  return chosen;
}

}  // namespace

void detail::choose_target() { static_cast<void>(chosen_target()); }

std::string_view target_name() { return hwy::TargetName(chosen_target()); }

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (std::int64_t rest = usable_targets(); rest != 0; rest &= rest - 1) {
    names.emplace_back(hwy::TargetName(rest & -rest));
  }
  return names;
}

}  // namespace gradkeep
