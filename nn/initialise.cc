// Drawing the first weights; see initialise.h for the distributions.
// SPDX-License-Identifier: Apache-2.0
#include "nn/initialise.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "data/random.h"
#include "data/words.h"

namespace gradkeep::nn {
namespace {

using Kind = Initialiser::Kind;
using Drawing = std::function<double(data::Random&)>;

constexpr std::array<std::pair<const char*, Kind>, 10> kNames{{
    {"normal", Kind::normal},
    {"plain", Kind::plain},
    {"glorot_normal", Kind::glorot_normal},
    {"glorot_uniform", Kind::glorot_uniform},
    {"he_normal", Kind::he_normal},
    {"he_uniform", Kind::he_uniform},
    {"lecun_normal", Kind::lecun_normal},
    {"lecun_uniform", Kind::lecun_uniform},
    {"orthogonal", Kind::orthogonal},
    {"zeros", Kind::zeros},
}};

Drawing normal(double deviation) {
  return [deviation](data::Random& random) { return deviation * random.normal(); };
}

Drawing uniform(double variance) {
  const double half_width = std::sqrt(3 * variance);
  return [half_width](data::Random& random) { return half_width * (2 * random.uniform() - 1); };
}

// How one weight of a layer with fan-in n and fan-out m is drawn; not for orthogonal.
Drawing drawing(const Initialiser& how, double n, double m) {
  const double g = how.scale;
  switch (how.kind) {
    case Kind::normal:
      return normal(g);
    case Kind::plain:
    case Kind::lecun_normal:
      return normal(g * std::sqrt(1 / n));
    case Kind::glorot_normal:
      return normal(g * std::sqrt(2 / (n + m)));
    case Kind::glorot_uniform:
      return uniform(g * g * 2 / (n + m));
    case Kind::he_normal:
      return normal(g * std::sqrt(2 / n));
    case Kind::he_uniform:
      return uniform(g * g * 2 / n);
    case Kind::lecun_uniform:
      return uniform(g * g / n);
    case Kind::orthogonal:
    case Kind::zeros:
      break;
  }
  return [](data::Random&) { return 0.0; };
}

// Orthonormal rows by Gram and Schmidt, each projection taken off twice, which keeps them
// orthogonal to rounding error. From normal numbers this gives the uniform distribution.
std::vector<double> orthonormal_rows(std::size_t rows, std::size_t cols, data::Random& random) {
  std::vector<double> q(rows * cols);
  for (double& v : q) v = random.normal();
  for (std::size_t i = 0; i < rows; ++i) {
    double* row = &q[i * cols];
    for (int round = 0; round < 2; ++round) {
      for (std::size_t k = 0; k < i; ++k) {
        const double* other = &q[k * cols];
        const double along = std::inner_product(row, row + cols, other, 0.0);
        for (std::size_t j = 0; j < cols; ++j) row[j] -= along * other[j];
      }
    }
    const double length = std::sqrt(std::inner_product(row, row + cols, row, 0.0));
    for (std::size_t j = 0; j < cols; ++j) row[j] /= length;
  }
  return q;
}

template <class T>
void fill_orthogonal(Matrix<T> w, double gain, data::Random& random) {
  const bool wide = w.cols >= w.rows;
  const std::size_t rows = std::min(w.rows, w.cols), cols = std::max(w.rows, w.cols);
  const std::vector<double> q = orthonormal_rows(rows, cols, random);
  for (int r = 0; r < w.rows; ++r) {
    for (int c = 0; c < w.cols; ++c) {
      w(r, c) = static_cast<T>(gain * (wide ? q[r * cols + c] : q[c * cols + r]));
    }
  }
}

template <class T>
void fill(Matrix<T> w, const Initialiser& how, double fan_in, double fan_out,
          data::Random& random) {
  if (how.kind == Kind::orthogonal) return fill_orthogonal(w, how.scale, random);
  const Drawing draw = drawing(how, fan_in, fan_out);
  for (T& v : w.flat()) v = static_cast<T>(draw(random));
}

[[noreturn]] void bad_scale(std::string_view text) {
  throw Error("initialiser '" + std::string(text) +
              "': expected one positive number in the brackets, as in normal(0.05)");
}

double parse_scale_of(std::string_view text, std::string_view inside) {
  double value = 0;
  const char *first = inside.data(), *end = first + inside.size();
  const auto [stop, failure] = std::from_chars(first, end, value);
  if (failure != std::errc() || stop != end || !(value > 0) || !std::isfinite(value)) {
    bad_scale(text);
  }
  return value;
}

}  // namespace

std::vector<std::string> initialiser_names() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kNames) names.emplace_back(name);
  return names;
}

Initialiser parse_initialiser(std::string_view text) {
  if (text == "normal(1/sqrt(n))") return {Kind::plain};
  const std::size_t bracket = text.find('(');
  const std::string_view name = text.substr(0, bracket);
  for (const auto& [known, kind] : kNames) {
    if (name != known) continue;
    if (bracket == std::string_view::npos) {
      if (kind == Kind::normal) bad_scale(text);
      return {kind};
    }
    if (text.back() != ')') bad_scale(text);
    return {kind, parse_scale_of(text, text.substr(bracket + 1, text.size() - bracket - 2))};
  }
  data::unknown_word("initialiser", name, initialiser_names());
}

std::string Initialiser::text() const {
  std::string name;
  for (const auto& [known, known_kind] : kNames) {
    if (known_kind == kind) name = known;
  }
  if (scale == 1 && kind != Kind::normal) return name;
  std::array<char, 32> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), scale);
  return name + "(" + std::string(digits.data(), end) + ")";
}

template <class T>
void initialise(Network<T>& net, const Initialiser& weights, std::uint64_t seed,
                const Initialiser& biases) {
  for (int i = 0; i < net.layers(); ++i) {
    const Matrix<T> w = net.weights(i);
    data::Random for_weights(seed, 2 * static_cast<std::uint64_t>(i));
    data::Random for_biases(seed, 2 * static_cast<std::uint64_t>(i) + 1);
    fill(w, weights, w.cols, w.rows, for_weights);
    fill(net.biases(i), biases, w.cols, w.rows, for_biases);
  }
  net.mark_start();
}

template void initialise(Network<float>&, const Initialiser&, std::uint64_t, const Initialiser&);
template void initialise(Network<double>&, const Initialiser&, std::uint64_t, const Initialiser&);

}  // namespace gradkeep::nn
