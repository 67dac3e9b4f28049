// The embedded breast cancer data (Wisconsin, diagnostic): 569 tumours, each described by ten
// measures of the cell nuclei in a microscope image: their mean, its standard error, and the mean of
// the three largest ("worst").
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "data/dataset.h"
#include "data/embedded.h"
#include "data/table.h"

namespace gradkeep::data {
namespace {

constexpr const char* kMeasures[] = {
    "radius",      "texture",   "perimeter",      "area",     "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension"};

}  // namespace

Dataset breast_cancer() {
  Dataset set;
  set.name = "breast_cancer";
  set.classes = 2;
  set.class_names = {"malignant", "benign"};
  for (const std::string measure : kMeasures) set.feature_names.push_back("mean " + measure);
  for (const std::string measure : kMeasures) set.feature_names.push_back(measure + " error");
  for (const std::string measure : kMeasures) set.feature_names.push_back("worst " + measure);
  set.features = set.feature_names.size();
  const std::vector<double> table = numbers_of(embedded("breast_cancer"));
  const std::size_t columns = 1 + set.features;
  set.rows = table.size() / columns;
  set.x.reserve(set.rows * set.features);
  for (std::size_t r = 0; r < set.rows; ++r) {
    const auto row = table.begin() + static_cast<std::ptrdiff_t>(r * columns);
    set.label.push_back(static_cast<int>(*row));
    set.x.insert(set.x.end(), row + 1, row + static_cast<std::ptrdiff_t>(columns));
  }
  check(set);
  return set;
}

}  // namespace gradkeep::data
