// Pieces that readings share: spreads as words, lists without repetition, learning curves as series.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/reading.h"

namespace gradkeep::report {

// The place of an item in a list, which grows by it if it is new.
int place(std::vector<std::string>& list, const std::string& item);

// The middle and, where the seeds differ, their range: "95.3 % (94.1 % to 96.2 %)"; "–" if unknown.
std::string share_text(const Spread& s);
std::string number_text(const Spread& s);
// Steps to a target loss over the seeds, unknown unless every one of them got there: a mean of those
// that did would praise the luckiest.
Spread steps_over(const Trial& trial, double loss);
// Whole steps; "not reached" if unknown.
std::string steps_text(const Spread& s);

// a is smaller, by more than the seeds explain, or the only one of the two that is known.
bool smaller(const Spread& a, const Spread& b);

// A number of each point of the learning curve, over the trial's seeds.
Series curve(const std::string& label, const std::string& activation, int panel, const Trial& trial,
             const std::function<double(const lab::CurvePoint&)>& number);
double train_loss_of(const lab::CurvePoint& point);

// A number of each hidden layer (a probe at a sampled step, the first or the last), over the seeds.
Series profile(const std::string& label, const std::string& activation, int panel,
               const Trial& trial, const std::string& probe, bool at_end);

}  // namespace gradkeep::report
