// Checking a table and cutting it into parts; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include "data/dataset.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "data/random.h"
#include "data/words.h"

namespace gradkeep::data {
namespace {

// Streams of the split's random numbers: classes use 0, 1, ...
constexpr std::uint64_t kPartStream = std::uint64_t{1} << 32;

// The largest numbers that can be worked with. Scaling squares features in double; a network of
// float32 squares the error against a target.
constexpr double kLargestFeature = 1e150, kLargestTarget = 1e18;

[[noreturn]] void bad(const Dataset& set, const std::string& what) {
  throw Error("data set '" + set.name + "': " + what);
}

// The rows of each class; a regression is one class.
std::vector<std::vector<std::size_t>> rows_by_class(const Dataset& set) {
  std::vector<std::vector<std::size_t>> groups(std::max(set.classes, 1));
  for (std::size_t r = 0; r < set.rows; ++r) {
    groups[set.regression() ? 0 : set.label[r]].push_back(r);
  }
  return groups;
}

std::string class_name(const Dataset& set, std::size_t c) {
  return c < set.class_names.size() ? set.class_names[c] : std::to_string(c);
}

std::string too_large(double value, double largest) {
  if (!std::isfinite(value)) return " is not a finite number";
  return " is " + shortest(value) + ", expected at most " + shortest(largest) +
         " in size: state it in a larger unit";
}

std::size_t share(double part, std::size_t rows) {
  return static_cast<std::size_t>(std::llround(part * static_cast<double>(rows)));
}

}  // namespace

void check(const Dataset& set) {
  if (set.rows == 0) bad(set, "it has no rows, expected at least 1");
  if (set.features == 0) bad(set, "it has no features, expected at least 1");
  for (std::size_t i = 0; i < set.x.size(); ++i) {
    if (!(std::abs(set.x[i]) <= kLargestFeature)) {
      bad(set, "row " + std::to_string(i / set.features + 1) + ", feature " +
                   std::to_string(i % set.features + 1) + too_large(set.x[i], kLargestFeature));
    }
  }
  for (std::size_t r = 0; r < set.target.size(); ++r) {
    if (!(std::abs(set.target[r]) <= kLargestTarget)) {
      bad(set,
          "the target of row " + std::to_string(r + 1) + too_large(set.target[r], kLargestTarget));
    }
  }
  if (set.classes == 1) {
    bad(set,
        "all rows are of class " + in_quotes(class_name(set, 0)) + ", expected at least 2 classes");
  }
}

Dataset select(const Dataset& set, const std::vector<std::size_t>& rows) {
  Dataset part;
  part.name = set.name;
  part.rows = rows.size();
  part.features = set.features;
  part.classes = set.classes;
  part.feature_names = set.feature_names;
  part.class_names = set.class_names;
  part.x.reserve(rows.size() * set.features);
  for (const std::size_t r : rows) {
    const double* row = set.x.data() + r * set.features;
    part.x.insert(part.x.end(), row, row + set.features);
    if (!set.label.empty()) part.label.push_back(set.label[r]);
    if (!set.target.empty()) part.target.push_back(set.target[r]);
  }
  return part;
}

Split split(const Dataset& set, double validation, double test, std::uint64_t seed) {
  if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
    bad(set, "shares of " + std::to_string(validation) + " for validation and " +
                 std::to_string(test) + " for test, expected both in [0, 1) with a sum below 1");
  }
  std::vector<std::size_t> parts[3];
  const auto groups = rows_by_class(set);
  for (std::size_t c = 0; c < groups.size(); ++c) {
    std::vector<std::size_t> rows = groups[c];
    const std::size_t for_validation = share(validation, rows.size());
    const std::size_t for_test = share(test, rows.size());
    if (for_validation + for_test >= rows.size()) {
      bad(set, (set.regression() ? "" : "class " + in_quotes(class_name(set, c)) + ": ") +
                   std::to_string(rows.size()) + " rows are too few to leave one for training");
    }
    Random random(seed, c);
    random.shuffle(std::span(rows));
    const auto first = rows.begin();
    const auto second = first + static_cast<std::ptrdiff_t>(for_validation);
    const auto third = second + static_cast<std::ptrdiff_t>(for_test);
    parts[1].insert(parts[1].end(), first, second);
    parts[2].insert(parts[2].end(), second, third);
    parts[0].insert(parts[0].end(), third, rows.end());
  }
  for (std::size_t p = 0; p < 3; ++p) {
    Random random(seed, kPartStream + p);
    random.shuffle(std::span(parts[p]));
  }
  return {select(set, parts[0]), select(set, parts[1]), select(set, parts[2])};
}

}  // namespace gradkeep::data
