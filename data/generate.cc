// Small data sets made from formulas, two features and two classes each: the classical tests of
// what a network can bend. Random numbers come from data/random.h; see dataset.h.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "data/dataset.h"
#include "data/random.h"

namespace gradkeep::data {
namespace {

Dataset empty_plane(const char* name, std::size_t rows) {
  if (rows < 4) {
    throw Error(std::string(name) + ": " + std::to_string(rows) + " rows, expected at least 4");
  }
  Dataset set;
  set.name = name;
  set.features = 2;
  set.classes = 2;
  set.feature_names = {"x", "y"};
  set.class_names = {"0", "1"};
  return set;
}

void add(Dataset& set, double x, double y, int label) {
  set.x.push_back(x);
  set.x.push_back(y);
  set.label.push_back(label);
  ++set.rows;
}

void check_spread(const Dataset& set, double noise) {
  if (!(noise >= 0) || !std::isfinite(noise)) {
    throw Error(set.name + ": noise is " + std::to_string(noise) +
                ", expected a standard deviation of at least 0");
  }
}

}  // namespace

// Two arms of a turn and a half about the origin, out to radius 6; neighbouring arms are 2 apart.
Dataset two_spirals(std::size_t rows, double noise, std::uint64_t seed) {
  Dataset set = empty_plane("two_spirals", rows);
  check_spread(set, noise);
  Random random(seed);
  for (std::size_t r = 0; r < rows; ++r) {
    const int label = static_cast<int>(r % 2);
    // The root spreads the points evenly along the arm, whose length grows as the radius squared.
    const double along = std::sqrt(random.uniform());
    const double angle = std::numbers::pi * (3 * along + label);
    add(set, 6 * along * std::cos(angle) + noise * random.normal(),
        6 * along * std::sin(angle) + noise * random.normal(), label);
  }
  check(set);
  return set;
}

// Clouds about (1, 1) and (-1, -1) against clouds about (1, -1) and (-1, 1): no line separates
// them.
Dataset xor_clouds(std::size_t rows, double noise, std::uint64_t seed) {
  Dataset set = empty_plane("xor", rows);
  check_spread(set, noise);
  Random random(seed);
  for (std::size_t r = 0; r < rows; ++r) {
    const double right = r % 2 ? 1 : -1, up = (r / 2) % 2 ? 1 : -1;
    add(set, right + noise * random.normal(), up + noise * random.normal(), right != up);
  }
  check(set);
  return set;
}

// Points of a square on either side of a line through its middle; the strip of width `margin` about
// the line stays empty.
Dataset separable(std::size_t rows, double margin, std::uint64_t seed) {
  Dataset set = empty_plane("separable", rows);
  if (!(margin >= 0 && margin <= 1)) {
    throw Error(set.name + ": margin is " + std::to_string(margin) + ", expected 0 to 1");
  }
  Random random(seed);
  const double angle = 2 * std::numbers::pi * random.uniform();
  while (set.rows < rows) {
    const double x = 2 * random.uniform() - 1, y = 2 * random.uniform() - 1;
    const double distance = x * std::cos(angle) + y * std::sin(angle);
    const int wanted = static_cast<int>(set.rows % 2);
    if (std::abs(distance) >= margin / 2 && (distance > 0) == (wanted == 1)) add(set, x, y, wanted);
  }
  check(set);
  return set;
}

}  // namespace gradkeep::data
