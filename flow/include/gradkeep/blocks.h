// What changes when layers are more than weights and an activation: normalisation, dropout, weights whose
// mean is not 0, and the output's softmax. Wide networks, as in mean_field.h. Growth is always of the
// SQUARED gradient norm on its way back through one layer. Whole networks of such layers, and with skips,
// are followed by propagate() of gradkeep/prediction.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/mean_field.h>

#include <vector>

namespace gradkeep {

// Batch normalisation of the pre-activations over a large batch, with scale gamma and shift beta:
// gamma^2 E phi'^2 / Var phi over gamma z + beta, whatever the weights. Never below 1, and 1 for straight
// lines only: pi / (pi - 1) = 1.467 for relu (Yang et al. 2019, arXiv:1902.08129). Of a finite batch B a
// straight line has (B - 2) / (B - 3). Throws Error unless gamma is finite and above 0.
double batch_norm_growth(const Nonlinearity& phi, double gamma = 1, double beta = 0);

// Layer normalisation over a wide layer's pre-activations: gamma^2 E phi'^2 / (E phi^2 + bias_std^2 /
// weight_std^2) over gamma z. 1 for relu without biases. There is no mean to remove for weights of mean
// 0, and phi's own stays: 0.153 for the logistic sigmoid. Throws Error unless weight_std > 0.
double layer_norm_growth(const Nonlinearity& phi, const WeightScale& scale, double gamma = 1);
// The same over the activations, from which it takes phi's mean: weight_std^2 E phi'^2 / Var phi at
// q = weight_std^2 + bias_std^2.
double layer_norm_after_growth(const Nonlinearity& phi, const WeightScale& scale);

// Dropout of activations, each kept with probability `keep` and divided by it: every fixed point of the
// length map, with the correlation at which two passes over the SAME input settle. It is below 1
// wherever anything is dropped: dropout takes the critical line away (Schoenholz et al. 2017).
// Throws Error unless 0 < keep <= 1.
struct DropoutFixedPoint {
  double q = 0;
  FixedPointStatus status = FixedPointStatus::stable;
  double chi_1 = 0;   // weight_std^2 E phi'^2 / keep
  double c_star = 1;  // of two passes; NaN where diverging, zero or the whole line
};
std::vector<DropoutFixedPoint> dropout_fixed_points(const MeanField& field,
                                                    const WeightScale& scale, double keep);

// Weights of mean weight_mean / fan-in: pre-activations have a mean of their own,
// m' = weight_mean E phi(m + sqrt(q) z), which can have two stable values where weight_mean max|phi'| > 1.
struct ShiftedLayer {
  double mean = 0, q = 0;
  double chi_1 = 0;  // weight_std^2 E phi'^2: of the part of the gradient that is not its mean
};
// From pre-activations of that mean and variance in the first layer.
std::vector<ShiftedLayer> shifted_layers(const Nonlinearity& phi, int layers,
                                         const WeightScale& scale, double weight_mean, double mean,
                                         double q);

// The loss and the gradient's squared norm with which training begins, logits being N(0, logit_std^2).
struct OutputStart {
  double loss = 0;
  double gradient_square = 0;  // E ||p - y||^2
};
// Softmax and cross-entropy over `classes` equally likely classes, to second order in logit_std.
// Throws Error for fewer than 2 classes.
OutputStart softmax_start(int classes, double logit_std);
// A sigmoid and binary cross-entropy: exact. ln 2 at logit_std = 0, 0.806 at 1.
OutputStart sigmoid_start(double logit_std);

}  // namespace gradkeep
