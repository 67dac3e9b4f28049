// The phase diagram against the fixed points that it is made of, found one by one.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/phase.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gradkeep {
namespace {

// The destination of an input of variance 1 among all fixed points.
const FixedPoint* same(const std::vector<FixedPoint>& all, const PhasePoint& p) {
  for (const FixedPoint& f : all) {
    const bool place = f.q == p.q || std::isnan(f.q) || std::abs(f.q - p.q) <= 1e-9 * p.q;
    if (f.status == p.status && place) return &f;
  }
  return nullptr;
}

TEST(PhaseDiagram, AgreesWithFixedPointsFoundOneByOne) {
  const std::vector<double> weights{0.6, 1, 1.31, 1.9, 3.7}, biases{0, 0.03, 0.7, 1.9};
  for (const char* name : {"tanh", "sigmoid", "relu", "gelu", "hard_tanh", "elu", "relu6", "step",
                           "sine", "exponential", "hard_shrink", "thresholded_relu", "isrlu"}) {
    const MeanField field{Activation(name)};
    const PhaseDiagram d = phase_diagram(field, weights, biases);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t j = 0; j < biases.size(); ++j) {
        const PhasePoint& p = d.at(i, j);
        const auto all = field.fixed_points({weights[i], biases[j]});
        const FixedPoint* f = same(all, p);
        ASSERT_TRUE(f) << name << " at " << weights[i] << ", " << biases[j] << ": q " << p.q << " "
                       << text(p.status);
        EXPECT_TRUE(f->attracting);
        if (p.status != FixedPointStatus::stable) continue;
        if (std::isfinite(f->chi_1)) {
          EXPECT_NEAR(p.chi_1 / f->chi_1, 1, 1e-12) << name;
        }
        EXPECT_NEAR(p.xi_c / f->xi_c, 1, 1e-6) << name << weights[i] << " " << biases[j];
      }
    }
  }
}

TEST(PhaseDiagram, TellsTheStatusesApart) {
  const std::vector<double> weights{0.9, 1, std::numbers::sqrt2, 2}, none{0}, some{0.1};
  const auto status = [&](const char* name, const std::vector<double>& biases, std::size_t i) {
    return phase_diagram(MeanField(Activation(name)), weights, biases).at(i, 0).status;
  };
  EXPECT_EQ(status("tanh", none, 0), FixedPointStatus::zero);
  EXPECT_EQ(status("tanh", none, 1), FixedPointStatus::marginal);
  EXPECT_EQ(status("relu", none, 2), FixedPointStatus::whole_line);
  EXPECT_EQ(status("relu", some, 2), FixedPointStatus::diverging);
  EXPECT_EQ(status("relu", some, 1), FixedPointStatus::stable);
  EXPECT_EQ(status("gelu", some, 3), FixedPointStatus::diverging);
}

TEST(PhaseDiagram, RefusesWhatIsNoScale) {
  const MeanField tanh{Activation("tanh")};
  const std::vector<double> fine{1}, wrong{-1};
  EXPECT_THROW(phase_diagram(tanh, wrong, fine), Error);
  EXPECT_THROW(phase_diagram(tanh, fine, wrong), Error);
  EXPECT_THROW(phase_diagram(tanh, fine, fine, 0), Error);
}

}  // namespace
}  // namespace gradkeep
