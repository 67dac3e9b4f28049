// A mutant: a kernel with one bug, or one that does unusual things and is right. It is written once, as a
// generic lambda, and runs over float and double; 16-bit arrays go through float.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/gradkeep.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "tests/kit/mutants/forms.h"
#include "tests/kit/mutants/storage.h"

namespace mutants {

// What is asked, the orders of gradkeep.h first.
enum What {
  kValue,
  kSlope,
  kCurvature,
  kSlopeFromOutput,
  kCurvatureFromOutput,
  kParameterSlope,
};

// One call: an array, and what to do with it.
template <class T>
struct Call {
  const Form& form;
  const double* p;  // the function's parameters
  What what;
  std::int32_t type;  // GRADKEEP_F32 ...
  const T* x;         // y for what is asked from the output
  T* out;
  std::size_t n;

  Real in_real(Real v, What asked) const {
    switch (asked) {
      case kParameterSlope:
        return form.parameter_slope(v, p);
      case kSlopeFromOutput:
        return form.from_output(v, p).dy;
      case kCurvatureFromOutput:
        return form.from_output(v, p).d2y;
      default:
        break;
    }
    const Jet<Real> jet = form.in_real(v, p);
    return asked == kValue ? jet.y : asked == kSlope ? jet.dy : jet.d2y;
  }
  // What a right kernel answers.
  T right(T v) const { return static_cast<T>(in_real(v, what)); }
  T right(T v, What asked) const { return static_cast<T>(in_real(v, asked)); }

  // A number as it is when it has been stored in an array of the type.
  T stored(T v) const {
    if (type == GRADKEEP_F16) return static_cast<T>(kFloat16.rounded(static_cast<float>(v)));
    if (type == GRADKEEP_BF16) return static_cast<T>(kBFloat16.rounded(static_cast<float>(v)));
    return v;
  }
};

// What a kernel does not offer comes back as false.
struct Kernel {
  bool (*f32)(const Call<float>&);
  bool (*f64)(const Call<double>&);
};

// f(call) does all of it.
template <class F>
Kernel whole(F) {
  const auto run = [](const auto& call) {
    if constexpr (std::is_same_v<decltype(F{}(call)), bool>) {
      return F{}(call);
    } else {
      F{}(call);
      return true;
    }
  };
  return {run, run};
}

// f(call, x) answers for one element at a time.
template <class F>
Kernel each(F) {
  return whole([](const auto& call) {
    for (std::size_t i = 0; i < call.n; ++i) {
      using T = std::remove_reference_t<decltype(call.out[i])>;
      call.out[i] = static_cast<T>(F{}(call, call.x[i]));
    }
  });
}

// f(x) or f(x, p) is wrong for one thing asked, and the others are right.
template <What what, class F>
Kernel only(F) {
  return each([](const auto& call, auto x) -> decltype(x) {
    if (call.what != what) return call.right(x);
    if constexpr (std::is_invocable_v<F, decltype(x), const double*>) {
      return static_cast<decltype(x)>(F{}(x, call.p));
    } else {
      return static_cast<decltype(x)>(F{}(x));
    }
  });
}
template <class F>
Kernel value(F f) {
  return only<kValue>(f);
}
template <class F>
Kernel slope(F f) {
  return only<kSlope>(f);
}
template <class F>
Kernel curvature(F f) {
  return only<kCurvature>(f);
}

enum Verdict { bug, fine };

struct Mutant {
  Verdict verdict;
  const char* name;
  const char*
      functions;     // that it concerns, as the kit is asked for them; it answers right for others
  const char* what;  // it does, in a line
  Kernel kernel;
};

std::span<const Mutant> mutants();

}  // namespace mutants
