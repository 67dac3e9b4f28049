// Two ways to make examples alike, which are often taken for one: repeating them and drawing them
// together; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "data/dataset.h"
#include "data/random.h"

namespace gradkeep::data {
namespace {

// Apart from the streams of split(), which may have been given the same seed.
constexpr std::uint64_t kCommonStream = std::uint64_t{1} << 33;
constexpr std::size_t kMostNumbers = std::size_t{1} << 28;  // 2 GiB of them

template <class V>
void append_copies(std::vector<V>& values, int copies) {
  const std::size_t size = values.size();
  values.reserve(size * static_cast<std::size_t>(copies + 1));
  for (int c = 0; c < copies; ++c) {
    for (std::size_t i = 0; i < size; ++i) values.push_back(values[i]);
  }
}

double squared_length(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return sum;
}

}  // namespace

void repeat(Dataset& set, int k) {
  const auto times = static_cast<std::size_t>(k);
  if (k < 1 || set.x.size() > kMostNumbers / times) {
    throw Error("data set '" + set.name + "': cannot repeat its " + std::to_string(set.rows) +
                " rows of " + std::to_string(set.features) + " features " + std::to_string(k) +
                " times, expected at least once and at most " + std::to_string(kMostNumbers) +
                " numbers");
  }
  append_copies(set.x, k - 1);
  append_copies(set.label, k - 1);
  append_copies(set.target, k - 1);
  set.rows *= times;
}

void draw_together(Split& parts, double rho, std::uint64_t seed) {
  if (!(rho >= 0 && rho < 1)) {
    throw Error("data set '" + parts.train.name + "': correlation is " + std::to_string(rho) +
                ", expected at least 0 and below 1");
  }
  Random random(seed, kCommonStream);
  std::vector<double> common(parts.train.features);
  for (double& c : common) c = random.normal();
  const double wanted = squared_length(parts.train.x) / static_cast<double>(parts.train.rows);
  const double towards = std::sqrt(rho * wanted / squared_length(common));
  const double own = std::sqrt(1 - rho);
  for (Dataset* part : {&parts.train, &parts.validation, &parts.test}) {
    for (std::size_t i = 0; i < part->x.size(); ++i) {
      part->x[i] = towards * common[i % part->features] + own * part->x[i];
    }
  }
}

}  // namespace gradkeep::data
