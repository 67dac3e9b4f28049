// Where arrays begin and end: every length up to three vectors and every offset gives the bits of one
// element alone, and nothing outside the spans is touched.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>
#include <gradkeep/rows.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/core/guarded.h"

namespace gradkeep {
namespace {

// Of the widest target.
template <class T>
constexpr std::size_t kLanes = 64 / sizeof(T);
template <class T>
constexpr std::size_t kMost = 3 * kLanes<T>;

// A bit of everything: both sides of every kink, tails, both zeros, infinities, NaN.
template <class T>
std::vector<T> inputs(std::size_t n) {
  const double some[] = {0.3,  -0.7,  2.5,       -3.1,       -0.0, 1.0,  -1.0, 17.0,
                         20.0, -20.0, kInfinity, -kInfinity, NAN,  -95., 1e-9, 6.0};
  std::vector<T> x(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t round = i / 16;
    x[i] = static_cast<T>(some[i % 16] * (1 + 0.01 * static_cast<double>(round)));
  }
  return x;
}

template <class T>
bool same(T a, T b) {
  // Which NaN it is, nothing promises.
  return std::memcmp(&a, &b, sizeof(T)) == 0 ||
         (std::isnan(static_cast<double>(a)) && std::isnan(static_cast<double>(b)));
}

// One way to call a function: a map from x to one output.
template <class T>
struct Way {
  std::string name;
  void (*call)(const Activation& f, std::span<const T> x, std::span<T> out);
  bool slow = false;
};

template <class T>
std::vector<Way<T>> ways(const Activation& f) {
  using In = std::span<const T>;
  using Out = std::span<T>;
  std::vector<Way<T>> all = {
      {"value", [](const Activation& a, In x, Out y) { a.value(x, y); }},
      {"slope", [](const Activation& a, In x, Out y) { a.slope(x, y); }},
      {"curvature", [](const Activation& a, In x, Out y) { a.curvature(x, y); }},
      {"backward", [](const Activation& a, In x, Out y) { a.backward(x, x, y); }},
      {"exact value", [](const Activation& a, In x, Out y) { a.value(x, y, Tier::exact); }, true},
      {"exact slope", [](const Activation& a, In x, Out y) { a.slope(x, y, Tier::exact); }, true},
      {"exact curvature", [](const Activation& a, In x, Out y) { a.curvature(x, y, Tier::exact); },
       true},
  };
  if (f.has_output_form()) {
    all.push_back({"slope from the output",
                   [](const Activation& a, In x, Out y) { a.slope_from_output(x, y); }});
    all.push_back({"curvature from the output",
                   [](const Activation& a, In x, Out y) { a.curvature_from_output(x, y); }});
  }
  if (!f.parameters().empty()) {
    all.push_back({"slope of the first parameter",
                   [](const Activation& a, In x, Out y) { a.parameter_slope(0, x, y); }});
  }
  return all;
}

template <class T>
class Edges : public testing::Test {};
using Types = testing::Types<float, double, Float16, BFloat16>;
TYPED_TEST_SUITE(Edges, Types);

TYPED_TEST(Edges, EveryLengthAndOffsetGivesTheBitsOfOneElementAlone) {
  using T = TypeParam;
  const std::vector<T> x = inputs<T>(kMost<T> + kLanes<T>);
  for (const std::string& name : names()) {
    const Activation f(name);
    for (const Way<T>& way : ways<T>(f)) {
      std::vector<T> alone(x.size()), out(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        way.call(f, std::span(x).subspan(i, 1), std::span(alone).subspan(i, 1));
      }
      std::size_t wrong = 0;
      for (std::size_t offset = 0; offset < kLanes<T>; offset += way.slow ? 5 : 1) {
        for (std::size_t n = 0; n <= kMost<T>; n += way.slow && n > 3 ? 4 : 1) {
          std::memset(static_cast<void*>(out.data()), 0x5a, out.size() * sizeof(T));
          const T sentinel = out[0];
          way.call(f, std::span(x).subspan(offset, n), std::span(out).subspan(offset, n));
          for (std::size_t i = 0; i < x.size(); ++i) {
            const bool inside = i >= offset && i < offset + n;
            wrong += !same(out[i], inside ? alone[i] : sentinel);
          }
        }
      }
      EXPECT_EQ(wrong, 0u) << name << ", " << way.name;
    }
  }
}

TYPED_TEST(Edges, NothingOutsideTheSpansIsTouched) {
  using T = TypeParam;
  const Guarded in, out, second;
  const std::vector<T> x = inputs<T>(kMost<T>);
  for (const std::string& name : names()) {
    const Activation f(name);
    for (const Way<T>& way : ways<T>(f)) {
      for (std::size_t n = 0; n <= kMost<T>; n += way.slow && n > 3 ? 7 : 1) {
        std::copy(x.begin(), x.begin() + n, in.last<T>(n).begin());
        way.call(f, in.last<T>(n), out.last<T>(n));
        std::copy(x.begin(), x.begin() + n, in.first<T>(n).begin());
        way.call(f, in.first<T>(n), out.first<T>(n));
      }
    }
    for (std::size_t n = 0; n <= kMost<T>; ++n) {
      std::copy(x.begin(), x.begin() + n, in.last<T>(n).begin());
      f.value_and_slope<T>(in.last<T>(n), out.last<T>(n), second.last<T>(n));
      std::copy(x.begin(), x.begin() + n, in.first<T>(n).begin());
      f.value_and_slope<T>(in.first<T>(n), out.first<T>(n), second.first<T>(n));
    }
  }
}

TYPED_TEST(Edges, RowsTouchNothingOutsideThemselves) {
  using T = TypeParam;
  const Guarded in, out, second;
  for (const std::string& name : row_function_names()) {
    const RowFunction f = row_function(name);
    for (std::size_t n = 0; n <= 70; ++n) {
      for (const bool at_end : {false, true}) {
        const auto part = [&](const Guarded& g) {
          return at_end ? g.last<T>(3 * n) : g.first<T>(3 * n);
        };
        std::fill(part(in).begin(), part(in).end(), T(1.0f));
        for (const int axis : {0, 1}) {
          const std::array<std::size_t, 2> shape =
              axis == 1 ? std::array<std::size_t, 2>{3, n} : std::array<std::size_t, 2>{n, 3};
          const Strided<const T> x(part(in).data(), shape);
          const Strided<T> y(part(out).data(), shape), dx(part(second).data(), shape);
          rowwise(f, x, y, axis);
          rowwise_backward<T>(f, y, x, dx, axis);
        }
      }
    }
  }
}

}  // namespace
}  // namespace gradkeep
