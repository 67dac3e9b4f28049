// From text to Activation and back: "elu(alpha=0.5)", names and aliases in any case, parameters by
// name or place, bounds, and the nearest known word for a misspelt one.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/definition.h"
#include "core/quote.h"

namespace gradkeep {
namespace {

using detail::Definition;
using detail::quoted;

std::string shortest(double v) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr};
}

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(" \t");
  if (first == s.npos) return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view s) {
  std::string r(s);
  for (char& c : r) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return r;
}

// Letters to insert, delete, change or swap with their neighbour to make b of a (the optimal string
// alignment distance), row by row.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + (a[i - 1] != b[j - 1]), last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

bool same_word(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

const Definition* find(std::string_view name) {
  for (const Definition* d : detail::definitions()) {
    if (same_word(d->info.name, name)) return d;
  }
  for (const Definition* d : detail::definitions()) {
    for (const std::string& alias : d->info.aliases) {
      if (same_word(alias, name)) return d;
    }
  }
  return nullptr;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::vector<std::string> known;
  for (const Definition* d : detail::definitions()) {
    known.push_back(d->info.name);
    known.insert(known.end(), d->info.aliases.begin(), d->info.aliases.end());
  }
  const std::string near = nearest(name, known);
  throw Error("unknown activation function " + quoted(name) +
              (near.empty() ? "; expected one of the names that `gradkeep list` prints"
                            : "; did you mean '" + near + "'?"));
}

int parameter_index(const Info& info, std::string_view name) {
  std::vector<std::string> known;
  for (std::size_t k = 0; k < info.parameters.size(); ++k) {
    if (info.parameters[k].name == name) return static_cast<int>(k);
    known.push_back(info.parameters[k].name);
  }
  std::string expected;
  for (const std::string& k : known) expected += (expected.empty() ? "" : ", ") + k;
  const std::string near = nearest(name, known);
  throw Error(info.name + " has no parameter " + quoted(name) +
              (known.empty()  ? "; it takes none"
               : near.empty() ? "; expected " + expected
                              : "; did you mean '" + near + "'?"));
}

double parse_number(std::string_view text, const Info& info, std::string_view parameter) {
  double v = 0;
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex) digits.remove_prefix(2);
  const char* first = digits.data();
  const char* last = first + digits.size();
  const auto [end, error] =
      std::from_chars(first, last, v, hex ? std::chars_format::hex : std::chars_format::general);
  if (negative) v = -v;
  // from_chars would take a second sign for its own.
  if (error != std::errc() || end != last || digits.starts_with('-')) {
    throw Error(info.name + ": parameter " + std::string(parameter) + " is " + quoted(text) +
                "; expected a number");
  }
  return v;
}

// A parameter is in bounds, or this says which bound it breaks.
void check_parameter(const Info& info, const Parameter& parameter, double v, Bounds bounds) {
  const Interval& allowed = bounds == Bounds::any ? parameter.any : parameter.recommended;
  if (std::isfinite(v) && allowed.contains(v)) return;
  const bool lifting_helps =
      bounds == Bounds::recommended && std::isfinite(v) && parameter.any.contains(v);
  throw Error(
      info.name + ": parameter " + parameter.name + " is " + shortest(v) +
      "; expected a value in " + allowed.text() +
      (lifting_helps ? " (lifted by --any-parameters, in Python any_parameters=True)" : ""));
}

}  // namespace

std::string Interval::text() const {
  const auto end = [](double v) {
    return std::isinf(v) ? std::string(v < 0 ? "-inf" : "inf") : shortest(v);
  };
  return (low_open ? "(" : "[") + end(low) + ", " + end(high) + (high_open ? ")" : "]");
}

Activation::Activation(std::string_view text, Bounds bounds) {
  const std::string_view all = trim(text);
  const auto open = all.find('(');
  const std::string_view name = trim(all.substr(0, open));
  definition_ = find(name);
  if (definition_ == nullptr) fail_unknown(name);
  const Info& about = info();
  for (std::size_t k = 0; k < about.parameters.size(); ++k) {
    parameters_[k] = about.parameters[k].value;
  }
  if (open == all.npos) {
    arithmetic_ = detail::arithmetic_for(parameters());
    return;
  }
  if (all.back() != ')') {
    throw Error(quoted(all) + ": expected a closing ')' at the end");
  }
  std::string_view rest = trim(all.substr(open + 1, all.size() - open - 2));
  std::array<bool, kMaxParameters> given{};
  for (std::size_t place = 0; !rest.empty(); ++place) {
    const auto comma = rest.find(',');
    const std::string_view item = trim(rest.substr(0, comma));
    const bool last = comma == rest.npos;
    rest = last ? std::string_view{} : trim(rest.substr(comma + 1));
    if (item.empty() || (!last && rest.empty())) {
      throw Error(quoted(all) + ": expected a parameter at each side of ','");
    }
    const auto equals = item.find('=');
    std::size_t index = place;
    if (equals != item.npos) {
      index = parameter_index(about, trim(item.substr(0, equals)));
    } else if (place >= about.parameters.size()) {
      throw Error(about.name + " takes " + std::to_string(about.parameters.size()) +
                  " parameters; " + quoted(all) + " gives more");
    }
    const Parameter& parameter = about.parameters[index];
    if (given[index]) {
      throw Error(quoted(all) + ": parameter " + parameter.name + " is given twice");
    }
    given[index] = true;
    const std::string_view number = equals == item.npos ? item : trim(item.substr(equals + 1));
    parameters_[index] = parse_number(number, about, parameter.name);
  }
  set_parameters(std::vector<double>(parameters().begin(), parameters().end()), bounds);
}

void Activation::set_parameters(std::span<const double> values, Bounds bounds) {
  const Info& about = info();
  if (values.size() != about.parameters.size()) {
    throw Error(about.name + " takes " + std::to_string(about.parameters.size()) +
                " parameters, not " + std::to_string(values.size()));
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    check_parameter(about, about.parameters[k], values[k], bounds);
  }
  const std::string complaint = definition_->complaint(values.data());
  if (!complaint.empty()) throw Error(about.name + ": " + complaint);
  // -0 + 0 is 0: a parameter has no sign where it is zero.
  std::transform(values.begin(), values.end(), parameters_.begin(),
                 [](double v) { return v + 0.0; });
  arithmetic_ = detail::arithmetic_for(values);
}

std::string Activation::text() const {
  const Info& about = info();
  std::string s = about.name;
  for (std::size_t k = 0; k < about.parameters.size(); ++k) {
    s += (k == 0 ? "(" : ", ") + about.parameters[k].name + "=" + shortest(parameters_[k]);
  }
  return about.parameters.empty() ? s : s + ")";
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Definition* d : detail::definitions()) all.push_back(d->info.name);
  return all;
}

const Info* find_info(std::string_view name) {
  const Definition* d = find(name);
  return d == nullptr ? nullptr : &d->info;
}

std::string nearest(std::string_view word, std::span<const std::string> known) {
  const std::string w = lower(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, w.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::string c = lower(candidate);
    // Every letter by which they differ in length is an edit.
    const std::size_t least = std::max(w.size(), c.size()) - std::min(w.size(), c.size());
    if (least >= best_distance) continue;
    const std::size_t distance = edits(w, c);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace gradkeep
