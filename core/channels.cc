// A channel at a time, in pieces that stay in the second-level cache where the channel is spread out.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/channels.h>
#include <gradkeep/strided.h>

#include "core/arithmetic.h"
#include "core/parallel.h"
#include "core/views.h"

namespace gradkeep {
namespace {

using detail::kBlock;
using detail::Region;

// The function of each channel, one at a time.
template <class T>
class Channels {
 public:
  Channels(const Activation& f, ChannelShape shape, std::span<const T> parameters)
      : f_(f), shape_(shape), parameters_(parameters), each_(f.parameters().size()) {
    // As a quotient: the product may be more than a size_t holds.
    const bool fits =
        each_ == 0 ? parameters.empty()
                   : parameters.size() % each_ == 0 && parameters.size() / each_ == shape.count;
    if (!fits) {
      throw Error(f.info().name + ": " + std::to_string(parameters.size()) + " parameters for " +
                  std::to_string(shape.count) + " channels; expected " + std::to_string(each_) +
                  " for each");
    }
    for (std::size_t c = 0; c < shape.count && each_ > 0; ++c) (*this)[c];
  }

  Activation operator[](std::size_t channel) const {
    std::array<double, kMaxParameters> p = {};
    for (std::size_t k = 0; k < each_; ++k) {
      p[k] = static_cast<double>(parameters_[channel * each_ + k]);
    }
    Activation f = f_;
    f.set_parameters(std::span<const double>(p.data(), each_), Bounds::any);
    return f;
  }

  // The elements of a channel in rows [begin, end) of the outer axis.
  template <class A>
  Strided<A> part(A* data, std::size_t channel, std::size_t begin, std::size_t end) const {
    const std::size_t row = shape_.count * shape_.inner;
    const std::size_t extents[] = {end - begin, shape_.inner};
    const std::ptrdiff_t steps[] = {static_cast<std::ptrdiff_t>(row), 1};
    return {data + begin * row + channel * shape_.inner, extents, steps};
  }

  // Calls work(function, channel, begin, end) for every channel, in pieces of a block or more.
  template <class Work>
  void for_parts(const Work& work) const {
    if (shape_.count == 0 || shape_.inner == 0) return;
    const std::size_t rows = std::max<std::size_t>(1, kBlock / shape_.inner);
    const std::size_t parts = (shape_.outer + rows - 1) / rows;
    detail::parallel(parts, rows * shape_.count * shape_.inner,
                     [&](std::size_t first, std::size_t last) {
                       for (std::size_t i = first; i < last; ++i) {
                         const std::size_t begin = i * rows;
                         const std::size_t end = std::min(shape_.outer, begin + rows);
                         for (std::size_t c = 0; c < shape_.count; ++c) {
                           work((*this)[c], c, begin, end);
                         }
                       }
                     });
  }

  std::size_t each() const { return each_; }

 private:
  const Activation& f_;
  ChannelShape shape_;
  std::span<const T> parameters_;
  std::size_t each_;
};

std::size_t checked_size(ChannelShape s) {
  constexpr std::size_t most = std::size_t{1} << 62;
  if ((s.count != 0 && s.outer > most / s.count) ||
      (s.inner != 0 && s.outer * s.count > most / s.inner)) {
    throw Error("channels: a shape that no memory holds");
  }
  return s.outer * s.count * s.inner;
}

void check_size(const char* name, std::size_t elements, std::size_t expected) {
  if (elements != expected) {
    throw Error(std::string(name) + " has " + std::to_string(elements) + " elements; expected " +
                std::to_string(expected) + " for this shape");
  }
}

// Inputs of the shape's size, each the output itself or apart from it; parameters, which are read all the
// while, apart.
template <class T>
void check(ChannelShape shape, std::span<const T> parameters,
           std::initializer_list<std::pair<const char*, std::span<const T>>> inputs,
           const char* name, std::span<T> out) {
  const std::size_t size = checked_size(shape);
  for (const auto& [in_name, in] : inputs) {
    check_size(in_name, in.size(), size);
    detail::check_apart(Region(Strided<const T>(in)), Region(Strided<T>(out)), in_name, name);
  }
  detail::check_no_overlap(Region(Strided<const T>(parameters)), Region(Strided<T>(out)),
                           "the parameters", name);
}

// Sixteen partial sums a block, added two by two; blocks are added with what rounding takes.
class BlockSum {
 public:
  template <class T>
  void add(const T* a, const T* b, std::size_t n) {
    double partial[16] = {};
    for (std::size_t i = 0; i < n; ++i) {
      partial[i % 16] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    for (std::size_t half = 8; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i) partial[i] += partial[i + half];
    }
    sum_.add(partial[0]);
  }
  double value() const { return sum_.value(); }

