// What is made when somebody first asks for it, and kept: of a function with its default parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

#include "core/definition.h"

namespace gradkeep::detail {

inline bool has_default_parameters(const Definition& definition, const double* p) {
  const auto& parameters = definition.info.parameters;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    if (p[k] != parameters[k].value) return false;
  }
  return true;
}

// What `slot` holds; if nothing yet, what make() returns, a std::unique_ptr. Two threads may come here at
// once: they make the same, and the first one's is kept.
template <class T, class Make>
const T* made_once(std::atomic<const T*>& slot, const Make& make) {
  const T* found = slot.load(std::memory_order_acquire);
  if (found != nullptr) return found;
  auto made = make();
  if (slot.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
    found = made.release();
  }
  return found;
}

}  // namespace gradkeep::detail
