// In which unit an error counts where a function's addends cancel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "check/accuracy.h"
#include "kit/number.h"
#include "kit/target.h"

namespace gradkeep::kit {

// Where addends cancel around a zero, the definition's own claims say in which unit an error counts. A
// zero moves with the parameters, hence the wider intervals.
class Units {
 public:
  Units(const Activation& f, Quantity what, Number number) {
    if (what.kind == Quantity::parameter_slope) return;
    for (const Claim& claim : f.claims()) {
      const bool here = claim.order == what.order() && claim.scale > 0 && claim.type == Type::f64;
      if (!here) continue;
      const double low = claim.low * (claim.low < 0 ? 1.25 : 0.8);
      const double high = claim.high * (claim.high < 0 ? 0.8 : 1.25);
      bands_.push_back({low, high, check::ulp(claim.scale, type_of(number).format)});
    }
  }
  // 0: the result's own.
  double at(double x) const {
    for (const check::Band& band : bands_) {
      if (band.low <= x && x <= band.high) return band.scale;
    }
    return 0;
  }

 private:
  std::vector<check::Band> bands_;
};

}  // namespace gradkeep::kit
