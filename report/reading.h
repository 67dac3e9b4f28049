// A reading: what one kind of study says. The store holds runs; a reading turns them into a verdict,
// findings, tables and figures, one file under report/readings/ for each built-in study but `depth`,
// whose older and richer pages gather.h feeds. A study's file names its reading by the key `report`.
// The build finds the files (zig-zag.cc defines readings::zig_zag), so a new reading touches no
// other. Figures are data: kind, axes and points, drawn by one renderer of report/charts, which
// makes the table of each from the same points.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "lab/store.h"
#include "nlohmann/json.hpp"
#include "report/account.h"
#include "report/compare.h"
#include "report/statements.h"
#include "report/words.h"

namespace gradkeep::report {

// A place in a figure. `x` counts in kind lines, `category` in dots and heat. A mark whose middle
// is not finite (a seed that diverged, a goal not reached) is not drawn and stands as "–" in the
// table.
struct Mark {
  double x = std::numeric_limits<double>::quiet_NaN();
  std::string category{};
  Spread y{};
};

struct Series {
  std::string label;         // in the legend and in the table
  std::string activation{};  // gives it that function's colour and dash; "": by its place
  int panel = 0;             // index into Figure::panels
  std::vector<Mark> marks{};
};

struct Scale {
  std::string label;
  bool log = false;    // what is not positive is then drawn at the edge
  std::string unit{};  // "%" shows shares as percent, "s" seconds, "": plain numbers
};

// A horizontal (lines) or vertical (dots) line across all panels: guessing, a prediction, a goal.
struct Rule {
  std::string label;
  double value = 0;
};

struct Figure {
  // lines: y against x, a band over the seeds; dots: one row for each category, the value along
  // the x axis, one symbol for each series; heat: series are the rows, categories the columns.
  enum class Kind { lines, dots, heat };
  std::string id;  // unique in a report; a Finding's `figure` points to it
  Kind kind = Kind::lines;
  std::string heading{};  // of the section that it stands in; equal ones are drawn together
  std::string title{}, caption{};  // caption: why to look, then how it was measured
  Scale x{}, y{};                  // dots and heat: y is the value's scale, x the categories' name
  std::vector<std::string> panels{};  // small multiples, by title; empty: one
  std::vector<Rule> rules{};
  std::vector<Series> series{};
  bool lead = false;  // at most one: it stands under the verdict
};

struct Reading {
  Verdict verdict;
  TextTable key;  // under the verdict, and in the terminal: at most 8 columns
  std::vector<Finding> findings{};
  std::vector<TextTable> tables{};
  std::vector<Figure> figures{};
};

// One network of a study over its seeds.
struct Trial {
  std::vector<const lab::Run*> runs;  // never empty
  const lab::RunSpec& spec() const { return runs.front()->spec; }
  std::string activation() const;  // short: "leaky_relu", "elu(alpha=0.5)" where not the default
};

// Of a registered function, the parameters that are not at their defaults: "elu(alpha=0.5)".
std::string short_activation(const std::string& text);

using Number = std::function<double(const lab::Run&)>;

class Material {
 public:
  // Throws Error for a store without a finished run.
  explicit Material(const lab::Store& store);

  const Account& account() const { return account_; }
  const lab::Session& session() const { return account_.session; }
  const std::vector<lab::Run>& runs() const { return runs_; }      // with curve and measures
  const std::vector<lab::Run>& tuning() const { return tuning_; }  // those that chose a rate
  int planned() const { return account_.planned; }
  // In the order of the study; those for which `where` holds.
  std::vector<Trial> trials(const std::function<bool(const lab::RunSpec&)>& where = {}) const;
  int test_examples() const { return account_.test_examples; }  // of the smallest test part

 private:
  std::vector<lab::Run> runs_, tuning_;
  Account account_;
};

// The number over a trial's seeds; a seed whose number is not finite is left out.
Spread over(const Trial& trial, const Number& number);
Spread over_geometric(const Trial& trial, const Number& number);

double test_accuracy(const lab::Run& run);
double test_loss(const lab::Run& run);
double train_loss(const lab::Run& run);
double step_seconds(const lab::Run& run);  // of training, per step

// A probe's number at a layer (0: of the whole network), NaN where there is none.
double at_start(const lab::Run& run, const std::string& probe, int layer = 0);
double at_end(const lab::Run& run, const std::string& probe, int layer = 0);
double at_step(const lab::Run& run, const std::string& probe, int layer, int step);
// At which probes looked or glanced, ascending; of one probe, those at which it had something to say.
std::vector<int> sampled_steps(const lab::Run& run, const std::string& probe = "");
// Mean over the hidden layers that have the number.
double hidden_mean(const lab::Run& run, const std::string& probe, int step);

// Steps (or processor seconds) to one of the study's target losses; NaN where it was not reached.
double steps_to(const lab::Run& run, double loss);
double seconds_to(const lab::Run& run, double loss);

// The reading of that name, or null; all names.
using Read = Reading (*)(const Material&);
Read find_reading(const std::string& name);
std::vector<std::string> reading_names();

nlohmann::ordered_json figure_json(const Figure& figure);

// The model (JSON) of a reading. Throws Error where the reading is not sound: ids that occur twice,
// a finding that points nowhere, rows of unequal length, a mark without its place.
nlohmann::ordered_json make_model(const Material& material, const Reading& reading);

}  // namespace gradkeep::report
