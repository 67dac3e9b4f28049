// What a study found, gathered over its seeds: the store's runs as cells, one for each combination
// of activation, depth and setting. A setting is what else the study varies, the initialisation in
// most; its first is taken as the starting point, its last as the improvement on it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/store.h"
#include "report/account.h"
#include "report/compare.h"
#include "report/foresight.h"

namespace gradkeep::report {

enum Moment { kStart, kEnd };

struct Reached {
  int seeds = 0;  // that got there
  Spread steps, seconds;
};

struct CellPoint {
  int step = 0;
  double seconds = 0;
  Spread loss, accuracy;  // training loss, test accuracy
};

// A quantity over the hidden layers, the first nearest the data, at both moments.
using Rows = std::array<std::vector<Spread>, 2>;

struct Cell {
  std::string activation;
  int depth = 0;
  int setting = 0;  // index into Gathered::settings
  int seeds = 0, diverged = 0;
  std::int64_t run = 0;          // of the worst seed
  std::string initialiser;       // what it came to: "he_normal"
  Spread accuracy, loss;         // at the end: test accuracy, training loss
  std::vector<Reached> reached;  // by goal
  std::vector<CellPoint> curve;
  double step_seconds = 0;
  Spread activation_share;
  Rows gradient;                 // geometric; everything below arithmetic, but for the gains
  Rows slope_gain, weight_gain;  // from layer l + 1 back to l: one fewer than layers
  Rows saturated, dead, lost_slope, lost_gradient;
  std::map<std::string, std::vector<Spread>> learned;  // by parameter, at the end
  // Before the first step: mean square of h, cosine of two examples' h, gain from the next hidden
  // layer; and what theory foresaw.
  std::vector<Spread> square, similarity, layer_gain;
  Foresight foreseen;
  // Geometric means over the layers, and what arrives at the first layer of what left the last.
  struct Gain {
    double slope, weight, layer, total;
  };
  Gain gain(Moment moment) const;
  // Mean over the layers at the end of training.
  static double mean(const std::vector<Spread>& row);
};

struct Setting {
  std::string name;   // "matched"
  std::string label;  // "Glorot/He"
};

// A parameter that an activation learns, and the value it starts from.
struct Learned {
  std::string activation, parameter;
  double start;
};

struct Gathered : Account {
  std::string setting_title;
  std::vector<std::string> activations;
  std::vector<int> depths;
  std::vector<Setting> settings;
  std::vector<double> goals;  // training losses, the easiest first
  int main_goal = -1;         // the one the sentences speak of
  int width = 0, batch = 0, features = 0, classes = 0;
  std::string precision;
  std::map<std::string, double> slope_max;
  std::vector<Learned> learned;  // by activation
  std::vector<Cell> cells;       // by activation, depth, setting
  // What the study tries on few networks only, beside the settings that span it; `setting` of such a
  // cell is an index into `treatments`.
  std::vector<Setting> treatments;
  std::vector<Cell> treated;
  std::shared_ptr<lab::Theory> theory;  // that foresaw the cells; never null

  const Cell* find(const std::string& activation, int depth, int setting) const;
  bool classification() const { return classes > 0; }
};

// Throws Error for a store without a finished run.
Gathered gather(const lab::Store& store);

}  // namespace gradkeep::report
