// What the functions over strided arrays share: arrays of one shape are walked together in blocks that
// stay in the first-level cache; and memory shared in a way that would give wrong results is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/strided.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/parallel.h"
#include "core/passes.h"

namespace gradkeep::detail {

// |step|, also of the smallest number there is.
inline std::size_t magnitude(std::ptrdiff_t step) {
  return step < 0 ? 0 - static_cast<std::size_t>(step) : static_cast<std::size_t>(step);
}

// Insertion: a handful of axes, stably, without allocation.
template <class Before>
void sort_axes(std::array<int, kMaxRank>* order, int n, const Before& before) {
  for (int i = 1; i < n; ++i) {
    for (int j = i; j > 0 && before((*order)[j], (*order)[j - 1]); --j) {
      std::swap((*order)[j], (*order)[j - 1]);
    }
  }
}

// The axes that several arrays of one shape have in common, and each array's steps along them.
template <std::size_t kArrays>
struct Walk {
  int rank = 0;
  std::array<std::size_t, kMaxRank> shape = {};
  std::array<std::array<std::ptrdiff_t, kMaxRank>, kArrays> strides = {};

  std::size_t size() const {
    std::size_t n = 1;
    for (int a = 0; a < rank; ++a) n *= shape[a];
    return n;
  }

  void add_axis(std::size_t extent, const std::array<std::ptrdiff_t, kArrays>& steps) {
    shape[rank] = extent;
    for (std::size_t k = 0; k < kArrays; ++k) strides[k][rank] = steps[k];
    ++rank;
  }

  // Axes of one element go; the last array's smallest step comes last; neighbours that continue each
  // other in every array become one axis. An empty array's steps may be any number, so that products of
  // steps are taken modulo 2^64.
  void simplify() {
    Walk sorted;
    std::array<int, kMaxRank> order = {};
    int left = 0;
    for (int a = 0; a < rank; ++a) {
      if (shape[a] != 1) order[left++] = a;
    }
    const auto step = [&](int a) { return magnitude(strides[kArrays - 1][a]); };
    sort_axes(&order, left, [&](int a, int b) { return step(a) > step(b); });
    for (int i = 0; i < left; ++i) {
      const int a = order[i], before = sorted.rank - 1;
      bool continues = before >= 0;
      for (std::size_t k = 0; k < kArrays && continues; ++k) {
        continues = static_cast<std::size_t>(sorted.strides[k][before]) ==
                    static_cast<std::size_t>(strides[k][a]) * shape[a];
      }
      if (continues) {
        sorted.shape[before] *= shape[a];
        for (std::size_t k = 0; k < kArrays; ++k) sorted.strides[k][before] = strides[k][a];
      } else {
        std::array<std::ptrdiff_t, kArrays> steps;
        for (std::size_t k = 0; k < kArrays; ++k) steps[k] = strides[k][a];
        sorted.add_axis(shape[a], steps);
      }
    }
    *this = sorted;
  }
};

// A place in a walk: the index along each axis, and how far each array's element lies from its start.
template <std::size_t kArrays>
class Place {
 public:
  Place(const Walk<kArrays>& walk, std::size_t element) : walk_(&walk) {
    for (int a = walk.rank - 1; a >= 0; --a) {
      index_[a] = element % walk.shape[a];
      element /= walk.shape[a];
      for (std::size_t k = 0; k < kArrays; ++k) {
        offset_[k] += static_cast<std::ptrdiff_t>(index_[a]) * walk.strides[k][a];
      }
    }
  }

  std::ptrdiff_t offset(std::size_t array) const { return offset_[array]; }
  // The step of an array along the innermost axis, and how many elements that axis still has.
  std::ptrdiff_t step(std::size_t array) const {
    return walk_->rank > 0 ? walk_->strides[array][walk_->rank - 1] : 1;
  }
  std::size_t run() const {
    return walk_->rank > 0 ? walk_->shape[walk_->rank - 1] - index_[walk_->rank - 1] : 1;
  }

  // By at most run() elements.
  void advance(std::size_t elements) {
    int a = walk_->rank - 1;
    if (a < 0) return;
    move(a, static_cast<std::ptrdiff_t>(elements));
    while (a > 0 && index_[a] == walk_->shape[a]) {
      move(a, -static_cast<std::ptrdiff_t>(walk_->shape[a]));
      move(--a, 1);
    }
  }

 private:
  void move(int axis, std::ptrdiff_t by) {
    index_[axis] += static_cast<std::size_t>(by);
    for (std::size_t k = 0; k < kArrays; ++k) offset_[k] += by * walk_->strides[k][axis];
  }

