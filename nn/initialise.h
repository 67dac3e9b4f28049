// Where the weights start. With n inputs and m units per layer (fan-in, fan-out) and gain g:
//   normal(s)       N(0, s^2)                     plain           N(0, 1/n)
//   glorot_normal   N(0, g^2 2/(n+m))             glorot_uniform  U(-a, a), a = g sqrt(6/(n+m))
//   he_normal       N(0, 2/n)                     he_uniform      U(-a, a), a = sqrt(6/n)
//   lecun_normal    N(0, 1/n)                     lecun_uniform   U(-a, a), a = sqrt(3/n)
//   orthogonal      g Q, Q with orthonormal rows or columns, uniformly distributed
//   log_normal(s)   U diag(v) V^T with U, V random rotations and ln v ~ N(0, s^2)
//   triangular(r)   upper triangular: equal numbers d on the diagonal, N(0, .) above it
//   lsuv(s)         orthogonal, then scaled until x W^T has standard deviation s on data (nn/lsuv.h)
//   critical        N(0, (g s)^2/n), biases N(0, t^2), where flow's theory recommends weight_std s and
//                   bias_std t (nn/critical.h)
//   critical_orthogonal   g s Q, biases N(0, t^2)
//   constant(c)     c                             zeros           0
// plain and lecun_normal are the same distribution, named after what people mean by them. log_normal
// and triangular are about the spectrum: square layers get exactly the Frobenius norm that is expected
// of plain, g sqrt(m), so that singular values of log_normal differ in spread only and triangular,
// whose share of the squared norm above the diagonal is r, has all eigenvalues equal (d) and its
// singular values not; other layers fall back to plain.
//
// Where a layer's spec says zero_branch, the weights start at 0, or gamma where the layer normalises.
// Biases start at zero unless an initialiser is given for them; as a bias, constant is that of the
// hidden layers. Every layer draws from its own stream. The numbers of a tied layer (nn/tie.h) are
// drawn once a group, n and m being the most weights that are not zero in a row and in a column;
// orthogonal (under all its names), log_normal and triangular know no ties and are drawn as plain there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
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
    log_normal,
    triangular,
    lsuv,
    critical,
    critical_orthogonal,
    constant,
    zeros
  };
  Kind kind = Kind::glorot_normal;
  double scale = 1;  // normal: the standard deviation; constant: the number; others: the gain g
  double shape = 0;  // log_normal: s; triangular: r

  // "normal(0.05)", "he_normal", "orthogonal(1.5)", "log_normal(0.5)", "log_normal(0.5, 1.4)" with
  // the gain: parses back.
  std::string text() const;
};

// "he_normal", "orthogonal(1.6)", "normal(0.05)", and "normal(1/sqrt(n))" for plain. Throws Error.
Initialiser parse_initialiser(std::string_view text);
std::vector<std::string> initialiser_names();

// What mean-field theory calls weight_std: sqrt(n) times the root mean square of a layer's weights,
// so that unit i of x W^T has variance weight_std^2 mean(x^2). orthogonal gives its gain g, and
// g sqrt(n/m) where m > n, since only n directions of the m units are filled. Nothing where one
// number does not describe all units or only data tell it: constant, zeros, lsuv, and square layers of
// triangular. Nor for critical and critical_orthogonal, whose scales critical_scales() tells.
std::optional<double> weight_std(const Initialiser& how, double fan_in, double fan_out);

// Fills all weights and biases, then marks the start (LayerView::initial_w). lsuv needs `batch`, some
// rows of the inputs that training will see, and throws Error without; critical throws where `biases`
// are not 0, for it draws them itself.
template <class T>
void initialise(Network<T>& net, const Initialiser& weights, std::uint64_t seed,
                const Initialiser& biases = {Initialiser::Kind::zeros},
                std::type_identity_t<Matrix<const T>> batch = {});

}  // namespace gradkeep::nn
