// The distribution of d = phi'(sqrt(q) z)^2 itself, which is the spectrum of one layer with orthogonal
// weights: what lies below any value, by inverting d on each stretch where it rises or falls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "flow/slopes.h"
#include "flow/spectrum.h"

namespace gradkeep::flow {

// In units of E d, atoms apart. Keeps a reference to the law.
class SlopeShares {
 public:
  explicit SlopeShares(const SlopeLaw& law);
  Below below(double log_d) const;

 private:
  struct Stretch {
    Panel panel;
    double at_low, at_high;  // ln d at its ends
    Below whole;
  };
  Below integral(const Panel& panel) const;

  const SlopeLaw& law_;
  double mass_ = 1;  // of the inputs looked at
  std::vector<Stretch> stretches_;
};

}  // namespace gradkeep::flow
