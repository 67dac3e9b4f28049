// gradkeep train: one network, its learning curve and what the doctor says of it.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "lab/doctor.h"
#include "lab/study.h"

namespace gradkeep::cli {
namespace {

struct TrainOptions : Options {
  std::string spec, measures;
};

void json_point(Json& json, const lab::CurvePoint& p) {
  json.object().field("step", p.step).field("seconds", p.seconds);
  json.field("train_loss", p.train_loss).field("train_accuracy", p.train_accuracy);
  json.field("held_loss", p.held_loss).field("held_accuracy", p.held_accuracy).end_object();
}

void print_json(Output& out, const lab::Run& run, const lab::Diagnosis& diagnosis) {
  Json json(out);
  json.begin().field("activation", run.spec.activation).field("data", run.data);
  json.field("initialiser", run.initialiser).field("examples", run.examples);
  json.field("features", run.features).field("classes", run.classes);
  json.field("seconds", run.seconds).field("diverged", run.diverged);
  json.field("test_loss", run.test_loss).field("test_accuracy", run.test_accuracy);
  json.key("curve").array();
  for (const lab::CurvePoint& p : run.curve) json_point(json, p);
  json.end_array().key("targets").array();
  for (const lab::Target& t : run.targets) {
    json.object().field("loss", t.loss).key("step");
    t.step < 0 ? json.null() : json.value(t.step);
    json.end_object();
  }
  json.end_array().key("diagnosis").object().field("cause", lab::name(diagnosis.cause));
  json.field("verdict", diagnosis.verdict).key("evidence").array();
  for (const std::string& sentence : diagnosis.evidence) json.value(sentence);
  json.end_array().key("cures").array();
  for (const lab::Cure& cure : diagnosis.cures) {
    json.object().field("change", cure.change).field("reason", cure.reason).end_object();
  }
  json.end_array().end_object().finish();
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string score(double accuracy) {
  return std::isnan(accuracy) ? "-" : rounded(std::round(accuracy * 1000) / 10, 4) + " %";
}

void print_text(Output& out, const lab::Run& run, const lab::Diagnosis& diagnosis) {
  out << run.spec.activation << ", " << std::to_string(run.spec.depth) << " hidden layers of "
      << std::to_string(run.spec.width) << ", " << run.initialiser << ", on " << run.data << "\n";
  constexpr std::size_t kWidth = 12;
  const std::string held = run.spec.validation_share > 0 ? "valid." : "test";
  for (const std::string& title : {std::string("step"), std::string("train loss"), held + " loss",
                                   std::string("train"), held}) {
    out << right(title, kWidth);
  }
  out << "\n";
  for (const lab::CurvePoint& p : run.curve) {
    out << right(std::to_string(p.step), kWidth) << right(rounded(p.train_loss, 4), kWidth)
        << right(rounded(p.held_loss, 4), kWidth) << right(score(p.train_accuracy), kWidth)
        << right(score(p.held_accuracy), kWidth) << "\n";
  }
  out << "\n" << diagnosis.verdict << "\n";
  for (const std::string& sentence : diagnosis.evidence) out << "  " << sentence << "\n";
  for (const lab::Cure& cure : diagnosis.cures) {
    out << "  Try " << cure.change << ": " << cure.reason << "\n";
  }
}

std::string as_csv(const std::vector<lab::Measure>& measures) {
  std::string text = "step,layer,probe,value\n";
  for (const lab::Measure& m : measures) {
    text += std::to_string(m.step) + "," + std::to_string(m.layer) + "," + m.probe + "," +
            shortest(m.value) + "\n";
  }
  return text;
}

int run(const TrainOptions& o, Output& out) {
  const lab::Study study = lab::read_training(o.spec);
  const lab::RunSpec& spec = study.runs.front();
  const std::atomic<bool>& stop = catch_interrupts();
  Progress progress("steps");
  const auto watch = [&](const lab::CurvePoint& p) {
    progress.update(p.step, std::max(spec.steps, p.step), NAN, "loss " + rounded(p.train_loss, 4));
  };
  const lab::Run result = lab::run_one(spec, watch, &stop);
  progress.clear();
  if (stop) throw Error("stopped before the training was done");
  if (!o.measures.empty()) write_file(o.measures, as_csv(result.measures));
  (o.json ? print_json : print_text)(out, result, lab::diagnose(result));
  return kFine;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  const auto o = std::make_shared<TrainOptions>();
  Verb verb = add_verb<TrainOptions>(app, action, "train", "Train one network and diagnose it.",
                                     "  gradkeep train net.toml\n"
                                     "  gradkeep train net.toml --json\n"
                                     "  gradkeep train net.toml --measures net.csv\n",
                                     o, run);
  verb.add_option("SPEC", o->spec, "A TOML file, as for a study but without lists").required();
  add_file(verb, "--measures", o->measures, "Write what the probes measured, as CSV");
  add_json(verb, *o);
}

}  // namespace gradkeep::cli