 private:
  detail::Sum sum_;
};

}  // namespace

template <class T>
void channels_value(const Activation& f, ChannelShape shape,
                    std::span<const std::type_identity_t<T>> parameters,
                    std::span<const std::type_identity_t<T>> x, std::span<T> y) {
  check<T>(shape, parameters, {{"x", x}, {"y", y}}, "y", y);
  const Channels<T> channels(f, shape, parameters);
  channels.for_parts([&](const Activation& own, std::size_t c, std::size_t begin, std::size_t end) {
    evaluate<T>(own, 0, channels.part(x.data(), c, begin, end),
                channels.part(y.data(), c, begin, end));
  });
}

template <class T>
void channels_backward(const Activation& f, ChannelShape shape,
                       std::span<const std::type_identity_t<T>> parameters,
                       std::span<const std::type_identity_t<T>> x,
                       std::span<const std::type_identity_t<T>> dy, std::span<T> dx) {
  check<T>(shape, parameters, {{"x", x}, {"dy", dy}, {"dx", dx}}, "dx", dx);
  const Channels<T> channels(f, shape, parameters);
  channels.for_parts([&](const Activation& own, std::size_t c, std::size_t begin, std::size_t end) {
    backward<T>(own, channels.part(x.data(), c, begin, end),
                channels.part(dy.data(), c, begin, end), channels.part(dx.data(), c, begin, end));
  });
}

template <class T>
void channels_parameter_gradients(const Activation& f, ChannelShape shape,
                                  std::span<const std::type_identity_t<T>> parameters,
                                  std::span<const std::type_identity_t<T>> x,
                                  std::span<const std::type_identity_t<T>> dy,
                                  std::span<T> gradients) {
  using C = detail::Computed<T>;
  const Channels<T> channels(f, shape, parameters);
  if (gradients.size() != parameters.size()) {
    throw Error("the gradients have " + std::to_string(gradients.size()) + " elements; expected " +
                std::to_string(parameters.size()) + ", as the parameters");
  }
  const std::size_t size = checked_size(shape);
  for (const auto& [name, in] : {std::pair{"x", x}, std::pair{"dy", dy}}) {
    check_size(name, in.size(), size);
  }
  for (const auto& [name, in] :
       {std::pair{"x", x}, std::pair{"dy", dy}, std::pair{"the parameters", parameters}}) {
    detail::check_no_overlap(Region(Strided<const T>(in)), Region(Strided<T>(gradients)), name,
                             "the gradients");
  }
  if (size == 0) {
    std::fill(gradients.begin(), gradients.end(), T(C{0}));
    return;
  }
  // Of the products only the slope is a float's; they and their sums are doubles.
  detail::parallel(
      shape.count * channels.each(), shape.outer * shape.inner,
      [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
          const std::size_t c = i / channels.each();
          const int k = static_cast<int>(i % channels.each());
          const Activation own = channels[c];
          detail::Walk<2> walk{2, {shape.outer, shape.inner}, {}};
          walk.strides[0] = walk.strides[1] = channels.part(x.data(), c, 0, 1).strides;
          walk.simplify();
          const std::array<T*, 2> data = {const_cast<T*>(x.data() + c * shape.inner),
                                          const_cast<T*>(dy.data() + c * shape.inner)};
          BlockSum sum;
          detail::for_blocks<T, 2>(
              walk, data, 0, walk.size(), [&](const std::array<T*, 2>& at, std::size_t n) {
                C wide[kBlock], slope[kBlock], gradient[kBlock];
                for (std::size_t j = 0; j < n; j += kBlock) {
                  const std::size_t m = std::min(kBlock, n - j);
                  for (std::size_t e = 0; e < m; ++e) {
                    wide[e] = detail::computed(at[0][j + e]);
                    gradient[e] = detail::computed(at[1][j + e]);
                  }
                  own.parameter_slope(k, std::span<const C>(wide, m), std::span<C>(slope, m));
                  sum.add(slope, gradient, m);
                }
              });
          gradients[i] = T(static_cast<C>(sum.value()));
        }
      });
}

#define GRADKEEP_INSTANTIATE(T)                                                             \
  template void channels_value<T>(const Activation&, ChannelShape, std::span<const T>,      \
                                  std::span<const T>, std::span<T>);                        \
  template void channels_backward<T>(const Activation&, ChannelShape, std::span<const T>,   \
                                     std::span<const T>, std::span<const T>, std::span<T>); \
  template void channels_parameter_gradients<T>(const Activation&, ChannelShape,            \
                                                std::span<const T>, std::span<const T>,     \
                                                std::span<const T>, std::span<T>);

GRADKEEP_INSTANTIATE(float)
GRADKEEP_INSTANTIATE(double)
GRADKEEP_INSTANTIATE(Float16)
GRADKEEP_INSTANTIATE(BFloat16)

}  // namespace gradkeep
