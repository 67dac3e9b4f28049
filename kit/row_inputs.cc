// SPDX-License-Identifier: Apache-2.0
#include "kit/row_inputs.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "data/random.h"
#include "kit/inputs.h"

namespace gradkeep::kit {
namespace {

using data::Random;

double rounded(Number number, double v) { return check::round_to(v, type_of(number).format); }

using Fill = std::function<double(std::size_t i)>;

class Rows {
 public:
  Rows(Number number, std::size_t length, Random& draw)
      : number_(number), length_(length), draw_(draw) {}

  void add(std::string about, const Fill& fill) {
    RowInput row{std::move(about), {}, {}};
    for (std::size_t i = 0; i < length_; ++i) {
      row.x.push_back(rounded(number_, fill(i)));
      row.dy.push_back(rounded(number_, draw_.normal()));
    }
    all_.push_back(std::move(row));
  }
  // The gradient of one element alone, as a loss of the class has it.
  void add_one_hot(std::string about, std::size_t at, const Fill& fill) {
    add(std::move(about), fill);
    all_.back().dy.assign(length_, 0);
    all_.back().dy[at] = 1;
  }
  std::vector<RowInput> take() { return std::move(all_); }

 private:
  Number number_;
  std::size_t length_;
  Random& draw_;
  std::vector<RowInput> all_;
};

std::vector<RowInput> probes(Number number, std::size_t n, Random& draw) {
  const check::Format& format = type_of(number).format;
  const double least = format.least_exponent() * std::numbers::ln2;  // where e^x has rounded to 0
  const double normal = format.min_exponent * std::numbers::ln2;
  const double most = std::ldexp(1.5, format.max_exponent);
  const double infinity = kInfinity;
  const std::size_t last = n - 1;
  const auto share = [n](std::size_t i) {
    return static_cast<double>(i) / static_cast<double>(n > 1 ? n - 1 : 1);
  };
  Rows rows(number, n, draw);
  rows.add("equal elements", [](std::size_t) { return 0.75; });
  rows.add("equal elements, 1e4", [](std::size_t) { return 1e4; });
  for (const double v : {20.0, 100.0}) {
    const std::string about = "one of " + std::to_string(std::lround(v)) + " among zeros, ";
    rows.add_one_hot(about + "first", 0, [&](std::size_t i) { return i == 0 ? v : 0; });
    rows.add_one_hot(about + "last", last, [&](std::size_t i) { return i == last ? v : 0; });
    rows.add(about + "in the middle", [&](std::size_t i) { return i == n / 2 ? v : 0; });
  }
  rows.add("two equal largest",
           [&](std::size_t i) { return i == 0 || i == last ? 3 : 2 * draw.uniform() - 1; });
  rows.add("every third is -inf",
           [&](std::size_t i) { return i % 3 == 1 ? -infinity : draw.normal(); });
  rows.add("nothing but -inf", [&](std::size_t) { return -infinity; });
  rows.add("one +inf", [&](std::size_t i) { return i == last ? infinity : draw.normal(); });
  rows.add("one NaN", [&](std::size_t i) {
    return i == n / 2 ? std::numeric_limits<double>::quiet_NaN() : draw.normal();
  });
  rows.add("around 1e4", [&](std::size_t) { return 1e4 + 4 * draw.normal(); });
  rows.add("around -1e4", [&](std::size_t) { return -1e4 + 4 * draw.normal(); });
  rows.add("subnormal results",
           [&](std::size_t i) { return i == 0 ? 0 : normal + 0.5 + (least - normal) * share(i); });
  rows.add("a tail that underflows", [&](std::size_t i) { return 2 * least * share(i); });
  rows.add("rising", [](std::size_t i) { return 0.25 * static_cast<double>(i); });
  rows.add("falling", [](std::size_t i) { return -0.25 * static_cast<double>(i); });
  rows.add("largest numbers of either sign",
           [&](std::size_t i) { return i % 2 == 0 ? most : -most; });
  rows.add("next to zero", [&](std::size_t i) {
    return std::ldexp(i % 2 == 0 ? 1 : -1, format.least_exponent() + static_cast<int>(i % 5));
  });
  return rows.take();
}

constexpr std::array<double, 4> kSpreads{0.1, 1, 5, 25};

void add_drawn(Number number, std::size_t n, int of_each, Random& draw,
               std::vector<RowInput>& all) {
  Rows rows(number, n, draw);
  for (const double spread : kSpreads) {
    const std::string about =
        "drawn, spread " + std::string(spread < 1 ? "0.1" : std::to_string(std::lround(spread)));
    for (int k = 0; k < of_each; ++k) {
      rows.add(about, [&](std::size_t) { return spread * draw.normal(); });
    }
  }
  for (RowInput& row : rows.take()) all.push_back(std::move(row));
}

// Values that a gate meets, in turn.
constexpr double kValues[] = {1, -0.5, 3.25, 1e-3, -1e3, 0.7, -2.3, 40};

std::vector<RowInput> gated_inputs(const RowCall& call, Number number, std::size_t half, int round,
                                   Random& draw) {
  const std::vector<double> few = few_inputs(call.gated().f, number);
  std::vector<RowInput> all;
  for (std::size_t row = 0; row < 8; ++row) {
    const bool drawn = round > 0 || row >= 5;
    std::vector<double> gates, values, dy;
    for (std::size_t i = 0; i < half; ++i) {
      const double value = kValues[(row + i) % std::size(kValues)];
      gates.push_back(rounded(number, drawn ? kSpreads[row % 4] * draw.normal()
                                            : few[(row * (half + 5) + i) % few.size()]));
      values.push_back(rounded(number, drawn ? 3 * draw.normal() : value));
      dy.push_back(rounded(number, draw.normal()));
    }
    if (!drawn && row == 4) {
      values[half / 2] = kInfinity;
      values[half - 1] = std::numeric_limits<double>::quiet_NaN();
    }
    if (call.gated().gate == Gate::second) gates.swap(values);
    gates.insert(gates.end(), values.begin(), values.end());
    all.push_back({drawn ? "drawn" : "probes", std::move(gates), std::move(dy)});
  }
  return all;
}

}  // namespace

std::vector<RowInput> row_inputs(const RowCall& call, Number number, std::size_t length,
                                 int round) {
  Random draw(1000 * static_cast<std::uint64_t>(round) + length);
  if (call.is_gated()) return gated_inputs(call, number, length, round, draw);
  std::vector<RowInput> all;
  if (round == 0) all = probes(number, length, draw);
  add_drawn(number, length, round == 0 ? 1 : 10, draw, all);
  if (call.rowwise() == RowFunction::softmin) {
    for (RowInput& row : all) {
      for (double& x : row.x) x = -x;
    }
  }
  return all;
}

}  // namespace gradkeep::kit
