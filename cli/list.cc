// gradkeep list: the registered functions.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/json.h"
#include "cli/verbs.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

int run(const Options& options, Output& out) {
  if (options.json) {
    Json json(out);
    json.begin().key("functions").array();
    for (const std::string& name : names()) {
      const Info& info = *find_info(name);
      json.object()
          .field("name", info.name)
          .field("title", info.title)
          .field("formula", info.formula);
      json.key("aliases").array();
      for (const std::string& alias : info.aliases) json.value(alias);
      json.end_array().key("parameters").object();
      for (const Parameter& p : info.parameters) json.field(p.name, p.value);
      json.end_object().end_object();
    }
    json.end_array().finish();
    return kFine;
  }
  int width = 0;
  for (const std::string& name : names())
    width = std::max(width, report::width(Activation(name).text()));
  for (const std::string& name : names()) {
    out << report::padded(Activation(name).text(), width + 2) << find_info(name)->title << "\n";
  }
  return kFine;
}

}  // namespace

void add_list(CLI::App& app, Action& action) {
  const auto options = std::make_shared<Options>();
  Verb verb = add_verb<Options>(app, action, "list", "Name the functions.",
                                "  gradkeep list\n  gradkeep list --json\n", options, run);
  add_json(verb, *options);
}

}  // namespace gradkeep::cli
