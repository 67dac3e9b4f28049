// Training in 16 bits, as it is practised (Micikevicius and others 2018). The parameters that the
// optimiser changes, its moments and the statistics of normalisation stay in float32. All that a
// pass stores is rounded to the format, to nearest even, with the format's subnormals and its
// infinity: copies of weights, biases, gamma and beta; inputs, pre-activations, outputs and slopes;
// and every derivative of the loss, up to those of the parameters. A product is summed in float32
// and rounded once, its bias included. Numbers are kept in floats, whose remaining bits are zero.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace gradkeep::nn {

enum class NumberFormat { own, bf16, f16 };  // own: that of T, nothing is rounded

void round_each(NumberFormat format, std::span<float> values);

// Asked for in the middle of passes; a network of double has no format but its own.
inline void round_to(NumberFormat format, std::span<float> values) {
  if (format != NumberFormat::own) round_each(format, values);
}
inline void round_to(NumberFormat, std::span<double>) {}

}  // namespace gradkeep::nn
