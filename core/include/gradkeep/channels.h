// Parameters that differ between channels or elements, as a learned prelu's do: one Activation's shape
// with a row of parameters for each channel, and the gradients of all of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <type_traits>

namespace gradkeep {

// An array in one piece, read as outer x count x inner. Per channel of an image batch: batch, channels,
// height * width. Per element (Keras): batch, elements, 1. One for all: 1, 1, size.
struct ChannelShape {
  std::size_t outer = 1, count = 1, inner = 1;
};

// parameters[c * p + k] is number k of the p parameters of f in channel c; those of f itself are not used.
// Error where a channel's parameters are outside their bounds (Bounds::any), before anything is
// written, or where the parameters share memory with an output. y may be x. T is float, double, Float16
// or BFloat16.
template <class T>
void channels_value(const Activation& f, ChannelShape shape,
                    std::span<const std::type_identity_t<T>> parameters,
                    std::span<const std::type_identity_t<T>> x, std::span<T> y);

// dx = dy f'(x); dx may be x or dy.
template <class T>
void channels_backward(const Activation& f, ChannelShape shape,
                       std::span<const std::type_identity_t<T>> parameters,
                       std::span<const std::type_identity_t<T>> x,
                       std::span<const std::type_identity_t<T>> dy, std::span<T> dx);

// The gradients of the parameters, sum dy df/dp over a channel: in double, in an order that depends on
// the shape alone, rounded once. Within 2^-48 of the sum of the addends' sizes, and half a ULP.
template <class T>
void channels_parameter_gradients(const Activation& f, ChannelShape shape,
                                  std::span<const std::type_identity_t<T>> parameters,
                                  std::span<const std::type_identity_t<T>> x,
                                  std::span<const std::type_identity_t<T>> dy,
                                  std::span<T> gradients);

}  // namespace gradkeep
