// Calls of the C interface with arguments that a caller may get wrong: names, orders, types, sizes,
// strides, overlaps, addresses that are not aligned. A call that is refused may have changed nothing and
// says why in one line; one over arrays of several axes gives the bits of the same call over arrays in
// one piece, and writes nowhere else. Numbers of a view that no memory holds have to be refused.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gradkeep.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

// Numbers drawn from the input; zeros once it is used up.
class Source {
 public:
  Source(const std::uint8_t* bytes, std::size_t size) : at_(bytes), left_(size) {}
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  bool one_in(int n) { return byte() % n == n - 1; }
  std::int64_t number() {
    std::uint64_t v = 0;
    const int bytes = byte() % 9;
    for (int i = 0; i < bytes; ++i) v = v << 8 | byte();
    return static_cast<std::int64_t>(byte() % 2 ? ~v : v);
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

// All that a call may touch, in memory of its own so that the address sanitizer guards its ends.
constexpr std::size_t kBytes = 4096;
using Memory = std::vector<char>;

std::size_t size_of(std::int32_t dtype) {
  return dtype == GRADKEEP_F64 ? 8 : dtype == GRADKEEP_F32 ? 4 : 2;
}

// A call that failed says so, and has touched nothing.
void check_refusal(std::int32_t status, const Memory& before, const Memory& after) {
  if (status == GRADKEEP_OK) return;
  expect(status == GRADKEEP_INVALID || status == GRADKEEP_UNKNOWN ||
         status == GRADKEEP_UNSUPPORTED);
  expect(before == after);
  const char* text = gradkeep_last_error();
  expect(*text != 0);
  for (; *text != 0; ++text) expect(static_cast<unsigned char>(*text) >= ' ' && *text != 0x7f);
}

const char* name(Source* s) {
  static const char* const kMore[] = {"elu(alpha=0.5)", "prelu(-2)", "elu(alpha=1e300)",
                                      "celu(1e-30)",    "no\n",      "",
                                      "elu(alpha=no)",  nullptr};
  const std::uint8_t b = s->byte();
  return b % 4 == 0 ? kMore[b / 4 % 8] : gradkeep_name(b / 4);
}
const char* row_name(Source* s) {
  static const char* const kRows[] = {"softmax", "log_softmax", "softmin",
                                      "hardmax", "sparsemax",   "no\n"};
  return kRows[s->byte() % 6];
}

void spans(Source* s, Memory* memory) {
  const std::int32_t dtype = s->byte() % 5, order = s->byte() % 5 - 1, tier = s->byte() % 3;
  const std::size_t most = kBytes / 2 / size_of(dtype);
  const std::size_t n = s->one_in(4) ? static_cast<std::size_t>(s->number()) : s->byte();
  // A size that memory could hold elsewhere has no array here.
  const bool real = n <= most || n > PTRDIFF_MAX / size_of(dtype);
  const auto place = [&]() -> char* {
    if (!real || s->one_in(16)) return nullptr;
    return memory->data() + s->byte() * 8 + (s->one_in(32) ? 1 : 0);
  };
  char *a = place(), *b = place(), *c = place();
  const Memory before = *memory;
  gradkeep_activation* f = nullptr;
  const std::uint8_t which = s->byte() % 6;
  if (which > 0) gradkeep_open(name(s), s->byte() % 3, &f);
  std::int32_t status = GRADKEEP_OK;
  switch (which) {
    case 0:
      status = gradkeep_evaluate(name(s), order, dtype, tier, a, b, n);
      break;
    case 1:
      status = gradkeep_apply(f, order, dtype, tier, a, b, n);
      break;
    case 2:
      status = gradkeep_value_and_slope(f, dtype, a, b, c, n);
      break;
    case 3:
      status = gradkeep_from_output(f, order, dtype, a, b, n);
      break;
    case 4:
      status = gradkeep_backward(f, dtype, a, b, c, n);
      break;
    default: {
      double p[4] = {};
      const std::size_t count = s->byte() % 5;
      for (double& v : p) v = static_cast<double>(s->number()) * 0x1p-30;
      check_refusal(gradkeep_set_parameters(f, s->one_in(8) ? nullptr : p, count, s->byte() % 3),
                    before, *memory);
      status = gradkeep_parameter_slope(f, s->byte(), dtype, a, b, n);
    }
  }
  check_refusal(status, before, *memory);
  if (n > most) expect(status != GRADKEEP_OK);
  gradkeep_close(f);
}

struct View {
  std::vector<std::size_t> shape;
  std::vector<std::ptrdiff_t> strides;
  bool packed = false;  // without strides
  bool beyond = false;  // more than any memory holds
  void* data = nullptr;
  std::int32_t dtype = 0, rank = 0;

  gradkeep_array array() const {
    return {data, dtype, rank, shape.data(), packed ? nullptr : strides.data()};
  }
  std::size_t elements() const {
    std::size_t n = 1;
    for (const std::size_t extent : shape) n *= extent;
    return n;
  }
};

void pack(View* v) {
  v->strides.assign(v->shape.size(), 1);
  for (std::size_t a = v->shape.size(); a-- > 1;) {
    v->strides[a - 1] =
        v->strides[a] * static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, v->shape[a]));
  }
}

