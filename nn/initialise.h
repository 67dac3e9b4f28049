// Where the weights start. With n inputs and m units per layer (fan-in, fan-out) and gain g:
//   normal(s)       N(0, s^2)                     plain           N(0, 1/n)
//   glorot_normal   N(0, g^2 2/(n+m))             glorot_uniform  U(-a, a), a = g sqrt(6/(n+m))
//   he_normal       N(0, 2/n)                     he_uniform      U(-a, a), a = sqrt(6/n)
//   lecun_normal    N(0, 1/n)                     lecun_uniform   U(-a, a), a = sqrt(3/n)
//   orthogonal      g Q, Q with orthonormal rows or columns, uniformly distributed
//   zeros           0
// plain and lecun_normal are the same distribution, named after what people mean by them. Biases
// start at zero unless an initialiser is given for them. Every layer draws from its own stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nn/network.h"

namespace gradkeep::nn {

struct Initialiser {
  enum class Kind {
    normal,
    plain,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    orthogonal,
    zeros
  };
  Kind kind = Kind::glorot_normal;
  double scale = 1;  // normal: the standard deviation; all others: a factor (the gain)

  std::string text() const;  // "normal(0.05)", "he_normal", "orthogonal(1.5)": parses back
};

// "he_normal", "orthogonal(1.6)", "normal(0.05)", and "normal(1/sqrt(n))" for plain. Throws Error.
Initialiser parse_initialiser(std::string_view text);
std::vector<std::string> initialiser_names();

// Fills all weights and biases, then marks the start (LayerView::initial_w).
template <class T>
void initialise(Network<T>& net, const Initialiser& weights, std::uint64_t seed,
                const Initialiser& biases = {Initialiser::Kind::zeros});

}  // namespace gradkeep::nn
