// Deciding between classification and regression; see target.h.
// SPDX-License-Identifier: Apache-2.0
#include "data/target.h"

#include <algorithm>
#include <cmath>

#include "data/words.h"

namespace gradkeep::data {
namespace {

constexpr std::size_t kMostClassesGuessed = 20;

template <class V>
std::vector<V> distinct(std::vector<V> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

template <class V>
void number_classes(Dataset& set, const std::vector<V>& values, const std::vector<V>& known) {
  set.classes = static_cast<int>(known.size());
  for (const V& v : values) {
    const auto at = std::lower_bound(known.begin(), known.end(), v);
    set.label.push_back(static_cast<int>(at - known.begin()));
  }
}

}  // namespace

Task parse_task(std::string_view text) {
  return parse_word<Task>("task", text,
                          {{"auto", Task::automatic},
                           {"classification", Task::classification},
                           {"regression", Task::regression}});
}

void set_numeric_target(Dataset& set, const std::vector<double>& values, Task task) {
  const std::vector<double> known = distinct(values);
  const bool integers =
      std::all_of(known.begin(), known.end(), [](double v) { return v == std::floor(v); });
  const bool few = known.size() <= kMostClassesGuessed;
  if (task == Task::regression || (task == Task::automatic && !(integers && few))) {
    set.target = values;
    return;
  }
  number_classes(set, values, known);
  for (const double v : known) set.class_names.push_back(shortest(v));
}

void set_named_target(Dataset& set, const std::vector<std::string>& names) {
  set.class_names = distinct(names);
  number_classes(set, names, set.class_names);
}

}  // namespace gradkeep::data