// A view of this shape somewhere in the memory, or without memory where it does not fit.
View fitting(Source* s, Memory* memory, std::int32_t dtype, std::vector<std::size_t> shape) {
  View v;
  v.shape = std::move(shape);
  v.dtype = dtype;
  v.rank = static_cast<std::int32_t>(v.shape.size());
  pack(&v);
  const std::uint8_t how = s->byte() % 4;
  v.packed = how == 0;
  if (how == 1) {
    // Another order of axes, gaps, and some of them backwards.
    std::ptrdiff_t step = 1 + s->byte() % 2;
    const std::size_t turn = s->byte();
    for (std::size_t i = 0; i < v.shape.size(); ++i) {
      const std::size_t a = (i + turn) % v.shape.size();
      v.strides[a] = s->one_in(3) ? -step : step;
      step *= static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, v.shape[a]));
      step += s->byte() % 2;
    }
  } else if (how == 2) {
    for (std::ptrdiff_t& step : v.strides) step = static_cast<std::int8_t>(s->byte()) % 40;
  }
  std::ptrdiff_t low = 0, high = 0;
  for (std::size_t a = 0; a < v.shape.size(); ++a) {
    if (v.shape[a] == 0) continue;
    const std::ptrdiff_t reach = static_cast<std::ptrdiff_t>(v.shape[a] - 1) * v.strides[a];
    (reach < 0 ? low : high) += reach;
  }
  const auto size = static_cast<std::ptrdiff_t>(size_of(dtype));
  const std::ptrdiff_t room = static_cast<std::ptrdiff_t>(kBytes) / size - (high - low) - 1;
  if (room <= 0 || s->one_in(32)) return v;
  const std::ptrdiff_t start = -low + (s->byte() * 256 + s->byte()) % room;
  v.data = memory->data() + start * size + (s->one_in(32) ? 1 : 0);
  return v;
}

// Numbers without sense. Where their reach is plainly beyond all memory the address may be a good one.
View wild(Source* s, Memory* memory, std::int32_t dtype) {
  View v;
  v.dtype = s->one_in(8) ? s->byte() - 8 : dtype;
  const int axes = s->byte() % 9;
  double reach = 0, elements = 1;
  for (int a = 0; a < axes; ++a) {
    v.shape.push_back(s->one_in(2) ? s->byte() % 4 : static_cast<std::size_t>(s->number()));
    v.strides.push_back(s->one_in(2) ? PTRDIFF_MIN : s->number());
    elements *= static_cast<double>(v.shape.back());
    if (v.shape.back() == 0) continue;
    reach +=
        static_cast<double>(v.shape.back() - 1) * std::abs(static_cast<double>(v.strides.back()));
  }
  v.rank = s->one_in(8) ? static_cast<std::int32_t>(s->number()) % 12 : axes;
  if (v.rank > axes) v.rank = 12;
  v.packed = s->one_in(4);
  v.beyond = v.rank == axes && elements > 0 && (elements > 0x1p64 || (!v.packed && reach > 0x1p64));
  if (v.beyond) v.data = memory->data();
  return v;
}

// Runs visit(offset in bytes, number of the element).
template <class Visit>
void for_elements(const View& v, const char* from, const Visit& visit) {
  const std::size_t n = v.elements();
  for (std::size_t i = 0; i < n; ++i) {
    std::ptrdiff_t at = 0;
    for (std::size_t a = v.shape.size(), rest = i; a-- > 0; rest /= v.shape[a]) {
      at += static_cast<std::ptrdiff_t>(rest % v.shape[a]) * v.strides[a];
    }
    visit(static_cast<const char*>(v.data) - from +
              at * static_cast<std::ptrdiff_t>(size_of(v.dtype)),
          i);
  }
}

bool is_nan(const char* at, std::int32_t dtype) {
  if (dtype == GRADKEEP_F64 || dtype == GRADKEEP_F32) {
    double d;
    float f;
    std::memcpy(&d, at, dtype == GRADKEEP_F64 ? 8 : 0);
    std::memcpy(&f, at, 4);
    return dtype == GRADKEEP_F64 ? std::isnan(d) : std::isnan(f);
  }
  std::uint16_t bits;
  std::memcpy(&bits, at, 2);
  return (bits & 0x7fff) > (dtype == GRADKEEP_F16 ? 0x7c00 : 0x7f80);
}

