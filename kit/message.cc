// SPDX-License-Identifier: Apache-2.0
#include "kit/message.h"

#include <algorithm>
#include <cstdlib>

#include "data/npy.h"

namespace gradkeep::kit {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kFixed = 10;      // magic, version 1.0, two bytes of length
constexpr std::size_t kLongest = 4096;  // of a line

TargetFailure neither() {
  return TargetFailure("answered neither a line of text nor an array in .npy format 1.0");
}

TargetFailure wrong_count(std::size_t count, std::size_t expected) {
  return TargetFailure("answered " + std::to_string(count) + " numbers, expected " +
                       std::to_string(expected));
}

// Where the numbers of an array begin, once so much is there.
std::optional<std::size_t> prologue_length(const std::string& text) {
  if (text.size() < kFixed) return {};
  if (text.compare(0, kMagic.size(), kMagic) != 0 || text[6] != 1) throw neither();
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = kFixed + byte(8) + (std::size_t{byte(9)} << 8);
  return text.size() < length ? std::nullopt : std::optional(length);
}

data::NpyHeader header_of(const std::string& text, std::size_t prologue) {
  try {
    return data::parse_npy_header("the answer",
                                  std::string_view(text).substr(kFixed, prologue - kFixed));
  } catch (const Error& error) {
    throw TargetFailure(std::string("sent a wrong array: ") + error.what());
  }
}

std::size_t count_of(const data::NpyHeader& header) {
  std::size_t count = 1;
  for (const std::size_t extent : header.shape) count *= extent;
  return count;
}

// Types are told apart by their letter and size; NumPy spells native order '<' or '|'.
const NumberType* type_named(const std::string& code) {
  for (const NumberType& type : number_types()) {
    if (code.size() == 3 && code.substr(1) == type.npy.substr(1)) return &type;
  }
  return nullptr;
}

std::string shaped_message(Number number, std::vector<std::size_t> shape,
                           std::span<const double> values) {
  const std::vector<char> bytes = to_bytes(number, values);
  std::string message =
      data::npy_prologue({.code = std::string(type_of(number).npy), .shape = std::move(shape)});
  message.append(bytes.begin(), bytes.end());
  return message;
}

std::string question_line(const Question& question, const Layout& layout) {
  std::string line = question.what.text() + " " + question.word();
  if (layout.offset) line += " offset=" + std::to_string(*layout.offset);
  if (layout.in_place) line += " in_place";
  return line + "\n";
}

// "(3, 4)", as NumPy writes it.
std::string shape_text(std::span<const std::size_t> shape) {
  std::string text;
  for (const std::size_t extent : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(extent);
  }
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t bytes_of(const std::string& code) {
  const std::size_t digit = code.find_first_of("0123456789");
  return digit == code.npos ? 1 : std::strtoul(code.c_str() + digit, nullptr, 10) % 1024;
}

std::size_t prologue_of(const std::string& message) {
  return prologue_length(message).value_or(message.size());
}

// A line that says so, without what control characters could do to a report.
Answer unsupported(const std::string& message) {
  std::string line = message.substr(0, message.size() - 1);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  if (line.starts_with("unsupported")) {
    return {.supported = false, .reason = line.size() > 12 ? line.substr(12) : "", .out = {}};
  }
  if (line.starts_with("error ")) throw TargetFailure("said: " + line.substr(6, 200));
  throw TargetFailure("answered '" + line.substr(0, 80) +
                      "', expected an array, or 'unsupported' or 'error' with a reason");
}

// Of an array of that type; nothing where the message is a line.
std::optional<data::NpyHeader> answered_header(const std::string& message, Number number) {
  if (message[0] != kMagic[0]) return {};
  data::NpyHeader header = header_of(message, prologue_of(message));
  const NumberType* type = type_named(header.code);
  if (type == nullptr || type->number != number) {
    throw TargetFailure("answered an array of type " + header.code + ", expected " +
                        std::string(type_of(number).npy));
  }
  return header;
}

Answer answered(const std::string& message, Number number) {
  return {.supported = true,
          .reason = {},
          .out = from_bytes(number, std::span(message).subspan(prologue_of(message)))};
}

}  // namespace

std::string array_message(Number number, std::span<const double> x) {
  return shaped_message(number, {x.size()}, x);
}
std::string array_message(Number number, const Matrix& in) {
  return shaped_message(number, {in.shape.begin(), in.shape.end()}, in.values);
}

std::string question_message(const Question& question, std::span<const double> x,
                             const Layout& layout) {
  return question_line(question, layout) + array_message(question.number, x);
}
std::string question_message(const Question& question, const Matrix& in, const Layout& layout) {
  return question_line(question, layout) + array_message(question.number, in);
}

std::optional<std::size_t> message_length(const std::string& received, std::size_t size) {
  if (received.empty()) return {};
  if (received[0] != kMagic[0]) {
    const std::size_t end = received.find('\n');
    if (end == received.npos && received.size() > kLongest) throw neither();
    return end == received.npos ? std::nullopt : std::optional(end + 1);
  }
  const auto prologue = prologue_length(received);
  if (!prologue) return {};
  const data::NpyHeader header = header_of(received, *prologue);
  if (count_of(header) > 2 * size + 64) throw wrong_count(count_of(header), size);
  const std::size_t length = *prologue + count_of(header) * bytes_of(header.code);
  return received.size() < length ? std::nullopt : std::optional(length);
}

Answer parse_answer(const std::string& message, Number number, std::size_t size) {
  const auto header = answered_header(message, number);
  if (!header) return unsupported(message);
  if (count_of(*header) != size) throw wrong_count(count_of(*header), size);
  return answered(message, number);
}

Answer parse_answer(const std::string& message, Number number,
                    const std::array<std::size_t, 2>& shape) {
  const auto header = answered_header(message, number);
  if (!header) return unsupported(message);
  if (!std::equal(shape.begin(), shape.end(), header->shape.begin(), header->shape.end())) {
    throw TargetFailure("answered an array of shape " + shape_text(header->shape) + ", expected " +
                        shape_text(shape));
  }
  return answered(message, number);
}

Array parse_array(const std::string& message) {
  const auto prologue = prologue_length(message);
  if (!prologue) throw Error("expected an array in .npy format after the question");
  const data::NpyHeader header = header_of(message, *prologue);
  const NumberType* type = type_named(header.code);
  if (type == nullptr) throw Error("no number format has the type " + header.code);
  return {type->number, header.shape,
          from_bytes(type->number, std::span(message).subspan(*prologue))};
}

}  // namespace gradkeep::kit
