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
#include "kit/shared_object.h"

namespace gradkeep::kit {
namespace {

const std::vector<std::string> kKinds{
    "value", "slope", "curvature", "slope_from_output", "curvature_from_output", "parameter_slope"};

template <class T>
std::vector<double> evaluate_as(const Activation& f, Quantity what, Tier tier,
                                std::span<const double> x, Layout layout) {
  const auto placed = [&](std::vector<T>& room) {
    const std::size_t step = 64 / sizeof(T);
    const auto offset = static_cast<std::size_t>(layout.offset.value_or(0));
    room.resize(x.size() + offset + step);
    const auto place = reinterpret_cast<std::uintptr_t>(room.data()) / sizeof(T);
    return std::span<T>(room).subspan((step - place % step) % step + offset, x.size());
  };
  std::vector<T> in_room, out_room;
  const std::span<T> in = placed(in_room);
  const std::span<T> out = layout.in_place ? in : placed(out_room);
  for (std::size_t i = 0; i < x.size(); ++i) in[i] = static_cast<T>(x[i]);
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
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = static_cast<double>(out[i]);
  return y;
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

 private:
  Tier tier_;
};

class Process : public Target {
 public:
  Process(std::string name, std::function<void()> body, bool layouts, double timeout)
      : name_(std::move(name)), layouts_(layouts), conversation_(std::move(body), timeout) {}

  std::string description() override {
    const std::string answer = conversation_.exchange(
        "describe -\n" + array_message(Number::f32, {}),
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
