// A shared library with the functions of rows and the gated ones of gradkeep.h, right but for one bug, which the
// environment variable MUTANT names. The bugs stand where people make them, each behind has("its name"); the table
// at the end says what they are, and which variants look odd and are right. float and double only, computed in
// long double.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gradkeep/gradkeep.h>

struct gradkeep_activation {
  std::string name;
};

namespace {

using Real = long double;
using Row = std::vector<Real>;

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

bool has(std::string_view bug) {
  const char* name = std::getenv("MUTANT");
  return name != nullptr && bug == name;
}

// How rows lie in an array of two axes.
struct Walk {
  std::size_t rows, step, next;  // between elements of a row, and between rows
  Walk(const gradkeep_array& a, std::int32_t axis)
      : rows(a.shape[1 - axis]),
        step(axis == 1 ? 1 : a.shape[1]),
        next(axis == 1 ? a.shape[1] : 1) {
    if (has("last_axis_always")) step = 1, next = rows == a.shape[0] ? a.shape[1] : a.shape[0];
  }
};

template <class T>
Row read(const gradkeep_array& a, std::int32_t axis, std::size_t r) {
  const Walk walk(a, axis);
  Row row(a.shape[axis]);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<const T*>(a.data)[r * walk.next + i * walk.step];
  }
  return row;
}
template <class T>
void write(const Row& row, const gradkeep_array& a, std::int32_t axis, std::size_t r) {
  const Walk walk(a, axis);
  for (std::size_t i = 0; i < row.size(); ++i) {
    static_cast<T*>(a.data)[r * walk.next + i * walk.step] = static_cast<T>(row[i]);
  }
}

// The state of a call: what some bugs carry from row to row.
struct State {
  Real most = -kInfinity, dot = 0;
  std::size_t row = 0;
};

Real largest(const Row& x, State& state) {
  if (has("no_max")) return 0;
  std::size_t end = x.size();
  if (has("max_without_rest") && end > 8) end -= end % 8;
  Real most = has("max_from_zero") ? 0 : has("max_of_rows_before") ? state.most : -kInfinity;
  bool nan = false;
  for (std::size_t i = 0; i < end; ++i) {
    nan = nan || std::isnan(x[i]);
    if (x[i] > most) most = x[i];
  }
  state.most = most;
  return nan && !has("nan_eaten") ? std::numeric_limits<Real>::quiet_NaN() : most;
}

template <class T>
Real sum_of(const Row& e, Real top) {
  const std::size_t n = e.size(), rest = n % 8;
  Row terms = e;
  if (has("rest_lost") && n > 8) terms.resize(n - rest);
  if (has("rest_padded") && rest > 0) terms.insert(terms.end(), 8 - rest, std::exp(-top));
  if (has("sum_backwards")) std::reverse(terms.begin(), terms.end());
  if (has("sum_in_float")) {
    float sum = 0;
    for (const Real v : terms) sum += static_cast<float>(v);
    return sum;
  }
  if (has("sum_rounds_addends")) {
    T sum = 0;
    for (const Real v : terms) sum += static_cast<T>(v) * T(0.1F);
    return static_cast<Real>(sum) * 10;
  }
  return std::accumulate(terms.begin(), terms.end(), Real(0));
}

template <class T>
Row softmax(const Row& x, State& state) {
  const Real most = largest(x, state);
  Row y(x.size());
  if (has("infinity_takes_all") && most == kInfinity) {
    std::transform(x.begin(), x.end(), y.begin(), [](Real v) { return v == kInfinity ? 1 : 0; });
    return y;
  }
  if (has("nothing_for_masked_rows") && most == -kInfinity) return y;
  if (has("one_is_itself") && x.size() == 1) return x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = std::exp(x[i] - most);
    if (has("exponential_of_float"))
      y[i] = std::exp(static_cast<float>(x[i]) - static_cast<float>(most));
    if (has("subnormals_lost") && y[i] < std::numeric_limits<T>::min()) y[i] = 0;
    if (has("cut_at_twenty") && x[i] - most < -20) y[i] = 0;
    if (has("nan_eaten") && std::isnan(y[i])) y[i] = 0;
  }
  const Real sum = sum_of<T>(y, most);
  const Real inverse =
      has("short_inverse") ? std::ldexp(std::rint(std::ldexp(1 / sum, 16)), -16) : 1 / sum;
  for (Real& v : y) v = has("epsilon_below") ? v / (sum + 1e-6L) : v * inverse;
  return y;
}

