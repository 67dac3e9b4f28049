// A data set in memory: a table of numbers x, and for every row either a class or a number to
// predict. Here are the table, its stratified split into training, validation and test part, the
// scaling of inputs (fitted on the training part alone, so that nothing of the other parts leaks
// into training), and one entry point that makes a data set from what a study's file says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::data {

struct Dataset {
  std::string name;
  std::size_t rows = 0;
  std::size_t features = 0;
  int classes = 0;                         // 0: regression
  std::vector<double> x;                   // rows * features, row-major
  std::vector<int> label;                  // rows, in [0, classes); empty in a regression
  std::vector<double> target;              // rows; empty in a classification
  std::vector<std::string> feature_names;  // may be empty
  std::vector<std::string> class_names;    // classes of them; empty in a regression

  bool regression() const { return classes == 0; }
};

// Throws Error if the table is empty, holds NaN or an infinity, or has one class only. Every reader
// and generator below has called it.
void check(const Dataset& set);

// The chosen rows, in the given order.
Dataset select(const Dataset& set, const std::vector<std::size_t>& rows);

struct Split {
  Dataset train, validation, test;
};

// Shuffles each class by the seed and cuts it in the same proportions (a regression is cut as one
// class); each part is shuffled again. Shares are of the whole and leave at least one row of every
// class for training, or an Error.
Split split(const Dataset& set, double validation, double test, std::uint64_t seed);

enum class Scale { none, zscore, minmax };
Scale parse_scale(std::string_view text);  // Error with the known names

// x -> (x - shift) * factor per feature. A constant feature becomes 0.
struct Scaler {
  std::vector<double> shift, factor;
  void apply(Dataset& set) const;
};
// zscore: mean 0 and standard deviation 1 over the rows of `train`; minmax: onto [0, 1].
Scaler fit_scaler(Scale scale, const Dataset& train);
// Fits on the training part and applies to all three.
void scale_inputs(Scale scale, Split& parts);

// Every row k times: the table k times over, so that each class keeps its share. Meant for a training
// part alone.
void repeat(Dataset& set, int k);
// Draws inputs together, for after scaling: x <- sqrt(rho) c + sqrt(1 - rho) x, 0 <= rho < 1, in all
// parts with one vector c: normal numbers by the seed, stretched to the root mean square length of
// the training rows. Two z-scored rows then correlate by rho on average, while their mean squared
// length stays, so that whatever happens to a network is the correlation's doing and not that of
// larger inputs.
void draw_together(Split& parts, double rho, std::uint64_t seed);

// The embedded handwritten digits: 1,797 images of 8 x 8, values 0 to 16, 10 classes.
Dataset digits();
// The embedded German credit data: 1,000 borrowers, 7 numbers and 48 columns of 0 and 1 for the
// levels of 11 categories ("housing=rent"); class 1 are the 700 who paid back.
Dataset credit();
// The embedded breast cancer data (Wisconsin, diagnostic): 569 tumours, 30 measurements; class 1 are
// the 357 benign ones.
Dataset breast_cancer();
// Who made the embedded data, under which licence, and what was changed: of all for --credits, of
// one (by its name; "" where that is not embedded) for a report's footer.
std::string credits();
std::string credits(std::string_view name);

// Generators; the same seed gives the same table.
Dataset two_spirals(std::size_t rows, double noise, std::uint64_t seed);
Dataset xor_clouds(std::size_t rows, double noise, std::uint64_t seed);
Dataset separable(std::size_t rows, double margin, std::uint64_t seed);

enum class Task { automatic, classification, regression };
Task parse_task(std::string_view text);  // "auto", "classification", "regression"

// What a study's [data] table says.
struct Source {
  // digits, credit, breast_cancer, two_spirals, xor, separable, csv or npy
  std::string name = "digits";
  std::string file{};         // csv: the table; npy: x
  std::string target_file{};  // npy: y
  std::string target{};       // csv: the label column's name
  Task task = Task::automatic;
  std::size_t rows = 1000;  // generators
  double noise = 0.1;       // generators: spread, or margin for separable
  std::uint64_t seed = 0;   // generators
};
std::vector<std::string> source_names();
Dataset load(const Source& source);

// The user's own. Task::automatic: targets that are names, or integers of at most 20 different
// values, make a classification; all other numbers a regression. Everything is checked before
// anything is returned.
Dataset read_csv(const std::string& file, const std::string& target, Task task = Task::automatic);
// x: rows x features; y: one number a row; of any type that NpyArray reads.
Dataset read_npy(const std::string& x_file, const std::string& y_file, Task task = Task::automatic);

}  // namespace gradkeep::data
