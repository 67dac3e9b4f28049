// SPDX-License-Identifier: Apache-2.0
#include "kit/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/c_call.h"
#include "data/words.h"
#include "kit/conversation.h"
#include "kit/message.h"
#include "kit/placed.h"
#include "kit/row_call.h"
#include "kit/shared_object.h"

namespace gradkeep::kit {
namespace {

const std::vector<std::string> kKinds{
    "value",           "slope",   "curvature", "slope_from_output", "curvature_from_output",
    "parameter_slope", "backward"};

template <class T>
std::vector<double> evaluate_as(const Activation& f, Quantity what, Tier tier,
                                std::span<const double> x, Layout layout) {
  const Placed<T> x_room(x, layout), out_room(layout.in_place ? 0 : x.size(), layout);
  const std::span<T> in = x_room.numbers();
  const std::span<T> out = layout.in_place ? in : out_room.numbers();
  switch (what.kind) {
    case Quantity::slope_from_output:
      f.slope_from_output<T>(in, out);
      break;
    case Quantity::curvature_from_output:
      f.curvature_from_output<T>(in, out);
      break;
    case Quantity::parameter_slope:
      f.parameter_slope<T>(what.parameter, in, out);
      break;
    default:
      f.evaluate<T>(what.kind, in, out, tier);
  }
  return as_doubles<T>(out);
}

// dx of functions of rows may lie where y does, of gated ones where x does.
template <class T>
std::vector<double> rows_as(const RowCall& call, bool backward, const Matrix& in, Layout layout) {
  const auto shape = call.answer_shape(backward, in.shape);
  const auto [x_values, dy_values] = call.split(backward, in);
  const Placed<T> x_room(x_values.values, layout), dy_room(dy_values.values, layout);
  const Placed<T> out_room(layout.in_place ? 0 : shape[0] * shape[1], layout);
  const Strided<T> x(x_room.numbers().data(), x_values.shape);
  const Strided<T> out(layout.in_place ? x.data : out_room.numbers().data(), shape);
  const Strided<T> dy(dy_room.numbers().data(), dy_values.shape);
  if (call.is_gated() && backward) {
    gated_backward<T>(call.gated(), x, dy, out, call.axis);
  } else if (call.is_gated()) {
    gated<T>(call.gated(), x, out, call.axis);
  } else if (backward) {
    rowwise<T>(call.rowwise(), x, x, call.axis);
    rowwise_backward<T>(call.rowwise(), x, dy, out, call.axis);
  } else {
    rowwise<T>(call.rowwise(), x, out, call.axis);
  }
  return as_doubles<T>(std::span<const T>(out.data, out.size()));
}

class Self : public Target {
 public:
  explicit Self(Tier tier) : tier_(tier) {}

  std::string description() override {
    return "gradkeep " + std::string(version()) + (tier_ == Tier::exact ? ", exact tier" : "") +
           ", target " + std::string(target_name());
  }
  bool has_layouts() const override { return true; }
  Answer ask(const Question& question, std::span<const double> x, Layout layout) override {
    const Activation f(question.function, Bounds::any);
    if (question.what.from_output() && !f.has_output_form()) {
      return {.supported = false, .reason = "has no such form", .out = {}};
    }
    Answer answer;
    c::with_type(type_of(question.number).c, [&](auto type) {
      answer.out = evaluate_as<decltype(type)>(f, question.what, tier_, x, layout);
    });
    return answer;
  }
  Answer ask_rows(const Question& question, const Matrix& in, Layout layout) override {
    const RowCall call = RowCall::of(question.function);
    Answer answer;
    c::with_type(type_of(question.number).c, [&](auto type) {
      answer.out =
          rows_as<decltype(type)>(call, question.what.kind == Quantity::backward, in, layout);
    });
    return answer;
  }

 private:
  Tier tier_;
};

class Process : public Target {
 public:
  Process(std::string name, std::function<void()> body, bool layouts, double timeout)
      : name_(std::move(name)), layouts_(layouts), conversation_(std::move(body), timeout) {}

  std::string description() override {
    const std::string answer = conversation_.exchange(
        "describe -\n" + array_message(Number::f32, std::span<const double>()),
        [](const std::string& received) { return message_length(received, 0); });
    const bool told =
        answer[0] != '\x93' && !answer.starts_with("unsupported") && !answer.starts_with("error");
    return told ? answer.substr(0, answer.size() - 1) : name_;
  }
  bool has_layouts() const override { return layouts_; }
  Answer ask(const Question& question, std::span<const double> x, Layout layout) override {
    const std::string message = conversation_.exchange(
        question_message(question, x, layout),
        [&](const std::string& received) { return message_length(received, x.size()); });
    return parse_answer(message, question.number, x.size());
  }
  Answer ask_rows(const Question& question, const Matrix& in, Layout layout) override {
    const RowCall call = RowCall::of(question.function);
    const auto shape = call.answer_shape(question.what.kind == Quantity::backward, in.shape);
    const std::string message = conversation_.exchange(
        question_message(question, in, layout),
        [&](const std::string& received) { return message_length(received, shape[0] * shape[1]); });
    return parse_answer(message, question.number, shape);
  }

 private:
  std::string name_;
  bool layouts_;
  Conversation conversation_;
};

bool is_shared_object(const std::string& what) {
  const std::string name = std::filesystem::path(what).filename();
  return name.ends_with(".so") || name.ends_with(".dylib") ||
         (name.find(".so.") != name.npos && name.find(' ') == name.npos);
}

}  // namespace

std::string Question::word() const {
  std::string text = function;
  std::erase(text, ' ');
  return text;
}

std::string Quantity::text() const {
  return kKinds[kind] + (kind == parameter_slope ? "_" + std::to_string(parameter) : "");
}

Quantity Quantity::named(std::string_view word) {
  for (int k = 0; k < kMaxParameters; ++k) {
    const Quantity quantity{parameter_slope, k};
    if (word == quantity.text()) return quantity;
  }
  const Kind kind = kind_named(word);
  if (kind == parameter_slope)
    throw Error("parameter_slope of which parameter: expected parameter_slope_0");
  return {kind};
}

Quantity::Kind Quantity::kind_named(std::string_view word) {
  const auto at = std::find(kKinds.begin(), kKinds.end(), word);
  if (at == kKinds.end()) data::unknown_word("quantity", word, kKinds);
  return static_cast<Kind>(at - kKinds.begin());
}

std::unique_ptr<Target> self_target(Tier tier) { return std::make_unique<Self>(tier); }

std::unique_ptr<Target> open_target(const std::string& what, double timeout) {
  if (is_shared_object(what)) {
    std::error_code ignored;
    const std::filesystem::path file = std::filesystem::absolute(what, ignored);
    if (!std::filesystem::is_regular_file(file, ignored)) {
      throw Error("there is no file " + what + ": expected a shared object, or a command");
    }
    return std::make_unique<Process>(
        what, [file] { serve_shared_object(file.string()); }, true, timeout);
  }
  return std::make_unique<Process>(
      what,
      [what] {
        const std::string script = "exec " + what;
        ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
        ::_exit(127);
      },
      false, timeout);
}

}  // namespace gradkeep::kit