// Running largest and sum, as kernels that read a row once have them.
Row online_softmax(const Row& x) {
  Real most = -kInfinity, sum = 0;
  for (const Real v : x) {
    const Real top = std::max(most, v);
    sum = sum * (top == most ? 1 : std::exp(most - top)) + std::exp(v - top);
    most = top;
    if (std::isnan(v)) sum = v;
  }
  Row y(x.size());
  std::transform(x.begin(), x.end(), y.begin(), [&](Real v) { return std::exp(v - most) / sum; });
  return y;
}

template <class T>
Row log_softmax(const Row& x, State& state) {
  const Real most = largest(x, state);
  const auto first = std::find(x.begin(), x.end(), most) - x.begin();
  Real rest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (static_cast<std::ptrdiff_t>(i) != first) rest += std::exp(x[i] - most);
  }
  const Real tail =
      has("one_in_the_logarithm") ? std::log(1 + static_cast<T>(rest)) : std::log1p(rest);
  Row y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] - most - (std::isnan(most) ? most : tail);
  if (most == kInfinity || most == -kInfinity) y.assign(x.size(), most - most);
  if (has("logarithm_of_softmax")) {
    y = softmax<T>(x, state);
    for (Real& v : y) v = std::log(static_cast<T>(v));
  }
  return y;
}

Row hardmax(const Row& x) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < x.size() && !std::isnan(x[at]); ++i) {
    if (x[i] > x[at] || std::isnan(x[i]) || (has("last_of_ties") && x[i] == x[at])) at = i;
  }
  Row y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = i == at || (has("all_ties") && x[i] == x[at]);
  return y;
}

Row sparsemax(const Row& x, State& state) {
  const Real most = largest(x, state);
  if (!std::isfinite(most)) return Row(x.size(), std::numeric_limits<Real>::quiet_NaN());
  Row z = x;
  for (Real& v : z) v -= most;
  Row sorted = z;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  Real sum = -1, threshold = -1;
  for (std::size_t k = 0; k < sorted.size() && static_cast<Real>(k) * sorted[k] > sum; ++k) {
    sum += sorted[k];
    threshold = sum / static_cast<Real>(k + 1 + (has("support_of_one_more") ? 1 : 0));
  }
  for (Real& v : z) v = std::max(v - threshold, Real(0));
  return z;
}

template <class T>
Row softmax_backward(const Row& y, const Row& dy, Real sign, State& state) {
  const Real origin =
      dy[static_cast<std::size_t>(std::max_element(y.begin(), y.end()) - y.begin())];
  Real sum = 0, dot = 0, plain = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += y[i], dot += y[i] * (dy[i] - origin), plain += dy[i];
  }
  if (has("sum_of_the_first_row") && state.row > 0) dot = state.dot;
  state.dot = dot;
  Row dx(y.size());
  for (std::size_t j = 0; j < y.size(); ++j) {
    dx[j] = sign * y[j] * ((dy[j] - origin) * sum - dot);
    if (has("no_sum_term")) dx[j] = sign * y[j] * dy[j];
    if (has("mean_for_sum")) dx[j] = y[j] * (dy[j] - plain / static_cast<Real>(y.size()));
    if (has("slope_of_the_diagonal")) dx[j] = dy[j] * y[j] * (1 - y[j]);
    if (has("difference_from_one")) {
      dx[j] = sign * static_cast<T>(y[j]) *
              (static_cast<T>(dy[j]) - static_cast<T>(dot + origin * sum));
    }
  }
  return dx;
}

Row log_softmax_backward(const Row& y, const Row& dy) {
  const Real sum = std::accumulate(dy.begin(), dy.end(), Real(0));
  Row dx(y.size());
  for (std::size_t j = 0; j < y.size(); ++j) {
    const Real share = has("share_of_equals") ? 1 / static_cast<Real>(y.size()) : std::exp(y[j]);
    dx[j] = has("gradient_as_it_came") ? dy[j] : (dy[j] - sum) - std::expm1(y[j]) * sum;
    if (has("share_of_equals") || y[j] < -1) dx[j] = dy[j] - share * sum;
  }
  return dx;
}

Row sparsemax_backward(const Row& y, const Row& dy) {
  Real sum = 0, count = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (y[i] > 0 || has("mean_over_all")) sum += dy[i], ++count;
  }
  Row dx(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) dx[i] = y[i] > 0 ? dy[i] - sum / count : 0;
  return dx;
}

template <class T>
Row row_of(std::string_view function, Row x, State& state) {
  if (function == "softmin" && !has("softmin_forgotten")) {
    for (Real& v : x) v = -v;
  }
  if (function == "log_softmax") return log_softmax<T>(x, state);
  if (function == "hardmax") return hardmax(x);
  if (function == "sparsemax") return sparsemax(x, state);
  return has("online") ? online_softmax(x) : softmax<T>(x, state);
}

