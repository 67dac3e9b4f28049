// gradkeep study: runs a study, or goes on with one, and makes its report.
// SPDX-License-Identifier: Apache-2.0
#include "lab/study.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/ranges.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "report/reading.h"
#include "report/report.h"

namespace gradkeep::cli {
namespace {

struct StudyOptions : Options {
  std::string spec, folder = "gradkeep-out", page, threads = "0";
  lab::Settings settings;
  bool list = false;
};

int list_studies(const StudyOptions& o, Output& out) {
  if (o.json) {
    Json json(out);
    json.begin().key("studies").array();
    for (const lab::BuiltIn& s : lab::built_in_studies()) {
      json.object().field("name", s.name).field("title", s.title).end_object();
    }
    json.end_array().finish();
    return kFine;
  }
  for (const lab::BuiltIn& s : lab::built_in_studies()) out << s.name << "  " << s.title << "\n";
  return kFine;
}

// A word is the name of a built-in study, unless a file of that name is there.
lab::Study find_study(const StudyOptions& o) {
  const std::string& spec = o.spec;
  if (spec.empty()) throw Error("which study? expected SPEC.toml or a name from study --list");
  const bool file = spec.ends_with(".toml") || spec.find('/') != spec.npos ||
                    std::filesystem::is_regular_file(spec);
  return file ? lab::read_study(spec, o.settings) : lab::built_in_study(spec, o.settings);
}

// Before the study runs, not after.
void check_reading(const lab::Study& study) {
  if (study.report.empty() || report::find_reading(study.report)) return;
  std::string known;
  for (const std::string& name : report::reading_names()) known += ", \"" + name + "\"";
  throw Error(study.file + ": report: no reading \"" + study.report +
              "\"; expected \"\" for the general report" + known);
}

void print_json(Output& out, const lab::Study& study, const lab::StudyResult& result,
                const std::string& store, const std::string& page, const std::string& verdict) {
  Json json(out);
  json.begin().field("study", study.name).field("total", result.total);
  json.field("reused", result.reused).field("ran", result.ran);
  json.field("set_aside", result.set_aside).field("seconds", result.seconds);
  json.field("verdict", verdict).field("store", store).field("report", page).finish();
}

int run(const StudyOptions& o, Output& out) {
  if (o.list) return list_studies(o, out);
  const lab::Study study = find_study(o);
  check_reading(study);
  const std::filesystem::path folder(o.folder);
  const std::string path = folder / (study.name + ".sqlite");
  const std::string page = o.page.empty() ? (folder / (study.name + ".html")).string() : o.page;
  const int threads = parse_threads(o.threads);
  make_folder(o.folder);
  lab::Store store(path, lab::Store::Mode::write);

  Progress progress("runs");
  lab::StudyOptions options;
  options.threads = threads;
  options.stop = &catch_interrupts();
  options.progress = [&](const lab::Progress& p) {
    progress.update(p.done, p.total, p.eta > 0 ? p.eta : NAN, p.current);
  };
  options.notice = [&](const std::string& sentence) { progress.say(sentence); };
  const lab::StudyResult result = lab::run_study(study, store, options);
  progress.clear();
  if (result.interrupted) {
    throw Error("stopped; finished runs are kept in " + path +
                ", the same command continues with the rest");
  }
  const auto model = report::make_model(store);
  write_file(page, report::make_html(model));
  if (o.json) {
    print_json(out, study, result, path, page,
               model.at("verdict").at("headline").get<std::string>());
    return kFine;
  }
  out << report::summary_text(model, terminal_width(STDOUT_FILENO, 80)) << "\n";
  out << std::to_string(result.ran) << (result.ran == 1 ? " run in " : " runs in ")
      << duration(result.seconds);
  if (result.reused > 0) out << ", " << std::to_string(result.reused) << " found in " << path;
  out << ". Report: " << page << "\n";
  return kFine;
}

}  // namespace

void add_study(CLI::App& app, Action& action) {
  const auto o = std::make_shared<StudyOptions>();
  Verb verb = add_verb<StudyOptions>(app, action, "study", "Run a study and make its report.",
                                     "  gradkeep study --list\n"
                                     "  gradkeep study depth\n"
                                     "  gradkeep study depth --set 'depth=[4,8]' --set seed=1\n"
                                     "  gradkeep study my.toml --output my-results\n",
                                     o, run);
  verb.add_option("SPEC", o->spec, "A TOML file, or the name of a built-in study");
  verb.add_flag("--list", o->list, "Name the built-in studies");
  verb.add_option("--set", o->settings, "Another value for a key of the study, or a list")
      .type_name("KEY=VALUE")
      .one_value_at_a_time();
  verb.add_option("--output", o->folder, "Where store and report go (gradkeep-out)")
      .type_name("FOLDER");
  verb.add_option("--page", o->page, "The report (NAME.html beside the store)").type_name("x.html");
  verb.add_option("--threads", o->threads, "Runs at a time; 0: one for each core (0)")
      .type_name("N");
  add_json(verb, *o);
}

}  // namespace gradkeep::cli
