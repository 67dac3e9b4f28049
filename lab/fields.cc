// The table of keys, and a run's identity as JSON.
// SPDX-License-Identifier: Apache-2.0
#include "lab/fields.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace gradkeep::lab {
namespace {

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr Interval kPositive{0, kInfinity, true, true};
constexpr Interval kNotNegative{0, kLargest};
constexpr Interval kCount{1, 100'000'000};
constexpr Interval kSeed{0, 9007199254740992.0};  // exact as a double, for readers of the JSON

const std::vector<Field>& table() {
  static const std::vector<Field> fields{
      {.key = "data", .member = &RunSpec::data, .axis = true},
      {"label", &RunSpec::label},
      {.key = "task",
       .member = &RunSpec::task,
       .choices = {"auto", "classification", "regression"}},
      {.key = "rows", .member = &RunSpec::rows, .range = {4, 10'000'000}},
      {.key = "noise", .member = &RunSpec::noise, .range = kNotNegative},
      {.key = "data_seed", .member = &RunSpec::data_seed, .range = kSeed},
      {.key = "scale",
       .member = &RunSpec::scale,
       .axis = true,
       .choices = {"none", "zscore", "minmax"}},
      {.key = "test_share", .member = &RunSpec::test_share, .range = {0, 1, true, true}},
      {.key = "validation_share",
       .member = &RunSpec::validation_share,
       .range = {0, 1, false, true}},
      {.key = "split_seed", .member = &RunSpec::split_seed, .range = kSeed},
      {.key = "repeat", .member = &RunSpec::repeat, .axis = true, .range = {1, 10'000}},
      {.key = "correlation",
       .member = &RunSpec::correlation,
       .axis = true,
       .range = {0, 1, false, true}},
      {.key = "data_digest", .member = &RunSpec::data_digest, .written_by_user = false},
      {.key = "activation", .member = &RunSpec::activation, .axis = true},
      {.key = "depth", .member = &RunSpec::depth, .axis = true, .range = {0, 1000}},
      {.key = "width", .member = &RunSpec::width, .axis = true, .range = {1, 65536}},
      {.key = "architecture",
       .member = &RunSpec::architecture,
       .axis = true,
       .choices = {"dense", "convolution"}},
      {.key = "residual",
       .member = &RunSpec::residual,
       .axis = true,
       .choices = {"none", "plain", "scaled", "zero"}},
      {.key = "normalisation",
       .member = &RunSpec::normalisation,
       .axis = true,
       .choices = {"none", "batch", "layer"}},
      {.key = "dropout", .member = &RunSpec::dropout, .axis = true, .range = {0, 1, false, true}},
      {.key = "initialiser", .member = &RunSpec::initialiser, .axis = true},
      {.key = "shift", .member = &RunSpec::shift, .axis = true, .range = {-kLargest, kLargest}},
      {.key = "bias", .member = &RunSpec::bias, .axis = true, .range = {-kLargest, kLargest}},
      {.key = "learn",
       .member = &RunSpec::learn,
       .axis = true,
       .choices = {"declared", "all", "none"}},
      {"any_parameters", &RunSpec::any_parameters},
      {.key = "output", .member = &RunSpec::output, .axis = true},
      {.key = "loss",
       .member = &RunSpec::loss,
       .axis = true,
       .choices = {"auto", "softmax", "binary", "squared"}},
      {.key = "optimiser",
       .member = &RunSpec::optimiser,
       .axis = true,
       .choices = {"sgd", "momentum", "adam", "adamw"}},
      {.key = "learning_rate", .member = &RunSpec::learning_rate, .axis = true, .range = kPositive},
      {.key = "momentum", .member = &RunSpec::momentum, .axis = true, .range = {0, 1, false, true}},
      {.key = "weight_decay",
       .member = &RunSpec::weight_decay,
       .axis = true,
       .range = kNotNegative},
      {.key = "batch", .member = &RunSpec::batch, .axis = true, .range = {1, 1'000'000}},
      {.key = "steps", .member = &RunSpec::steps, .range = kCount},
      {.key = "epochs", .member = &RunSpec::epochs, .range = kPositive},
      {.key = "warmup", .member = &RunSpec::warmup, .axis = true, .range = {0, 100'000'000}},
      {.key = "schedule",
       .member = &RunSpec::schedule,
       .axis = true,
       .choices = {"constant", "linear", "cosine", "step"}},
      {.key = "clip", .member = &RunSpec::clip, .axis = true, .range = kNotNegative},
      {.key = "precision",
       .member = &RunSpec::precision,
       .axis = true,
       .choices = {"f32", "f64", "bf16", "f16"}},
      {.key = "loss_scale",
       .member = &RunSpec::loss_scale,
       .axis = true,
       .range = kPositive,
       .choices = {"dynamic"},
       .or_number = true},
      {.key = "derivative",
       .member = &RunSpec::derivative,
       .axis = true,
       .choices = {"input", "output"}},
      {.key = "seed", .member = &RunSpec::seed, .axis = true, .range = kSeed},
      {.key = "evaluations", .member = &RunSpec::evaluations, .range = {2, 100'000}},
      {.key = "samples", .member = &RunSpec::samples, .range = {2, 1000}},
      {.key = "glance_every", .member = &RunSpec::glance_every, .range = {0, 100'000'000}},
      {"probes", &RunSpec::probes},
      {.key = "targets", .member = &RunSpec::targets, .range = kPositive},
      {.key = "tuning", .member = &RunSpec::tuning, .written_by_user = false},
  };
  return fields;
}

std::string alternatives(const std::vector<std::string>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + ("\"" + choices[i] + "\"");
  return text;
}

}  // namespace

std::span<const Field> fields() { return table(); }

const Field* find_field(std::string_view key) {
  for (const auto& field : table())
    if (field.key == key) return &field;
  return nullptr;
}

std::string Field::expected() const {
  struct Visitor {
    const Field& field;
    std::string operator()(std::string RunSpec::*) const {
      if (field.choices.empty()) return "a text in quotes";
      const std::string number =
          field.or_number ? "a number in " + field.range.text() + " or " : "";
      return number + alternatives(field.choices);
    }
    std::string operator()(int RunSpec::*) const {
      return "a whole number in " + field.range.text();
    }
    std::string operator()(std::int64_t RunSpec::*) const {
      return "a whole number in " + field.range.text();
    }
    std::string operator()(double RunSpec::*) const { return "a number in " + field.range.text(); }
    std::string operator()(bool RunSpec::*) const { return "true or false"; }
    std::string operator()(std::vector<std::string> RunSpec::*) const { return "a list of texts"; }
    std::string operator()(std::vector<double> RunSpec::*) const {
      return "a list of numbers in " + field.range.text();
    }
  };
  return std::visit(Visitor{*this}, member);
}

std::string field_text(const Field& field, const RunSpec& run) {
  const nlohmann::json value =
      std::visit([&](auto member) { return nlohmann::json(run.*member); }, field.member);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string canonical_key(const RunSpec& run) {
  static const RunSpec defaults;
  auto object = nlohmann::ordered_json::object();
  for (const auto& field : table())
    std::visit(
        [&](auto member) {
          if (run.*member != defaults.*member) object[std::string(field.key)] = run.*member;
        },
        field.member);
  return object.dump();
}

RunSpec run_from_key(std::string_view key) {
  RunSpec run;
  try {
    const auto object = nlohmann::json::parse(key);
    for (const auto& field : table())
      if (const auto found = object.find(field.key); found != object.end())
        std::visit([&](auto member) { found->get_to(run.*member); }, field.member);
  } catch (const nlohmann::json::exception&) {
    throw Error("a run's key is not the JSON of a specification: \"" +
                std::string(key.substr(0, 60)) + "\"");
  }
  return run;
}

}  // namespace gradkeep::lab
