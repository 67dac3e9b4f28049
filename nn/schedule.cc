// Learning-rate schedules; see schedule.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/schedule.h"

#include <cmath>
#include <numbers>

#include "data/words.h"

namespace gradkeep::nn {

Schedule parse_schedule(std::string_view text) {
  return data::parse_word<Schedule>("schedule", text,
                                    {{"constant", Schedule::constant},
                                     {"linear", Schedule::linear},
                                     {"cosine", Schedule::cosine},
                                     {"step", Schedule::step}});
}

double rate_share(Schedule schedule, std::int64_t step, std::int64_t warmup, std::int64_t budget) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const double gone = static_cast<double>(step - warmup);
  const double p = step < budget ? gone / static_cast<double>(budget - warmup) : 1;
  switch (schedule) {
    case Schedule::constant:
      break;
    case Schedule::linear:
      return 1 - p;
    case Schedule::cosine:
      return (1 + std::cos(std::numbers::pi * p)) / 2;
    case Schedule::step:
      return p < 0.5 ? 1 : p < 0.75 ? 0.1 : 0.01;
  }
  return 1;
}

}  // namespace gradkeep::nn