  const Walk<kArrays>* walk_;
  std::array<std::size_t, kMaxRank> index_ = {};
  std::array<std::ptrdiff_t, kArrays> offset_ = {};
};

// Calls visit(array offset, step, elements, elements before) for each run of n elements from here.
template <std::size_t kArrays, class Visit>
void for_runs(Place<kArrays> place, std::size_t array, std::size_t n, const Visit& visit) {
  for (std::size_t done = 0; done < n;) {
    const std::size_t m = std::min(place.run(), n - done);
    visit(place.offset(array), place.step(array), m, done);
    place.advance(m);
    done += m;
  }
}

// Hands elements [begin, end) of a walk to work(pointers, n) in pieces: in place where a piece is
// contiguous, through blocks of kBlock elements where it is not. The first kInputs arrays are read, the
// others written.
template <class T, std::size_t kInputs, std::size_t kArrays, class Work>
void for_blocks(const Walk<kArrays>& walk, const std::array<T*, kArrays>& data, std::size_t begin,
                std::size_t end, const Work& work) {
  if (begin == end) return;
  alignas(64) T buffer[kArrays][kBlock];
  Place<kArrays> place(walk, begin);
  while (begin < end) {
    std::array<T*, kArrays> at;
    std::size_t n = std::min(place.run(), end - begin);
    // Short runs are gathered, several to a block.
    const bool whole = n >= kBlock || n == end - begin;
    bool direct[kArrays], all_direct = true;
    for (std::size_t k = 0; k < kArrays; ++k) {
      direct[k] = whole && place.step(k) == 1;
      all_direct = all_direct && direct[k];
    }
    if (!all_direct) n = std::min(whole ? n : end - begin, kBlock);
    for (std::size_t k = 0; k < kArrays; ++k) {
      at[k] = direct[k] ? data[k] + place.offset(k) : buffer[k];
      if (direct[k] || k >= kInputs) continue;
      for_runs(place, k, n,
               [&](std::ptrdiff_t from, std::ptrdiff_t step, std::size_t m, std::size_t done) {
                 const T* source = data[k] + from;
                 for (std::size_t i = 0; i < m; ++i) {
                   buffer[k][done + i] = source[static_cast<std::ptrdiff_t>(i) * step];
                 }
               });
    }
    work(at, n);
    for (std::size_t k = kInputs; k < kArrays; ++k) {
      if (direct[k]) continue;
      for_runs(place, k, n,
               [&](std::ptrdiff_t from, std::ptrdiff_t step, std::size_t m, std::size_t done) {
                 T* target = data[k] + from;
                 for (std::size_t i = 0; i < m; ++i) {
                   target[static_cast<std::ptrdiff_t>(i) * step] = buffer[k][done + i];
                 }
               });
    }
    begin += n;
    while (n > 0) {
      const std::size_t m = std::min(place.run(), n);
      place.advance(m);
      n -= m;
    }
  }
}

// The starts of several arrays. Inputs are only read, but one array of pointers holds all.
template <class T, std::size_t kArrays>
std::array<T*, kArrays> starts(const std::array<Strided<const T>, kArrays>& views) {
  std::array<T*, kArrays> data;
  for (std::size_t k = 0; k < kArrays; ++k) data[k] = const_cast<T*>(views[k].data);
  return data;
}

// Hands arrays of one shape, the first kInputs of which are read and the others written, to
// work(pointers, n) in pieces, divided among threads.
template <class T, std::size_t kInputs, std::size_t kArrays, class Work>
void walk_together(const std::array<Strided<const T>, kArrays>& views, const Work& work) {
  Walk<kArrays> walk;
  walk.rank = views[0].rank;
  walk.shape = views[0].shape;
  for (std::size_t k = 0; k < kArrays; ++k) walk.strides[k] = views[k].strides;
  walk.simplify();
  const auto data = starts(views);
  parallel(walk.size(), 1, [&](std::size_t begin, std::size_t end) {
    for_blocks<T, kInputs>(walk, data, begin, end, work);
  });
}

// A view without its type, for the checks below.
struct Region {
  const char* data;
  int rank;
  std::array<std::size_t, kMaxRank> shape;
  std::array<std::ptrdiff_t, kMaxRank> steps;  // in bytes
  std::size_t element;                         // in bytes

  template <class T>
  explicit Region(const Strided<T>& v)
      : data(reinterpret_cast<const char*>(v.data)),
        rank(v.rank),
        shape(v.shape),
        steps(v.strides),
        element(sizeof(T)) {
    // Steps beyond all memory stay so; check_input refuses them.
    constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(T));
    constexpr std::ptrdiff_t most = std::numeric_limits<std::ptrdiff_t>::max() / size;
    for (std::ptrdiff_t& s : steps) s = std::clamp(s, -most, most) * size;
  }
};

// Error unless the output is the input's own view, or shares no element with it.
void check_apart(const Region& in, const Region& out, const char* in_name, const char* out_name);
// Error if they share an element at all.
void check_no_overlap(const Region& a, const Region& b, const char* a_name, const char* b_name);
// Error if two elements of an output may be one, or the view is not to be had: no data, an extent
// that memory cannot hold.
void check_output(const Region& out, const char* name);
void check_input(const Region& in, const char* name);
// Error if the shapes differ.
void check_same_shape(const Region& a, const Region& b, const char* a_name, const char* b_name);

// -1 is the last axis. Error if there is no such axis.
int checked_axis(int axis, int rank);

}  // namespace gradkeep::detail
