// What a study is: a TOML file that a user can copy and change. Every key has one value; a key that
// may vary over the runs (activation, depth, initialiser, seed, ...) also takes a list, and then
// the study runs every combination. Tables [[grid]] each change keys of the part above them, and
// the study is their union. With choose = "learning_rate" that list is not spanned: every network
// gets the one of its rates that gives the lowest loss on the validation part. `train` reads the
// same vocabulary without lists. docs/studies.md says all of it for users. A key that
// nobody knows, or a value of the wrong kind, is an error that names the file, the line and what
// was expected, for a misspelt study would otherwise answer another question.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::lab {

// Everything that determines the numbers of one run; nothing else does.
struct RunSpec {
  // The data: one of data::source_names(), or the path of a .csv or .npy file.
  std::string data = "digits";
  std::string label;             // .csv: the name of the column to learn; .npy: the file with y
  std::string task = "auto";     // classification, regression; auto: from the label's values
  int rows = 1000;               // generators: examples
  double noise = 0.1;            // generators: spread, or margin of separable
  std::int64_t data_seed = 1;    // generators
  std::string scale = "zscore";  // none, zscore, minmax: fitted on the training part only
  double test_share = 0.25;      // part of the examples set aside for testing
  double validation_share = 0;   // part set aside for the learning curve and for choosing
  std::int64_t split_seed = 1;
  int repeat = 1;           // every training example so many times
  double correlation = 0;   // between any two examples: inputs drawn together, after scaling
  std::string data_digest;  // not written by users: a hash of the file's bytes, "" without a file
  // The network.
  std::string activation = "tanh";  // "leaky_relu(negative_slope=0.01)"; canonical text once read
  int depth = 4;                    // hidden layers
  int width = 64;                   // units of each hidden layer
  std::string architecture = "dense";  // dense; convolution: 3 x 3 over square images, as matrices
  std::string residual = "none";       // none; plain: h + branch; scaled: h + branch / sqrt(depth);
                                       // zero: plain, but the branch starts at 0
  std::string normalisation = "none";  // none, batch, layer: of the pre-activations
  double dropout = 0;                  // share of a hidden layer's outputs that a step drops
  // "plain" (normal with standard deviation 1/sqrt(inputs)), "matched" (Glorot or He, whichever is
  // meant for the activation: see resolve_initialiser), or one of nn's by name ("he_uniform").
  std::string initialiser = "matched";
  double shift = 0;  // added to the output of each hidden layer: -0.5 centres the sigmoid
  double bias = 0;   // where the biases of the hidden layers start
  std::string learn = "declared";   // which of the activation's parameters: declared, all, none
  bool any_parameters = false;      // lift the recommended bounds of the activation's parameters
  std::string output = "identity";  // activation of the output layer
  std::string loss = "auto";        // softmax, binary, squared; auto: softmax or squared, by task
  // The training.
  std::string optimiser = "adam";  // sgd, momentum, adam, adamw
  double learning_rate = 0.001;
  double momentum = 0.9;       // of optimiser momentum
  double weight_decay = 0.01;  // of optimiser adamw
  int batch = 32;
  int steps = 1000;                   // the budget, the same for every run of a study
  double epochs = 0;                  // the budget instead of steps: passes over the training part
  int warmup = 0;                     // steps over which the learning rate grows from near 0
  std::string schedule = "constant";  // then: constant, linear, cosine, step (nn/schedule.h)
  double clip = 0;                    // largest norm of the whole gradient; 0: none
  std::string precision = "f32";      // f32, f64; bf16, f16: with parameters of f32
  std::string loss_scale = "1";       // of bf16 and f16: a number, or dynamic
  std::string derivative = "input";   // input, output: what f' is computed from
  std::int64_t seed = 1;              // of the initial weights and the order of the examples
  // The measuring.
  int evaluations = 20;             // points of the learning curve, spread evenly over the budget
  int samples = 5;                  // moments at which the probes look: start, log-spaced, end
  int glance_every = 0;             // steps between the glances taken besides; 0: none
  std::vector<std::string> probes;  // by name; empty: all but the costly ones
  std::vector<double> targets;      // training losses whose first reaching is noted

  // One of the runs that choose a learning rate: it never looks at the test part.
  bool tuning = false;

  std::string folder;  // where relative paths start; no part of a run's identity

  bool operator==(const RunSpec&) const = default;
};

// The identity of a run: a JSON object of the fields, but `folder`, that differ from their defaults
// above, so that a field that comes later leaves it as it was. Two runs with equal keys have equal
// numbers on one type of processor, so a finished one is never repeated.
std::string canonical_key(const RunSpec& run);
RunSpec run_from_key(std::string_view key);

// "normal(1/sqrt(n))", "glorot_normal", "he_normal": what `initialiser` means for this activation.
// matched is He where the slopes at -inf and +inf differ (relu and its kin: He's factor makes up
// for the side that is cut off), Glorot where they are equal (sigmoid, tanh and kin).
std::string resolve_initialiser(const RunSpec& run);

// A key that took a list: the columns that tell the runs of a study apart.
struct Axis {
  std::string key;                  // "depth"
  std::vector<std::string> values;  // as text, in the order of the file
};

// A choice between learning rates. The networks of `runs` differ in nothing but the seed.
struct Choosing {
  std::vector<RunSpec> candidates;  // tuning runs, all of the first seed
  std::vector<std::size_t> runs;    // places in Study::runs that get the best candidate's rate
};

struct Study {
  std::string name;         // "depth"
  std::string title;        // a question: "How deep can a network be?"
  std::string description;  // a paragraph for the report
  std::string report;       // the reading that makes its report; "": the general one
  std::string text;         // the TOML as it was read
  std::string file;         // where from; "built in" for ours
  std::vector<Axis> axes;   // what varies over the runs
  // The grid: every combination, the last axis turning fastest. Runs that wait for a choice stand
  // here with the first candidate's learning rate.
  std::vector<RunSpec> runs;
  std::vector<Choosing> choosing;
};

// Settings "KEY=VALUE" replace what the file says, in its [[grid]] tables too. VALUE is TOML; a
// word that is no TOML is a text. They are noted at the end of Study::text.
using Settings = std::vector<std::string>;

// Reads a study. `file` names it in messages; relative data paths are meant from its folder.
// Throws Error.
Study parse_study(std::string_view toml, const std::string& file, const Settings& settings = {});
Study read_study(const std::string& path, const Settings& settings = {});
// The same for one network: a list is an error. A `grid` of one.
Study read_training(const std::string& path, const Settings& settings = {});

// The studies inside the program: `study --list`.
struct BuiltIn {
  std::string name, title, text;
};
const std::vector<BuiltIn>& built_in_studies();
// A built-in study by name. Throws Error with the nearest known name.
Study built_in_study(std::string_view name, const Settings& settings = {});

}  // namespace gradkeep::lab
