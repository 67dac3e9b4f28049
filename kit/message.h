// What a conversation with a target consists of: a line of text and an array in the .npy format there,
// an array or a line back. See kit/target.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "kit/target.h"

namespace gradkeep::kit {

// The line may end with how a shared object shall lay out its arrays: " offset=3 in_place".
std::string question_message(const Question& question, std::span<const double> x,
                             const Layout& layout);
std::string question_message(const Question& question, const Matrix& in, const Layout& layout);
std::string array_message(Number number, std::span<const double> x);
std::string array_message(Number number, const Matrix& in);

// The length of the first message in `received`: a line, or an array. Throws TargetFailure if it cannot
// be either, or is an array of more than twice the `size` numbers that are expected, which is not waited for.
std::optional<std::size_t> message_length(const std::string& received, std::size_t size);

// Throws TargetFailure for what is neither a line nor an array of that type and length, or shape.
Answer parse_answer(const std::string& message, Number number, std::size_t size);
Answer parse_answer(const std::string& message, Number number,
                    const std::array<std::size_t, 2>& shape);

// An array as it comes, for the side that is asked. Throws Error.
struct Array {
  Number number;
  std::vector<std::size_t> shape;
  std::vector<double> values;
};
Array parse_array(const std::string& message);

}  // namespace gradkeep::kit
