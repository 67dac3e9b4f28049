// Gradient confusion: the cosine between the gradients of two examples' own losses, by all weights
// and biases of a layer or, as layer 0, of the network; the smallest over all pairs of the batch, and
// as gradient_confusion_mean their mean. Below 0, what helps one example harms another; where even the
// smallest is not far below 0, steps on single examples do not undo each other (Sankararaman et al.
// 2020). Examples without a gradient have no angle.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "probe/grams.h"
#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe gradient_confusion() {
  return {.name = "gradient_confusion",
          .title = "smallest and mean cosine between the gradients of two examples",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                each_gram(snapshot, [&](int layer, const Table& products) {
                  double smallest = kInfinity, sum = 0;
                  int pairs = 0;
                  for (int i = 0; i < products.rows; ++i)
                    for (int j = 0; j < i; ++j) {
                      const double norms =
                          std::sqrt(products.row(i)[i]) * std::sqrt(products.row(j)[j]);
                      if (norms == 0) continue;
                      const double cosine = products.row(i)[j] / norms;
                      smallest = std::min(smallest, cosine);
                      sum += cosine;
                      ++pairs;
                    }
                  if (pairs == 0) return;
                  sink.add(layer, smallest);
                  sink.add(layer, sum / pairs, "mean");
                });
              },
          .costly = true,
          .whole = true};
}

}  // namespace gradkeep::probe::quantity
