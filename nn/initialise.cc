// Drawing the first weights; see initialise.h for the distributions.
// SPDX-License-Identifier: Apache-2.0
#include "nn/initialise.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "data/random.h"
#include "data/words.h"
#include "nn/critical.h"
#include "nn/lsuv.h"
#include "nn/tie.h"

namespace gradkeep::nn {
namespace {

using Kind = Initialiser::Kind;

// A distribution of single weights, and the standard deviation where its mean is 0.
struct Drawing {
  std::function<double(data::Random&)> draw;
  std::optional<double> deviation;
};

constexpr std::array<std::pair<const char*, Kind>, 16> kNames{{
    {"normal", Kind::normal},
    {"plain", Kind::plain},
    {"glorot_normal", Kind::glorot_normal},
    {"glorot_uniform", Kind::glorot_uniform},
    {"he_normal", Kind::he_normal},
    {"he_uniform", Kind::he_uniform},
    {"lecun_normal", Kind::lecun_normal},
    {"lecun_uniform", Kind::lecun_uniform},
    {"orthogonal", Kind::orthogonal},
    {"log_normal", Kind::log_normal},
    {"triangular", Kind::triangular},
    {"lsuv", Kind::lsuv},
    {"critical", Kind::critical},
    {"critical_orthogonal", Kind::critical_orthogonal},
    {"constant", Kind::constant},
    {"zeros", Kind::zeros},
}};

bool is_critical(const Initialiser& how) {
  return how.kind == Kind::critical || how.kind == Kind::critical_orthogonal;
}

bool is_nothing(const Initialiser& how) { return how.kind == Kind::zeros || how.scale == 0; }

Drawing normal(double deviation) {
  return {[deviation](data::Random& random) { return deviation * random.normal(); }, deviation};
}

Drawing uniform(double variance) {
  const double half_width = std::sqrt(3 * variance);
  return {[half_width](data::Random& random) { return half_width * (2 * random.uniform() - 1); },
          std::sqrt(variance)};
}

// How one weight of a layer with fan-in n and fan-out m is drawn. Of the kinds that are made as a
// whole only those arrive here that fall back to plain.
Drawing drawing(const Initialiser& how, double n, double m) {
  const double g = how.scale;
  switch (how.kind) {
    case Kind::normal:
      return normal(g);
    case Kind::plain:
    case Kind::lecun_normal:
    case Kind::orthogonal:
    case Kind::log_normal:
    case Kind::triangular:
    case Kind::lsuv:
    case Kind::critical:
    case Kind::critical_orthogonal:
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
    case Kind::constant:
      return {[g](data::Random&) { return g; }, {}};
    case Kind::zeros:
      break;
  }
  return {[](data::Random&) { return 0.0; }, {}};
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

// Singular values with a logarithm of standard deviation `spread`, turned by two random rotations.
template <class T>
void fill_log_normal(Matrix<T> w, double spread, double gain, data::Random& random) {
  const std::size_t n = w.rows;
  const std::vector<double> u = orthonormal_rows(n, n, random), v = orthonormal_rows(n, n, random);
  std::vector<double> sigma(n);
  for (double& value : sigma) value = std::exp(spread * random.normal());
  const double norm = std::sqrt(std::inner_product(sigma.begin(), sigma.end(), sigma.begin(), 0.0));
  const double factor = gain * std::sqrt(static_cast<double>(n)) / norm;
  std::vector<double> row(n);
  for (std::size_t r = 0; r < n; ++r) {  // row r of U diag(sigma) V^T
    std::fill(row.begin(), row.end(), 0.0);
    for (std::size_t k = 0; k < n; ++k) {
      const double along = factor * sigma[k] * u[k * n + r];
      for (std::size_t c = 0; c < n; ++c) row[c] += along * v[k * n + c];
    }
    std::transform(row.begin(), row.end(), w.row(static_cast<int>(r)).begin(),
                   [](double value) { return static_cast<T>(value); });
  }
}

// n d^2 = (1 - share) n g^2 on the diagonal, share n g^2 above it, 0 below.
template <class T>
void fill_triangular(Matrix<T> w, double share, double gain, data::Random& random) {
  const int n = w.rows;
  std::vector<double> above(static_cast<std::size_t>(n) * (n - 1) / 2);
  for (double& value : above) value = random.normal();
  const double norm = std::sqrt(std::inner_product(above.begin(), above.end(), above.begin(), 0.0));
  if (above.empty()) share = 0;
  const double diagonal = gain * std::sqrt(1 - share);
  const double factor = above.empty() ? 0 : gain * std::sqrt(share * n) / norm;
  std::size_t next = 0;
  for (int r = 0; r < n; ++r) {
    for (int c = 0; c < n; ++c) {
      const double value = c < r ? 0 : c == r ? diagonal : factor * above[next++];
      w(r, c) = static_cast<T>(value);
    }
  }
}

template <class T>
void fill(Matrix<T> w, const Initialiser& how, double fan_in, double fan_out,
          data::Random& random) {
  if (how.kind == Kind::orthogonal || how.kind == Kind::lsuv)
    return fill_orthogonal(w, how.scale, random);
  if (w.rows == w.cols && how.kind == Kind::log_normal) {
    return fill_log_normal(w, how.shape, how.scale, random);
  }
  if (w.rows == w.cols && how.kind == Kind::triangular) {
    return fill_triangular(w, how.shape, how.scale, random);
  }
  const auto draw = drawing(how, fan_in, fan_out).draw;
  for (T& v : w.flat()) v = static_cast<T>(draw(random));
}

template <class T>
void fill_tied(Matrix<T> w, std::span<const int> tie, const Initialiser& how,
               data::Random& random) {
  const auto [fan_in, fan_out] = fans({tie.data(), w.rows, w.cols});
  const auto draw = drawing(how, fan_in, fan_out).draw;
  std::vector<T> shared(groups(tie));
  for (T& v : shared) v = static_cast<T>(draw(random));
  for (std::size_t i = 0; i < tie.size(); ++i) w.data[i] = tie[i] < 0 ? T(0) : shared[tie[i]];
}

// What may stand in the brackets of each kind.
struct Form {
  bool needed, negative;  // must there be brackets, may the first number be negative
  bool shape;             // is the first number the shape
  double largest;         // of the first number
  const char* expected;
};

Form form_of(Kind kind) {
  constexpr double kAny = std::numeric_limits<double>::max();
  switch (kind) {
    case Kind::normal:
      return {true, false, false, kAny, "one positive number in the brackets, as in normal(0.05)"};
    case Kind::constant:
      return {true, true, false, kAny, "one number in the brackets, as in constant(0.1)"};
    case Kind::log_normal:
      return {true, false, true, kAny,
              "the spread of the logarithms and perhaps a gain, positive, as in log_normal(0.5)"};
    case Kind::triangular:
      return {true, false, true, 1,
              "the share above the diagonal, in (0, 1], and perhaps a gain, as in triangular(0.5)"};
    default:
      return {false, false, false, kAny,
              "one positive number in the brackets, as in orthogonal(1.5)"};
  }
}

[[noreturn]] void bad_scale(std::string_view text, const Form& form) {
  throw Error("initialiser '" + std::string(text) + "': expected " + form.expected);
}

// The numbers between the brackets, separated by commas; false where they are none.
bool parse_numbers(std::string_view inside, std::vector<double>& numbers) {
  const char *at = inside.data(), *end = at + inside.size();
  while (true) {
    while (at != end && *at == ' ') ++at;
    double value = 0;
    const auto [stop, failure] = std::from_chars(at, end, value);
    if (failure != std::errc() || !std::isfinite(value)) return false;
    numbers.push_back(value);
    if (stop == end) return true;
    if (*stop != ',') return false;
    at = stop + 1;
  }
}

std::string decimal(double value) {
  std::array<char, 32> digits;
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end};
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
    const Form form = form_of(kind);
    if (bracket == std::string_view::npos) {
      if (form.needed) bad_scale(text, form);
      return {kind};
    }
    std::vector<double> numbers;
    if (text.back() != ')' ||
        !parse_numbers(text.substr(bracket + 1, text.size() - bracket - 2), numbers) ||
        numbers.size() > (form.shape ? 2 : 1) || numbers[0] > form.largest) {
      bad_scale(text, form);
    }
    for (const double number : numbers) {
      if (!(number > 0 || form.negative)) bad_scale(text, form);
    }
    if (!form.shape) return {kind, numbers[0]};
    return {kind, numbers.size() > 1 ? numbers[1] : 1, numbers[0]};
  }
  data::unknown_word("initialiser", name, initialiser_names());
}

std::string Initialiser::text() const {
  std::string name;
  for (const auto& [known, known_kind] : kNames) {
    if (known_kind == kind) name = known;
  }
  const Form form = form_of(kind);
  if (form.shape) {
    return name + "(" + decimal(shape) + (scale == 1 ? "" : ", " + decimal(scale)) + ")";
  }
  return scale == 1 && !form.needed ? name : name + "(" + decimal(scale) + ")";
}

std::optional<double> weight_std(const Initialiser& how, double fan_in, double fan_out) {
  if (how.kind == Kind::lsuv || is_critical(how)) return {};
  if (how.kind == Kind::triangular && fan_in == fan_out) return {};
  const auto deviation = drawing(how, fan_in, fan_out).deviation;
  if (!deviation) return {};
  // More rows than columns: the columns have length g, so that the rows are shorter.
  const bool tall = how.kind == Kind::orthogonal && fan_out > fan_in;
  return *deviation * std::sqrt(tall ? fan_in * fan_in / fan_out : fan_in);
}

template <class T>
void initialise(Network<T>& net, const Initialiser& weights, std::uint64_t seed,
                const Initialiser& biases, std::type_identity_t<Matrix<const T>> batch) {
  if (weights.kind == Kind::lsuv && batch.size() == 0) {
    throw Error("initialiser lsuv: got no data, expected a batch of inputs to scale by");
  }
  if (is_critical(weights) && !is_nothing(biases)) {
    throw Error("initialiser " + weights.text() +
                ": it draws the biases too, expected none beside it, got " + biases.text());
  }
  std::vector<WeightScale> scales;
  if (is_critical(weights)) scales = critical_scales(net.spec());
  for (int i = 0; i < net.layers(); ++i) {
    Initialiser for_w = weights, for_b = biases;
    if (!scales.empty()) {
      for_w = {weights.kind == Kind::critical ? Kind::plain : Kind::orthogonal,
               weights.scale * scales[i].weight_std};
      if (scales[i].bias_std > 0) for_b = {Kind::normal, scales[i].bias_std};
    }
    const Matrix<T> w = net.weights(i);
    const auto& tie = net.spec().layers[i].tie;
    data::Random for_weights(seed, 2 * static_cast<std::uint64_t>(i));
    data::Random for_biases(seed, 2 * static_cast<std::uint64_t>(i) + 1);
    if (tie.empty()) {
      fill(w, for_w, w.cols, w.rows, for_weights);
    } else {
      fill_tied(w, tie, for_w, for_weights);
    }
    const LayerSpec& layer = net.spec().layers[i];
    const bool empty = layer.zero_branch && layer.normalisation == Normalisation::none;
    if (empty) std::fill_n(w.data, w.size(), T(0));
    const bool none = empty || (for_b.kind == Kind::constant && i + 1 == net.layers());
    fill(net.biases(i), none ? Initialiser{Kind::zeros} : for_b, w.cols, w.rows, for_biases);
  }
  net.parameters_changed();
  if (weights.kind == Kind::lsuv) scale_by_data(net, batch, weights.scale);
  net.mark_start();
}

template void initialise(Network<float>&, const Initialiser&, std::uint64_t, const Initialiser&,
                         Matrix<const float>);
template void initialise(Network<double>&, const Initialiser&, std::uint64_t, const Initialiser&,
                         Matrix<const double>);

}  // namespace gradkeep::nn
