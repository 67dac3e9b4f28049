// SPDX-License-Identifier: Apache-2.0
#include "kit/dialect.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <sstream>

namespace gradkeep::kit {
namespace {

struct Text {
  std::string_view name, text;
};
constexpr Text kTexts[] = {
#include "kit/dialects.inc"
};

const toml::table& file_of(const std::string& name) {
  static const std::map<std::string, toml::table> files = [] {
    std::map<std::string, toml::table> all;
    for (const Text& each : kTexts) {
      all[std::string(each.name)] = toml::parse(each.text, std::string(each.name) + ".toml");
    }
    return all;
  }();
  return files.at(name);
}

// "2.13.0" as numbers.
std::array<int, 3> version_of(std::string_view text) {
  std::array<int, 3> parts{};
  const char *at = text.data(), *const end = at + text.size();
  for (int& part : parts) {
    const auto [next, failure] = std::from_chars(at, end, part);
    if (failure != std::errc() || next == end) break;
    at = next + 1;
  }
  return parts;
}

// ">=2.15", "<2.15", ">=2.0,<2.15".
bool within(const std::string& ranges, std::string_view version) {
  std::istringstream parts(ranges);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t digit = part.find_first_of("0123456789");
    if (digit == part.npos) return false;
    const std::string sign = part.substr(0, digit);
    const auto there = version_of(std::string_view(part).substr(digit)), here = version_of(version);
    const bool holds = sign.starts_with(">=")   ? here >= there
                       : sign.starts_with("<=") ? here <= there
                       : sign.starts_with(">")  ? here > there
                       : sign.starts_with("<")  ? here < there
                                                : here == there;
    if (!holds) return false;
  }
  return true;
}

// A number, or the name of one of the function's parameters, maybe with a minus.
double position(const toml::node* node, const Activation& f) {
  if (node == nullptr) return 0;
  if (const auto number = node->value<double>()) return *number;
  std::string name = node->value_or(std::string());
  const bool minus = name.starts_with("-");
  if (minus) name.erase(0, 1);
  const auto& parameters = f.info().parameters;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    if (parameters[k].name == name) return minus ? -f.parameters()[k] : f.parameters()[k];
  }
  throw Error("a dialect places a convention of " + f.info().name + " at '" + name +
              "', expected a number or a parameter");
}

std::optional<double> number(const toml::table& entry, std::string_view key, const Activation& f) {
  if (!entry.contains(key)) return {};
  return position(entry.get(key), f);
}

}  // namespace

std::vector<std::string> dialect_names() {
  std::vector<std::string> names;
  for (const Text& each : kTexts) names.emplace_back(each.name);
  return names;
}

Dialect::Dialect(std::string_view name) : name_(name) {
  const std::size_t at = name.find('@'), slash = name.find('/');
  file_ = name.substr(0, std::min(at, slash));
  if (at != name.npos) version_ = name.substr(at + 1, slash > at ? slash - at - 1 : name.npos);
  if (slash != name.npos)
    backend_ = name.substr(slash + 1, at > slash ? at - slash - 1 : name.npos);
  const std::vector<std::string> known = dialect_names();
  if (std::find(known.begin(), known.end(), file_) == known.end()) {
    std::string list;
    for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
    throw Error("no dialect '" + file_ + "': expected " + list);
  }
  const toml::table& file = file_of(file_);
  if (version_.empty()) version_ = file["checked_with"].value_or(std::string("0"));
  if (backend_.empty()) backend_ = file["backend"].value_or(std::string());
}

Rule Dialect::rule(const Activation& f) const {
  Rule rule;
  const toml::table& file = file_of(file_);
  rule.any_slope_of_nan = file["slope_of_nan"].value_or(std::string()) == "any";
  const toml::table* entry = file["functions"][f.info().name].as_table();
  if (entry == nullptr) return rule;
  const auto applies = [&](const toml::table& part) {
    const std::string versions = part["versions"].value_or(std::string());
    const std::string backend = part["backend"].value_or(backend_);
    return within(versions, version_) && backend == backend_;
  };
  const auto for_each = [&](std::string_view key, const auto& use) {
    const toml::array* parts = (*entry)[key].as_array();
    if (parts == nullptr) return;
    for (const toml::node& part : *parts) {
      if (part.is_table() && applies(*part.as_table())) use(*part.as_table());
    }
  };
  for_each("at", [&](const toml::table& part) {
    rule.conventions.push_back({position(part.get("x"), f), number(part, "value", f),
                                number(part, "slope", f), number(part, "curvature", f)});
  });
  // A threshold is on a product with the parameters, so that its place is known for the defaults.
  const Activation usual((*entry)["is"].value_or(f.info().name), Bounds::any);
  if (usual.text() != f.text()) return rule;
  for_each("pieces", [&](const toml::table& part) {
    Piece piece{.is = part["is"].value_or(std::string())};
    if (part.contains("above")) piece.above = position(part.get("above"), f);
    if (part.contains("below")) piece.below = position(part.get("below"), f);
    rule.pieces.push_back(piece);
  });
  return rule;
}

std::optional<Gate> Dialect::gate(std::string_view function) const {
  const auto gate = file_of(file_)["rowwise"][function]["gate"].value<std::string>();
  if (!gate) return {};
  return *gate == "first" ? Gate::first : Gate::second;
}

bool Dialect::any_of_nan(std::string_view function) const {
  return file_of(file_)["rowwise"][function]["nan"].value_or(std::string()) == "any";
}

}  // namespace gradkeep::kit