template <class T>
Row gradient_of(std::string_view function, const Row& y, const Row& dy, State& state) {
  if (function == "log_softmax") return log_softmax_backward(y, dy);
  if (function == "hardmax") return Row(y.size(), 0);
  if (function == "sparsemax") return sparsemax_backward(y, dy);
  const bool turned = function == "softmin" && !has("sign_forgotten");
  return softmax_backward<T>(y, dy, turned ? -1 : 1, state);
}

Real sigma(Real v) { return v < 0 ? std::exp(v) / (1 + std::exp(v)) : 1 / (1 + std::exp(-v)); }

// sigmoid and relu; f and f'.
Real opened(const std::string& name, Real v, bool slope) {
  if (name == "sigmoid") return slope ? sigma(v) * sigma(-v) : sigma(v);
  return std::isnan(v) ? v : slope ? (v > 0 ? 1 : 0) : std::max(v, Real(0));
}

template <class T>
void gate_row(const gradkeep_activation& f, bool gate_second, const Row& x, const Row* dy,
              Row& out) {
  const std::size_t half = x.size() / 2;
  if (has("halves_swapped")) gate_second = !gate_second;
  out.assign(dy == nullptr ? half : x.size(), 0);
  for (std::size_t i = 0; i < half; ++i) {
    const bool woven = has("halves_interleaved");
    const Real first = woven ? x[2 * i] : x[i], second = woven ? x[2 * i + 1] : x[half + i];
    const Real gate = gate_second ? second : first, value = gate_second ? first : second;
    const Real open = static_cast<T>(opened(f.name, gate, false));
    if (dy == nullptr) {
      out[i] = has("value_opened_too") ? open * opened(f.name, value, false) : value * open;
      continue;
    }
    const std::size_t next = has("slope_of_the_next_column") ? (i + 1) % half : i;
    const Real slope = static_cast<T>(opened(f.name, x[gate_second ? half + next : next], true));
    const Real of_value = (*dy)[i] * open;
    const Real of_gate = (*dy)[i] * (has("value_forgotten") ? 1 : value) * slope;
    const bool crossed = has("gradients_swapped");
    out[i] = gate_second != crossed ? of_value : of_gate;
    out[half + i] = gate_second != crossed ? of_gate : of_value;
  }
}

// Runs work<T>(row number) for all rows.
template <class Work>
std::int32_t for_rows(const gradkeep_array& x, std::int32_t axis, const Work& work) {
  if (x.dtype != GRADKEEP_F32 && x.dtype != GRADKEEP_F64) return GRADKEEP_UNSUPPORTED;
  const std::size_t rows = x.shape[1 - axis];
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t row = has("rows_backwards") ? rows - 1 - r : r;
    if (has("last_row_lost") && rows > 4 && r + 1 == rows) continue;
    x.dtype == GRADKEEP_F32 ? work.template operator()<float>(row)
                            : work.template operator()<double>(row);
  }
  return GRADKEEP_OK;
}

