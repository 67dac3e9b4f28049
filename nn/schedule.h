// How the learning rate moves over a training run of T steps, as a share of the rate that was asked
// for. Over the first W steps it warms up evenly, step t (from 0) having (t + 1) / W; over the rest,
// with p = (t - W) / (T - W) going from 0 to 1, follows
//   constant  1                      linear  1 - p
//   cosine    (1 + cos(pi p)) / 2    step    1, a tenth from p = 1/2, a hundredth from p = 3/4
// linear and cosine (Loshchilov and Hutter 2017) would be 0 in the step after the last; step is the
// habit of image classification since He and others 2016.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace gradkeep::nn {

enum class Schedule { constant, linear, cosine, step };
Schedule parse_schedule(std::string_view text);  // Error with the known names

// `warmup` is W and `budget` T; constant asks for no budget. After the budget the share stays where
// it ends.
double rate_share(Schedule schedule, std::int64_t step, std::int64_t warmup, std::int64_t budget);

}  // namespace gradkeep::nn
