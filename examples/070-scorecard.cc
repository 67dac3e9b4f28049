// A scorecard: logistic regression for people who count in points. Training finds the log-odds of
// being a good payer as a sum over what is known of an applicant; points = offset + factor * log-odds
// puts them on a scale where 20 points more double the odds and 600 points stand for 50 : 1. Every
// number of points is a probability, and the other way round.
//
// The data are the 1,000 applicants of Statlog (German Credit Data), Hans Hofmann (1994), UCI Machine
// Learning Repository, https://doi.org/10.24432/C5NC77, CC BY 4.0, counted by two of their
// characteristics; levels named as corrected by U. Groemping, https://doi.org/10.24432/C5QG88.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace {

constexpr std::array kTerm = {"any applicant",         "account below 0 DM",
                              "account 0 to 200 DM",   "account 200 DM and more",
                              "runs for 13-24 months", "runs for 25 months or more"};

// A group of applicants: which terms apply, besides the first, and how many paid well and badly.
// Without a checking account and with a credit of up to 12 months, only the first does.
struct Group {
  int account, months;  // 0, or the number of a term
  double good, bad;
};
constexpr std::array<Group, 12> kGroups = {{
    {0, 0, 59, 33},
    {0, 4, 58, 60},
    {0, 5, 22, 42},
    {1, 0, 64, 27},
    {1, 4, 64, 34},
    {1, 5, 36, 44},
    {2, 0, 25, 5},
    {2, 4, 17, 7},
    {2, 5, 7, 2},
    {3, 0, 135, 11},
    {3, 4, 150, 21},
    {3, 5, 63, 14},
}};

using Weights = std::array<double, kTerm.size()>;

bool applies(const Group& g, int term) {
  return term == 0 || g.account == term || g.months == term;
}

double log_odds(const Weights& w, const Group& g) {
  double sum = 0;
  for (int k = 0; k < static_cast<int>(w.size()); ++k) sum += applies(g, k) ? w[k] : 0;
  return sum;
}

// Newton's method, one weight at a time: the cross-entropy's first derivative is the number of
// payers expected less the number seen, its second the sum of the sigmoid's slopes.
Weights train(const gradkeep::Activation& sigmoid) {
  Weights w{};
  for (int sweep = 0; sweep < 200; ++sweep) {
    for (int k = 0; k < static_cast<int>(w.size()); ++k) {
      double first = 0, second = 0;
      for (const Group& g : kGroups) {
        if (!applies(g, k)) continue;
        const double z = log_odds(w, g), n = g.good + g.bad;
        first += n * sigmoid(z) - g.good;
        second += n * sigmoid(z, 1);
      }
      w[k] -= first / second;
    }
  }
  return w;
}

}  // namespace

int main() {
  const double factor = 20 / std::log(2.0), offset = 600 - factor * std::log(50.0);
  std::printf("factor %.4f, offset %.4f\n", factor, offset);

  const gradkeep::Activation sigmoid("sigmoid");
  const Weights w = train(sigmoid);
  for (std::size_t k = 0; k < w.size(); ++k) {
    std::printf("%+5.0f  %s\n", factor * w[k] + (k == 0 ? offset : 0), kTerm[k]);
  }

  const Group applicant = {3, 4, 0, 0};
  const double z = log_odds(w, applicant);
  std::printf("200 DM on the account, 24 months: %.0f points, odds %.1f : 1, probability %.3f\n",
              offset + factor * z, std::exp(z), sigmoid(z));

  // What has values outside (0, 1) has no odds there, hence no points.
  const gradkeep::Activation improved("improved_sigmoid");
  std::printf("improved_sigmoid(-2) = %.3f: no probability, so it cannot be a scorecard\n",
              improved(-2));
}

// Output:
// factor 28.8539, offset 487.1229
//  +501  any applicant
//   +14  account below 0 DM
//   +33  account 0 to 200 DM
//   +58  account 200 DM and more
//   -14  runs for 13-24 months
//   -31  runs for 25 months or more
// 200 DM on the account, 24 months: 545 points, odds 7.6 : 1, probability 0.883
// improved_sigmoid(-2) = -0.182: no probability, so it cannot be a scorecard
