// gradkeep report: makes the report of a store, again if need be.
// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <unistd.h>

#include <filesystem>

#include "cli/terminal.h"
#include "cli/verbs.h"

namespace gradkeep::cli {
namespace {

struct ReportOptions : Options {
  std::string store, output;
};

int run(const ReportOptions& o, Output& out) {
  const lab::Store store(o.store, lab::Store::Mode::read);
  const std::string page = o.output.empty()
                               ? std::filesystem::path(o.store).replace_extension(".html").string()
                               : o.output;
  const auto model = report::make_model(store);
  write_file(page, report::make_html(model));
  if (o.json) {
    out << model.dump() << "\n";
  } else {
    out << report::summary_text(model, terminal_width(STDOUT_FILENO, 80)) << "\n" << page << "\n";
  }
  return kFine;
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  const auto o = std::make_shared<ReportOptions>();
  Verb verb = add_verb<ReportOptions>(app, action, "report", "Make the report of a store.",
                                      "  gradkeep report gradkeep-out/depth.sqlite\n"
                                      "  gradkeep report old.sqlite -o old.html\n",
                                      o, run);
  verb.add_option("STORE", o->store, "What a study has left").required();
  verb.add_option("-o,--output", o->output, "The page (the store's name with .html)")
      .type_name("x.html");
  add_json(verb, *o);
}

}  // namespace gradkeep::cli