struct Mutant {
  bool bug;
  const char *name, *functions, *what;
};
constexpr Mutant kTable[] = {
    {true, "no_max", "softmax", "e^x without subtracting the largest"},
    {true, "max_from_zero", "softmax log_softmax", "the largest is 0 at least"},
    {true, "max_of_rows_before", "softmax", "the largest is not begun anew with each row"},
    {true, "max_without_rest", "softmax", "the largest of full vectors of 8 alone"},
    {true, "nan_eaten", "softmax", "a row with NaN sums up what is left"},
    {true, "infinity_takes_all", "softmax", "1 where a row has +inf"},
    {true, "nothing_for_masked_rows", "softmax", "0 for a row of -inf"},
    {true, "one_is_itself", "softmax", "a row of one is given back"},
    {true, "rest_lost", "softmax", "what fills no vector of 8 is not in the sum"},
    {true, "rest_padded", "softmax", "the last vector's padding is in the sum"},
    {true, "sum_in_float", "softmax", "a sum in float, of double too"},
    {true, "sum_rounds_addends", "softmax", "a sum that rounds each addend"},
    {true, "exponential_of_float", "softmax", "exponentials in float, of double too"},
    {true, "subnormals_lost", "softmax", "subnormal exponentials are 0"},
    {true, "cut_at_twenty", "softmax softmin", "0 below e^-20"},
    {true, "short_inverse", "softmax", "an inverse of 16 bits"},
    {true, "epsilon_below", "softmax", "1e-6 added to the sum"},
    {true, "last_axis_always", "softmax", "an axis that is not the last is taken for it"},
    {true, "last_row_lost", "softmax", "the last of many rows is not computed"},
    {true, "in_place_lost", "softmax", "in place, the first result is read again"},
    {true, "one_in_the_logarithm", "log_softmax", "log(1 + rest), whose 1 eats the rest"},
    {true, "logarithm_of_softmax", "log_softmax", "log of a result that was rounded"},
    {true, "softmin_forgotten", "softmin", "softmax"},
    {true, "last_of_ties", "hardmax", "the last of the largest"},
    {true, "all_ties", "hardmax", "all of the largest"},
    {true, "support_of_one_more", "sparsemax", "the support counts one more"},
    {true, "no_sum_term", "softmax softmin", "y dy"},
    {true, "mean_for_sum", "softmax", "the mean of dy for the sum of y dy"},
    {true, "slope_of_the_diagonal", "softmax", "dy y (1 - y)"},
    {true, "difference_from_one", "softmax", "y (dy - sum y dy), whose difference is rounded"},
    {true, "sum_of_the_first_row", "softmax", "each row has the first one's sum of y dy"},
    {true, "share_of_equals", "log_softmax", "1 / n for e^y"},
    {true, "gradient_as_it_came", "log_softmax", "dy"},
    {true, "sign_forgotten", "softmin", "the gradient of softmax"},
    {true, "mean_over_all", "sparsemax", "the mean of all dy"},
    {true, "halves_swapped", "glu reglu", "the other half is the gate"},
    {true, "halves_interleaved", "glu", "value and gate in turn"},
    {true, "value_opened_too", "glu", "both halves go through the activation"},
    {true, "gradients_swapped", "glu", "each half gets the other's gradient"},
    {true, "value_forgotten", "glu", "the gate's gradient without the value"},
    {true, "slope_of_the_next_column", "glu reglu", "f' of the next gate"},
    {false, "right", "softmax log_softmax softmin hardmax sparsemax glu reglu", "as it should be"},
    {false, "online", "softmax softmin", "largest and sum in one pass"},
    {false, "sum_backwards", "softmax", "a sum from the end"},
    {false, "rows_backwards", "softmax log_softmax glu", "the last row first"},
};

}  // namespace

extern "C" {

std::int32_t gradkeep_open(const char* function, std::int32_t, gradkeep_activation** f) {
  const std::string name = function;
  if (name != "sigmoid" && name != "relu") return GRADKEEP_UNSUPPORTED;
  *f = new gradkeep_activation{name};
  return GRADKEEP_OK;
}
void gradkeep_close(gradkeep_activation* f) { delete f; }

std::int32_t gradkeep_rowwise(const char* function, std::int32_t axis, const gradkeep_array* x,
                              const gradkeep_array* y) {
  State state;
  return for_rows(*x, axis, [&]<class T>(std::size_t r) {
    Row row = read<T>(*x, axis, r);
    if (has("in_place_lost") && x->data == y->data && r > 0) row[0] = read<T>(*y, axis, r - 1)[0];
    write<T>(row_of<T>(function, row, state), *y, axis, r);
  });
}
std::int32_t gradkeep_rowwise_backward(const char* function, std::int32_t axis,
                                       const gradkeep_array* y, const gradkeep_array* dy,
                                       const gradkeep_array* dx) {
  State state;
  return for_rows(*y, axis, [&]<class T>(std::size_t r) {
    write<T>(gradient_of<T>(function, read<T>(*y, axis, r), read<T>(*dy, axis, r), state), *dx,
             axis, r);
    ++state.row;
  });
}

std::int32_t gradkeep_gated(const gradkeep_activation* f, std::int32_t gate, std::int32_t axis,
                            const gradkeep_array* x, const gradkeep_array* y) {
  return for_rows(*x, axis, [&]<class T>(std::size_t r) {
    Row out;
    gate_row<T>(*f, gate == GRADKEEP_GATE_SECOND, read<T>(*x, axis, r), nullptr, out);
    write<T>(out, *y, axis, r);
  });
}
std::int32_t gradkeep_gated_backward(const gradkeep_activation* f, std::int32_t gate,
                                     std::int32_t axis, const gradkeep_array* x,
                                     const gradkeep_array* dy, const gradkeep_array* dx) {
  return for_rows(*x, axis, [&]<class T>(std::size_t r) {
    Row out;
    const Row gradient = read<T>(*dy, axis, r);
    gate_row<T>(*f, gate == GRADKEEP_GATE_SECOND, read<T>(*x, axis, r), &gradient, out);
    write<T>(out, *dx, axis, r);
  });
}

// The table, for those who run it: rows until null.
GRADKEEP_API const char* mutant_name(std::size_t row) {
  return row < std::size(kTable) ? kTable[row].name : nullptr;
}
GRADKEEP_API const char* mutant_functions(std::size_t row) { return kTable[row].functions; }
GRADKEEP_API bool mutant_is_bug(std::size_t row) { return kTable[row].bug; }
}
