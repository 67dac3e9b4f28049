// Phrases that verdict and findings share: how a network, its result and its depth are called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <string>

#include "report/gather.h"
#include "report/words.h"

namespace gradkeep::report {

inline std::string lower(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

inline std::string layers(int depth) { return count(depth, "hidden layer"); }

// "relu with Glorot/He"
inline std::string with_setting(const Gathered& g, const Cell& cell) {
  return cell.activation + " with " + g.settings[cell.setting].label;
}

// "relu over 32 hidden layers with Glorot/He"
inline std::string network(const Gathered& g, const Cell& cell) {
  return cell.activation + " over " + layers(cell.depth) + " with " +
         g.settings[cell.setting].label;
}

// "a test accuracy of 95.3 % (94.9 % to 95.6 % over 3 seeds)"
inline std::string result(const Gathered& g, const Cell& cell) {
  const bool classes = g.classification();
  const Spread& s = classes ? cell.accuracy : cell.loss;
  const auto say = [&](double v) { return classes ? percent(v) : number(v); };
  std::string text = (classes ? "a test accuracy of " : "a training loss of ") + say(s.mid);
  if (cell.seeds > 1 && say(s.low) != say(s.high))
    text += " (" + say(s.low) + " to " + say(s.high) + " over " + count(cell.seeds, "seed") + ")";
  return text;
}

}  // namespace gradkeep::report
