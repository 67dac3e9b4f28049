// Which views may be inputs and outputs of one call.
// SPDX-License-Identifier: Apache-2.0
#include "core/views.h"

#include <cstdint>
#include <limits>
#include <numeric>

namespace gradkeep {
namespace {

constexpr std::size_t kMostBytes = std::numeric_limits<std::ptrdiff_t>::max();

std::string shape_text(const std::size_t* shape, int rank) {
  std::string s = "(";
  for (int a = 0; a < rank; ++a) s += (a > 0 ? ", " : "") + std::to_string(shape[a]);
  return s + ")";
}

bool empty(const detail::Region& v) {
  for (int a = 0; a < v.rank; ++a) {
    if (v.shape[a] == 0) return true;
  }
  return false;
}

std::uintptr_t address(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

// The first byte of a view and the one after its last.
struct Bytes {
  std::uintptr_t first, end;
};
Bytes touched(const detail::Region& v) {
  std::uintptr_t first = address(v.data), last = first;
  for (int a = 0; a < v.rank; ++a) {
    const std::ptrdiff_t reach = static_cast<std::ptrdiff_t>(v.shape[a] - 1) * v.steps[a];
    (reach < 0 ? first : last) += static_cast<std::uintptr_t>(reach);
  }
  return {first, last + v.element};
}

// Both views' elements start on a grid of step g. Where the grids are offset against each other by an
// element or more on either side, as even and odd columns are, no element is common.
bool interleaved(const detail::Region& a, const detail::Region& b) {
  std::ptrdiff_t g = 0;
  for (const detail::Region* v : {&a, &b}) {
    for (int i = 0; i < v->rank; ++i) {
      if (v->shape[i] > 1) g = std::gcd(g, v->steps[i]);
    }
  }
  if (g == 0) return false;
  const auto grid = static_cast<std::uintptr_t>(g);
  const std::uintptr_t low = std::min(address(a.data), address(b.data)),
                       high = std::max(address(a.data), address(b.data));
  const std::uintptr_t offset = (high - low) % grid;
  return offset >= a.element && grid - offset >= a.element;
}

bool apart(const detail::Region& a, const detail::Region& b) {
  if (empty(a) || empty(b)) return true;
  const Bytes s = touched(a), t = touched(b);
  return s.end <= t.first || t.end <= s.first || interleaved(a, b);
}

bool same_view(const detail::Region& a, const detail::Region& b) {
  if (a.data != b.data) return false;
  for (int i = 0; i < a.rank; ++i) {
    if (a.shape[i] > 1 && a.steps[i] != b.steps[i]) return false;
  }
  return true;
}

}  // namespace

template <class T>
Strided<T>::Strided(T* first, std::span<const std::size_t> extents)
    : data(first), rank(static_cast<int>(extents.size())) {
  if (extents.size() > kMaxRank) {
    throw Error("an array of " + std::to_string(extents.size()) + " axes; expected at most " +
                std::to_string(kMaxRank));
  }
  std::size_t step = 1;
  for (int a = rank - 1; a >= 0; --a) {
    shape[a] = extents[a];
    strides[a] = static_cast<std::ptrdiff_t>(step);
    step *= std::max<std::size_t>(extents[a], 1);
  }
}

template <class T>
Strided<T>::Strided(T* first, std::span<const std::size_t> extents,
                    std::span<const std::ptrdiff_t> steps)
    : Strided(first, extents) {
  if (steps.size() != extents.size()) {
    throw Error("an array of " + std::to_string(extents.size()) + " extents and " +
                std::to_string(steps.size()) + " strides; expected as many");
  }
  std::copy(steps.begin(), steps.end(), strides.begin());
}

template <class T>
std::size_t Strided<T>::size() const {
  std::size_t n = 1;
  for (int a = 0; a < rank; ++a) n *= shape[a];
  return n;
}

template struct Strided<float>;
template struct Strided<const float>;
template struct Strided<double>;
template struct Strided<const double>;
template struct Strided<Float16>;
template struct Strided<const Float16>;
template struct Strided<BFloat16>;
template struct Strided<const BFloat16>;

void detail::check_input(const Region& in, const char* name) {
  if (in.rank < 0 || in.rank > kMaxRank) {
    throw Error(std::string(name) + " has " + std::to_string(in.rank) + " axes; expected at most " +
                std::to_string(kMaxRank));
  }
  if (empty(in)) return;
  if (in.data == nullptr) throw Error(std::string(name) + " is null, expected an array");
  if (address(in.data) % in.element != 0) {
    throw Error(std::string(name) + " is not aligned, expected an address that is a multiple of " +
                std::to_string(in.element));
  }
  // What an array reaches may not leave the address space.
  std::size_t elements = in.element, reach = in.element;
  bool fits = true;
  for (int a = 0; a < in.rank && fits; ++a) {
    const std::size_t step = magnitude(in.steps[a]);
    const std::size_t most = kMostBytes - reach;
    fits = in.shape[a] <= kMostBytes / elements && (step == 0 || in.shape[a] - 1 <= most / step);
    elements *= in.shape[a];
    reach += (in.shape[a] - 1) * step;
  }
  if (fits) {
    const Bytes b = touched(in);
    fits = b.first <= address(in.data) && b.end > address(in.data);
  }
  if (!fits) {
    throw Error(std::string(name) + " has the shape " + shape_text(in.shape.data(), in.rank) +
                ", which no memory holds");
  }
}

void detail::check_output(const Region& out, const char* name) {
  check_input(out, name);
  if (empty(out)) return;
  // Axis by axis from the smallest step: each has to step over all that the smaller ones reach.
  std::array<int, kMaxRank> order = {};
  std::iota(order.begin(), order.end(), 0);
  const auto step = [&](int a) { return out.steps[a] < 0 ? -out.steps[a] : out.steps[a]; };
  sort_axes(&order, out.rank, [&](int a, int b) { return step(a) < step(b); });
  auto reach = static_cast<std::ptrdiff_t>(out.element);
  for (int i = 0; i < out.rank; ++i) {
    const int a = order[i];
    if (out.shape[a] == 1) continue;
    if (step(a) < reach) {
      throw Error(std::string(name) + " overlaps itself: axis " + std::to_string(a) +
                  " has a stride of " + std::to_string(step(a)) + " bytes, expected at least " +
                  std::to_string(reach));
    }
    reach += static_cast<std::ptrdiff_t>(out.shape[a] - 1) * step(a);
  }
}

void detail::check_same_shape(const Region& a, const Region& b, const char* a_name,
                              const char* b_name) {
  if (a.rank != b.rank || !std::equal(a.shape.begin(), a.shape.begin() + a.rank, b.shape.begin())) {
    throw Error(std::string(b_name) + " has the shape " + shape_text(b.shape.data(), b.rank) +
                ", " + a_name + " has " + shape_text(a.shape.data(), a.rank) +
                "; expected equal shapes");
  }
}

void detail::check_apart(const Region& in, const Region& out, const char* in_name,
                         const char* out_name) {
  if (same_view(in, out)) return;
  check_no_overlap(in, out, in_name, out_name);
}

void detail::check_no_overlap(const Region& a, const Region& b, const char* a_name,
                              const char* b_name) {
  if (!apart(a, b)) {
    throw Error(std::string(b_name) + " shares memory with " + a_name +
                "; expected the same view or one apart from it");
  }
}

int detail::checked_axis(int axis, int rank) {
  if (rank == 0) {
    throw Error("an array of 0 axes; expected one that has axis " + std::to_string(axis));
  }
  if (axis < -rank || axis >= rank) {
    throw Error("axis " + std::to_string(axis) + " of an array of " + std::to_string(rank) +
                " axes; expected " + std::to_string(-rank) + " to " + std::to_string(rank - 1));
  }
  return axis < 0 ? axis + rank : axis;
}

}  // namespace gradkeep
