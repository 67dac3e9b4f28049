// gradkeep check TARGET: the conformance kit on a target, as text or JSON, and in files.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "cli/check.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "kit/conformance.h"

namespace gradkeep::cli {
namespace {

// A number that may be followed by one of the units.
struct Unit {
  std::string_view name;
  double size;
};
double measure(const std::string& text, const std::string& option, std::span<const Unit> units,
               const std::string& expected) {
  std::string number = text;
  double size = 1;
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    number.erase(number.size() - unit.name.size());
    size = unit.size;
    break;
  }
  const double v = looks_like_number(number) ? parse_number<double>(number, option) * size : -1;
  if (!(v > 0 && v <= 1e9)) throw Error(option + " is " + text + ", expected " + expected);
  return v;
}

double tolerance_of(const std::string& text) {
  constexpr std::array<Unit, 1> kUnits{{{"ulp", 1}}};
  const double v = measure(text, "--tolerance", kUnits, "0.5ulp or more, as in 2ulp");
  if (v < 0.5) throw Error("--tolerance is " + text + ", expected 0.5ulp or more, as in 2ulp");
  return v;
}

double seconds_of(const std::string& text, const std::string& option) {
  constexpr std::array<Unit, 3> kUnits{{{"min", 60}, {"s", 1}, {"h", 3600}}};
  return measure(text, option, kUnits, "a time, as in 10s or 5min");
}

// Functions of x alone and of rows, in the order of the list of each.
void add_functions(const CheckOptions& o, kit::Plan& plan) {
  const auto add = [&](const std::string& text, Bounds bounds) {
    if (const auto call = kit::RowCall::named(text, plan.dialect)) {
      plan.rows.push_back(*call);
    } else {
      plan.functions.emplace_back(text, bounds);
    }
  };
  std::vector<std::string> texts = o.names.empty() ? std::vector<std::string>{"all"} : o.names;
  for (const std::string& text : texts) {
    if (text != "all") {
      add(text, Bounds::any);
      continue;
    }
    for (const std::string& name : names()) add(name, Bounds::recommended);
    for (const std::string& name : kit::row_call_names()) add(name, Bounds::recommended);
  }
}

void write_example(Json& json, kit::Number number, const kit::Example& example) {
  for (const auto& [key, v] :
       {std::pair("x", example.x), {"got", example.got}, {"want", example.want}}) {
    json.key(key).object().field("value", kit::shortest_text(number, v));
    json.field("bits", kit::bits_text(number, v)).end_object();
  }
  if (!example.where.empty()) json.field("where", example.where);
}

void print_json(Output& out, const kit::Report& report) {
  Json json(out);
  json.begin().field("mode", "conformance").field("target", report.target);
  json.field("dialect", report.dialect).field("tolerance", report.tolerance);
  json.field("conforms", report.conforms()).field("inputs", report.inputs());
  json.field("seconds", report.seconds).key("results").array();
  for (const kit::Row& row : report.rows) {
    const kit::Number number = row.question.number;
    json.object().field("function", row.question.function);
    json.field("what", row.question.what.text()).field("type", kit::type_of(number).name);
    json.field("supported", row.supported).field("conforms", row.conforms());
    json.field("inputs", row.inputs);
    if (row.inputs > 0) {
      json.field("max_ulp", row.max_ulp).field("mean_ulp", row.mean_ulp);
      json.field("misrounded", row.misrounded).key("worst").object();
      write_example(json, number, row.worst);
      json.end_object();
    }
    if (row.sum_error >= 0) json.field("sum_error", row.sum_error);
    json.key("findings").array();
    for (const kit::Finding& finding : row.findings) {
      json.object().field("kind", kit::word(finding.kind)).field("count", finding.count);
      json.field("text", kit::describe(row, finding));
      if (finding.kind != kit::Finding::failure) {
        write_example(json, number, finding.example);
        json.field("ulp", finding.ulp);
        json.field("low", kit::shortest_text(number, finding.low));
        json.field("high", kit::shortest_text(number, finding.high));
      }
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().finish();
}

}  // namespace

int check_target(const CheckOptions& o, Output& out) {
  kit::Plan plan;
  plan.dialect = kit::Dialect(o.dialect);
  if (o.replay.empty()) {
    add_functions(o, plan);
  } else if (o.names.empty()) {
    plan.replay = kit::parse_replay(read_file(o.replay), o.replay);
  } else {
    throw Error("--replay says which functions: expected no NAME beside it");
  }
  for (const std::string& word : o.only) plan.only.push_back(kit::Quantity::kind_named(word));
  for (const std::string& word : o.types) plan.numbers.push_back(kit::number_named(word));
  plan.tolerance = tolerance_of(o.tolerance);
  plan.exhaustive = o.budget == "exhaustive";
  if (!plan.exhaustive) plan.budget = seconds_of(o.budget, "--budget");
  const double timeout = seconds_of(o.timeout, "--timeout");
  const auto target = o.what == "self"
                          ? kit::self_target(o.tier == "exact" ? Tier::exact : Tier::fast)
                          : kit::open_target(o.what, timeout);
  const std::atomic<bool>& stop = catch_interrupts();
  Progress progress("functions");
  const auto functions = static_cast<std::int64_t>(plan.functions.size() + plan.rows.size());
  plan.progress = [&](double share, const std::string& note) {
    progress.update(std::lround(share * static_cast<double>(functions)), functions,
                    std::numeric_limits<double>::quiet_NaN(), note);
    return !stop;
  };
  const kit::Report report = kit::examine(*target, plan);
  progress.clear();
  if (!o.failures.empty()) write_file(o.failures, kit::as_replay(report));
  if (!o.markdown.empty()) write_file(o.markdown, kit::as_markdown(report));
  if (!o.junit.empty()) write_file(o.junit, kit::as_junit(report));
  if (!o.html.empty()) write_file(o.html, kit::as_html(report));
  if (o.json) {
    print_json(out, report);
  } else {
    out << kit::as_text(report);
  }
  return report.conforms() ? kFine : kCheckFailed;
}

}  // namespace gradkeep::cli
