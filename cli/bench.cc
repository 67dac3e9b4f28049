// gradkeep bench: how fast the functions are on this machine, beside plain copies of the arrays and
// beside guests, the programs that speak for other libraries (cli/bench_guest.h).
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "check/ranks.h"
#include "check/stopwatch.h"
#include "cli/bench_run.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "lab/machine.h"
#include "report/words.h"

namespace gradkeep::cli {
namespace {

// Lists of turns as different as one in a hundred times by chance are called different.
constexpr double kSignificant = 0.01;
// What the 16-bit types claim, all functions alike.
constexpr double kClaim16 = 0.51;

struct BenchOptions : Options {
  std::vector<std::string> names, guests;
  std::string pass = "all", measure = "all", output;
  BenchSetting setting;
};

std::string now(const char* format) {
  const std::time_t seconds = std::time(nullptr);
  char text[64];
  std::strftime(text, sizeof text, format, std::gmtime(&seconds));
  return text;
}

std::string type_name(const std::string& type) {
  return (type.starts_with("b") ? "bfloat" : "float") + type.substr(type.find_first_of("136"));
}

// How many times as fast as this one gradkeep's fast tier is, and whether the ranks bear that out.
struct Comparison {
  double ratio, p;
  const char* verdict() const {
    return p >= kSignificant ? "level" : ratio > 1 ? "faster" : "slower";
  }
};

Comparison compare(const Entry& ours, const Entry& theirs) {
  const std::vector<double> a = ours.work(), b = theirs.work();
  return {check::median(b) / check::median(a), check::rank_test(a, b)};
}

void json_entry(Json& json, const Entry& e, const Entry& ours, std::size_t elements) {
  json.object().field("peer", e.peer).field("how", e.how).key("seconds").array();
  for (const double s : e.seconds) json.value(s);
  json.end_array();
  if (!e.seconds.empty()) {
    const Comparison c = compare(ours, e);
    json.field("call", e.call);
    if (e.call_64 > 0) json.field("call_64", e.call_64);
    json.field("elements_per_second", e.elements_per_second(elements));
    json.field("ratio", c.ratio).field("p", c.p).field("gradkeep", c.verdict());
  }
  json.key("errors");
  if (e.errors) {
    json.object().field("ulp", e.errors->max_ulp).field("x", e.errors->worst_x);
    json.field("got", e.errors->worst_got).field("want", e.errors->worst_want);
    json.field("inputs", e.errors->count).end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void json_claims(Json& json, const BenchOptions& o, const BenchResult& r) {
  if (o.setting.type.ends_with("16")) {
    json.field("claim", kClaim16);
    return;
  }
  const Type type = o.setting.type == "f64" ? Type::f64 : Type::f32;
  double most = 0;
  for (const Claim& claim : r.function.claims()) {
    if (claim.type == type && claim.order == (r.pass == Pass::forward ? 0 : 1)) {
      most = std::max(most, claim.ulp);
    }
  }
  json.field("claim", most);
}

void print_json(Output& out, const BenchOptions& o, const Bench& bench,
                const std::vector<BenchResult>& results) {
  Json json(out);
  json.begin().field("version", version()).field("target", target_name());
  json.field("processor", lab::describe_machine().processor)
      .field("cores", std::thread::hardware_concurrency());
  json.field("date", now("%Y-%m-%dT%H:%M:%SZ")).field("type", o.setting.type);
  json.field("elements", o.setting.elements).field("threads", o.setting.threads);
  json.field("rounds", o.setting.rounds).key("versions").object();
  for (const auto& [name, version] : bench.versions()) json.field(name, version);
  json.end_object().key("results").array();
  for (const BenchResult& r : results) {
    json.object().function(r.function).field("pass", name(r.pass));
    json_claims(json, o, r);
    json.key("entries").array();
    for (const Entry& e : r.entries) json_entry(json, e, r.entries.front(), o.setting.elements);
    json.end_array().end_object();
  }
  json.end_array().finish();
}

std::string errors_text(const Entry& e) {
  if (!e.errors) return "";
  return rounded(e.errors->max_ulp, 3) + " at " + rounded(e.errors->worst_x, 4);
}

std::string comparison_text(const Entry& ours, const Entry& theirs) {
  if (&ours == &theirs || ours.seconds.empty()) return "";
  const Comparison c = compare(ours, theirs);
  if (c.p >= kSignificant) return "level";
  return c.ratio > 1 ? rounded(c.ratio, 3) + " times faster"
                     : rounded(1 / c.ratio, 3) + " times slower";
}

void print_text(Output& out, const BenchOptions& o, const Bench& bench,
                const std::vector<BenchResult>& results) {
  const BenchSetting& s = o.setting;
  out << lab::describe_machine().processor << ", target " << target_name() << ", "
      << type_name(s.type) << ", " << report::thousands(static_cast<long long>(s.elements))
      << " elements, " << report::count(s.threads, "thread") << "\n";
  for (const auto& [name, version] : bench.versions()) out << name << " " << version << "\n";
  out << "A call's own cost, as measured on one element, is taken off the speeds. Medians of "
      << std::to_string(s.rounds) << " rounds.\n";
  std::vector<std::vector<std::string>> rows{
      {"", "Gelem/s", "ns a call", "largest error in ULP", "gradkeep is"}};
  for (const BenchResult& r : results) {
    rows.push_back({r.function.text() + " " + name(r.pass)});
    for (const Entry& e : r.entries) {
      rows.push_back({"  " + e.peer + ", " + e.how,
                      s.speed ? rounded(e.elements_per_second(s.elements) * 1e-9, 3) : "",
                      s.speed ? rounded(e.call * 1e9, 3) : "", errors_text(e),
                      comparison_text(r.entries.front(), e)});
    }
  }
  std::vector<int> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t c = 0; row.size() > 1 && c < row.size(); ++c) {
      widths[c] = std::max(widths[c], report::width(row[c]));
    }
  }
  const bool colour = can_colour(STDOUT_FILENO);
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += (c ? "  " : "") + report::padded(row[c], widths[c], c == 1 || c == 2);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << coloured(line, "1", colour && row.size() == 1) << "\n";
  }
}

bool wanted(const BenchOptions& o, const Activation& f, Pass pass) {
  if (o.pass != "all" && o.pass != name(pass)) return false;
  if (pass != Pass::backward_from_output) return true;
  // gradkeep has no interface that divides this one among threads.
  return f.has_output_form() && o.setting.threads == 1;
}

std::vector<BenchResult> measure(const BenchOptions& o, const std::vector<Activation>& functions,
                                 Bench& bench) {
  const std::atomic<bool>& stop = catch_interrupts();
  const check::Stopwatch watch;
  std::vector<BenchResult> results;
  Progress progress("functions");
  for (std::size_t k = 0; k < functions.size(); ++k) {
    const auto done = static_cast<double>(k), all = static_cast<double>(functions.size());
    progress.update(static_cast<std::int64_t>(k), static_cast<std::int64_t>(functions.size()),
                    k ? watch.seconds() / done * (all - done) : NAN, functions[k].text());
    for (const Pass pass : {Pass::forward, Pass::backward, Pass::backward_from_output}) {
      if (stop) throw Error("stopped before all was measured");
      if (wanted(o, functions[k], pass)) results.push_back(bench.measure(functions[k], pass));
    }
  }
  return results;
}

// The raw numbers stay, so that every ratio can be looked at again.
std::string keep(const BenchOptions& o, const Bench& bench,
                 const std::vector<BenchResult>& results) {
  std::string path = o.output;
  if (path.empty()) {
    std::filesystem::create_directories("gradkeep-out");
    path = "gradkeep-out/bench-" + now("%Y%m%d-%H%M%S") + ".json";
  }
  std::string text;
  Output out(text);
  print_json(out, o, bench, results);
  out.finish();
  write_file(path, text);
  return path;
}

int run(const BenchOptions& options, Output& out) {
  BenchOptions o = options;
  o.setting.speed = o.measure != "errors";
  o.setting.errors = o.measure != "speed";
  if (o.names.empty()) o.names = names();
  std::vector<Activation> functions;
  for (const std::string& name : o.names) functions.emplace_back(name, o.bounds());
  if (o.setting.threads == 1) stay_on_one_core();
  Bench bench(o.setting, o.guests);
  const std::vector<BenchResult> results = measure(o, functions, bench);
  if (o.json) {
    print_json(out, o, bench, results);
    return kFine;
  }
  print_text(out, o, bench, results);
  out << "The raw numbers: " << keep(o, bench, results) << "\n";
  return kFine;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  const auto o = std::make_shared<BenchOptions>();
  Verb verb =
      add_verb<BenchOptions>(app, action, "bench", "How fast the functions are here.",
                             "  gradkeep bench sigmoid gelu\n"
                             "  gradkeep bench --type f64 --elements 16777216 --threads 2\n"
                             "  gradkeep bench tanh --guest 'python3 bench/core/peers.py'\n",
                             o, run);
  verb.add_option("NAME", o->names, "Functions, as in elu(alpha=0.5) (all)");
  add_json(verb, *o);
  verb.add_flag("--any-parameters", o->any_parameters,
                "Allow parameters outside their recommended bounds");
  add_choice(verb, "--type", o->setting.type, {"f32", "f64", "bf16", "f16"},
             "float32, float64, bfloat16 or float16 (f32)");
  add_choice(verb, "--pass", o->pass, {"all", "forward", "backward", "backward_from_output"},
             "What is measured (all)");
  verb.add_option("--elements", o->setting.elements, "Length of the arrays (65536)")
      .range(std::size_t{64}, std::size_t{1} << 30)
      .type_name("N");
  verb.add_option("--threads", o->setting.threads, "How many work (1)")
      .range(1, 1024)
      .type_name("N");
  verb.add_option("--rounds", o->setting.rounds, "Turns of each (15)")
      .range(1, 10000)
      .type_name("N");
  verb.add_option("--guest", o->guests,
                  "A program that speaks for other libraries; may be repeated")
      .type_name("COMMAND");
  add_choice(verb, "--measure", o->measure, {"all", "speed", "errors"},
             "Speeds want an idle machine, errors only take time (all)");
  add_file(verb, "--output", o->output, "Where the raw numbers go (gradkeep-out/bench-DATE.json)")
      .type_name("a.json");
}

}  // namespace gradkeep::cli
