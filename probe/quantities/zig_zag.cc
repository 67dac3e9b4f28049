// Zig-zag index: the mean cosine between an update of the weights and the next, over the steps since
// the look before. 1: the weights go straight ahead; 0: each step is at right angles to the last; below
// 0 they turn back, as they do between the walls of a narrow valley. Layer 0 is all weights together.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>

#include "probe/probe.h"

namespace gradkeep::probe::quantity {

Probe zig_zag() {
  return {.name = "zig_zag",
          .title = "mean cosine between an update of the weights and the next",
          .when = every_sample,
          .measure =
              [](const Snapshot& snapshot, Sink& sink) {
                const auto &now = snapshot.walks, &before = snapshot.previous_walks;
                for (std::size_t i = 0; i < now.size(); ++i) {
                  const nn::Walk past = before.empty() ? nn::Walk{} : before[i];
                  const double mean = (now[i].cosines - past.cosines) / (now[i].turns - past.turns);
                  if (std::isfinite(mean))
                    sink.add(i + 1 < now.size() ? snapshot.layers[i].number : 0, mean);
                }
              },
          .costly = true,
          .walks = true};
}

}  // namespace gradkeep::probe::quantity
