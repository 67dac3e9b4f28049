// Writes JSON as it comes, on one line: keys in the order given, numbers by numbers.h so that a
// float32 prints as itself and non-finite numbers are strings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>

#include <concepts>
#include <string>
#include <string_view>

#include "cli/numbers.h"
#include "cli/output.h"

namespace gradkeep::cli {

class Json {
 public:
  explicit Json(Output& out) : out_(out) {}

  Json& object() { return open('{'); }
  Json& end_object() { return close('}'); }
  Json& array() { return open('['); }
  Json& end_array() { return close(']'); }
  Json& key(std::string_view name) {
    comma();
    string(name);
    out_ << ":";
    fresh_ = true;
    return *this;
  }

  template <std::floating_point T>
  Json& value(T v) {
    return raw(json_number(v));
  }
  template <std::integral T>
  Json& value(T v) {
    return raw(std::to_string(v));
  }
  Json& value(bool v) { return raw(v ? "true" : "false"); }
  Json& value(std::string_view v) {
    comma();
    string(v);
    return *this;
  }
  Json& value(const char* v) { return value(std::string_view(v)); }
  Json& null() { return raw("null"); }

  template <class T>
  Json& field(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

  // Its name and its parameters' values.
  Json& function(const Activation& f);

  // The outermost object, which every verb begins with its schema's version.
  Json& begin() {
    object();
    return field("schema_version", 1);
  }
  void finish() {
    end_object();
    out_ << "\n";
  }

 private:
  Json& open(char c) {
    comma();
    out_ << c;
    fresh_ = true;
    return *this;
  }
  Json& close(char c) {
    out_ << c;
    fresh_ = false;
    return *this;
  }
  Json& raw(std::string_view text) {
    comma();
    out_ << text;
    return *this;
  }
  void comma() {
    if (!fresh_) out_ << ",";
    fresh_ = false;
  }
  void string(std::string_view text);

  Output& out_;
  bool fresh_ = true;  // nothing stands before the next item
};

}  // namespace gradkeep::cli
