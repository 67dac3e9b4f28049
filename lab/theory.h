// What mean-field theory says of a run before its first step, in the probes' own quantities, so that
// a prediction can stand beside every measurement. Theory knows the layers but neither the data nor
// the loss: it starts from what the probes measured at the two ends, size and likeness of the first
// hidden layer's pre-activations and the gradient of the last's, and says the rest. Examples that
// start at different sizes are followed apart, since small signals may die out where large ones grow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/prediction.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/store.h"

namespace gradkeep::lab {

struct Expected {
  struct Layer {
    double square = 0;      // E h^2 of the pre-activations
    double similarity = 0;  // of two examples, as the probe of that name measures it
    double gain = 0;  // of the gradient's norm on its way from the next hidden layer; last: NaN
    // Of one example's dL/dh: the median over networks of this width, and the range that holds 95 % of
    // them. A mean over many examples scatters less.
    double gradient_rms = 0, low = 0, high = 0;
    double saturated = 0;  // share of pre-activations
  };
  std::vector<Layer> layers;  // hidden ones
  WeightScale scale;          // what the initialiser comes to
  double gain = 0;            // geometric mean over the layers
  // For the gradients that training computes, those of the mini-batch's mean loss.
  std::vector<FormatLoss> formats;  // none where the last gradient was not measured
  std::string none;                 // why there is no prediction; "" where there is one
};

// Keeps each activation's averages and recommended scales, which take longer than all else.
class Theory {
 public:
  // `run` with its measures: h_square, without which nothing is predicted, similarity (else inputs
  // are taken as unrelated) and gradient_rms, without which gains are predicted and no gradients.
  Expected of(const Run& run);
  // Of the hidden layers' activation with its shift, around a constant bias.
  const MeanField& field_of(const RunSpec& spec);

 private:
  WeightScale recommended(const RunSpec& spec);
  std::optional<WeightScale> scale_of(const RunSpec& spec);

  std::map<std::string, MeanField> fields_;
  std::map<std::string, WeightScale> recommended_;
};

}  // namespace gradkeep::lab