struct Call {
  std::uint8_t which, order, gate;
  std::int32_t axis;
  const gradkeep_activation* f;
  const char* rows;

  // Of one, two or three arrays the last is the output.
  std::int32_t operator()(const gradkeep_array* v) const {
    switch (which) {
      case 0:
        return gradkeep_apply_array(f, order, gate, &v[0], &v[1]);
      case 1:
        return gradkeep_rowwise(rows, axis, &v[0], &v[1]);
      case 2:
        return gradkeep_gated(f, gate, axis, &v[0], &v[1]);
      case 3:
        return gradkeep_backward_array(f, &v[0], &v[1], &v[2]);
      case 4:
        return gradkeep_rowwise_backward(rows, axis, &v[0], &v[1], &v[2]);
      default:
        return gradkeep_gated_backward(f, gate, axis, &v[0], &v[1], &v[2]);
    }
  }
  std::size_t arrays() const { return which < 3 ? 2 : 3; }
  bool gated() const { return which == 2 || which == 5; }
};

void arrays(Source* s, Memory* memory) {
  const std::int32_t dtype = s->byte() % 4;
  gradkeep_activation* f = nullptr;
  gradkeep_open(name(s), GRADKEEP_ANY, &f);
  const Call call = {static_cast<std::uint8_t>(s->byte() % 6),
                     static_cast<std::uint8_t>(s->byte() % 4),
                     static_cast<std::uint8_t>(s->one_in(16) ? 2 : s->byte() % 2),
                     s->byte() % 8 - 4,
                     f,
                     row_name(s)};
  std::vector<std::size_t> shape(s->byte() % 5);
  for (std::size_t& extent : shape) extent = s->byte() % (s->one_in(4) ? 70 : 9);
  std::vector<std::size_t> half = shape;
  const std::size_t axis = static_cast<std::size_t>(
      call.axis < 0 ? call.axis + static_cast<int>(shape.size()) : call.axis);
  if (call.gated() && axis < half.size()) half[axis] /= 2;

  // The array with one half of the axis is the output there, the gradient that comes in back.
  const std::size_t last = call.arrays() - 1;
  std::vector<View> views;
  for (std::size_t k = 0; k <= last; ++k) {
    const bool is_half = call.gated() && k == 1;
    const bool odd = s->one_in(16);
    views.push_back(odd ? wild(s, memory, dtype)
                        : fitting(s, memory, dtype, is_half ? half : shape));
  }
  if (s->one_in(3) && !(call.gated() && last == 1)) views[last] = views[s->byte() % last];

  std::vector<gradkeep_array> given;
  bool beyond = false;
  for (const View& v : views) {
    given.push_back(v.array());
    beyond = beyond || v.beyond;
  }
  const Memory before = *memory;
  const std::int32_t status = call(given.data());
  check_refusal(status, before, *memory);
  if (beyond) expect(status != GRADKEEP_OK);
  if (status == GRADKEEP_OK && views[last].elements() > 0) {
    // The same with copies in one piece.
    const std::size_t size = size_of(dtype);
    std::vector<View> copies = views;
    std::vector<std::vector<double>> room;
    for (std::size_t k = 0; k <= last; ++k) {
      room.emplace_back((views[k].elements() * size + 7) / 8);
      auto* to = reinterpret_cast<char*>(room.back().data());
      if (views[k].packed) pack(&views[k]);
      for_elements(views[k], memory->data(), [&](std::ptrdiff_t at, std::size_t i) {
        std::memcpy(to + i * size, before.data() + at, size);
      });
      copies[k].packed = true;
      copies[k].data = to;
      given[k] = copies[k].array();
    }
    expect(call(given.data()) == GRADKEEP_OK);
    Memory model = before;
    const auto* expected = static_cast<const char*>(copies[last].data);
    for_elements(views[last], memory->data(), [&](std::ptrdiff_t at, std::size_t i) {
      const char *got = memory->data() + at, *wanted = expected + i * size;
      expect(std::memcmp(got, wanted, size) == 0 || (is_nan(got, dtype) && is_nan(wanted, dtype)));
      std::memcpy(model.data() + at, got, size);
    });
    expect(model == *memory);
  }
  gradkeep_close(f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Source source(bytes, size);
  Memory memory(kBytes);
  // Numbers of all sizes, or one byte everywhere.
  const std::uint8_t fill = source.byte();
  for (std::size_t i = 0; i < kBytes; ++i) {
    memory[i] = static_cast<char>(fill % 2 ? fill : (i * 2654435761u * (fill + 1u)) >> 13);
  }
  for (int call = 0; call < 4; ++call) {
    source.byte() % 2 == 0 ? spans(&source, &memory) : arrays(&source, &memory);
  }
  return 0;
}
