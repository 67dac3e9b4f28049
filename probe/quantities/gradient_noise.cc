// Gradient noise: the simple noise scale tr(Sigma) / |G|^2, the variance of one example's gradient
// over the squared length of the gradient that all share. It is about the size of batch beyond which
// larger ones hardly help: much smaller batches see mostly noise, much larger ones are mostly repetition
// (McCandlish et al. 2018). Both parts are free of bias for the batch of n that they come from:
//   tr(Sigma) = (sum |g_i|^2 - |sum g_i|^2 / n) / (n - 1),
//   |G|^2     = the mean of <g_i, g_j> over all pairs.
// Nothing where the latter is not above 0: then the noise is more than the batch can tell.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include "probe/grams.h"
#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe gradient_noise() {
  return {.name = "gradient_noise",
          .title = "variance of an example's gradient over the squared mean gradient",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                each_gram(snapshot, [&](int layer, const Table& products) {
                  const double n = products.rows;
                  const double all =
                      std::accumulate(products.values.begin(), products.values.end(), 0.0);
                  double squares = 0;
                  for (int i = 0; i < products.rows; ++i) squares += products.row(i)[i];
                  const double variance = (squares - all / n) / (n - 1);
                  const double noise = variance / ((all - squares) / (n * (n - 1)));
                  if (all > squares && std::isfinite(noise)) sink.add(layer, noise);
                });
              },
          .costly = true};
}

}  // namespace gradkeep::probe::quantity
