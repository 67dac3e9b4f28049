// Calls of the C interface with arguments that a caller may get wrong: names, orders, types, sizes,
// strides, overlaps, offsets that are not aligned. Memory that a view may reach is real; what a view claims
// beyond it has to be refused, or the address sanitizer sees it.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gradkeep.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

// Numbers drawn from the input; zeros once it is used up.
class Source {
 public:
  Source(const std::uint8_t* bytes, std::size_t size) : at_(bytes), left_(size) {}
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
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

constexpr std::size_t kBytes = 4096;

struct View {
  std::size_t shape[9] = {};
  std::ptrdiff_t strides[9] = {};
  gradkeep_array array = {};
};

// A view whose reach is inside kBytes, or one that is wild in its numbers but has no memory at all.
void draw(Source* s, char* memory, std::int32_t dtype, View* v) {
  const std::size_t element = dtype == GRADKEEP_F64 ? 8 : dtype == GRADKEEP_F32 ? 4 : 2;
  const int rank = s->byte() % 5;
  const bool wild = s->byte() % 4 == 0;
  std::int64_t low = 0, high = 0;
  for (int a = 0; a < rank; ++a) {
    v->shape[a] = wild ? static_cast<std::size_t>(s->number()) : s->byte() % 9;
    v->strides[a] = wild ? s->number() : static_cast<std::int8_t>(s->byte()) % 40;
    if (wild || v->shape[a] == 0) continue;
    const std::int64_t reach = static_cast<std::int64_t>(v->shape[a] - 1) * v->strides[a];
    (reach < 0 ? low : high) += reach;
  }
  v->array = {nullptr, dtype, wild ? static_cast<std::int32_t>(s->number()) % 12 : rank, v->shape,
              s->byte() % 4 == 0 && wild ? nullptr : v->strides};
  if (wild) return;
  const std::int64_t room = static_cast<std::int64_t>(kBytes / element) - (high - low) - 1;
  if (room <= 0) {
    v->array.data = nullptr;
    return;
  }
  const std::int64_t start = -low + s->byte() % room;
  const std::size_t astray = s->byte() % 16 == 0 ? 1 : 0;
  v->array.data = memory + static_cast<std::size_t>(start) * element + astray;
}

const char* const kNames[] = {"relu", "gelu", "elu(alpha=0.5)", "prelu", "softplus", "tanh",
                              "no",   ""};
const char* const kRows[] = {"softmax", "log_softmax", "softmin", "hardmax", "sparsemax", "no"};

void spans(Source* s, char* memory) {
  const std::int32_t dtype = s->byte() % 5, order = s->byte() % 5 - 1, tier = s->byte() % 3;
  const std::size_t n = s->byte() % 4 == 0 ? static_cast<std::size_t>(s->number()) : s->byte();
  // Where n is more than there is, there is nothing.
  const bool real = n <= 256;
  char* x = real && s->byte() % 16 != 0 ? memory + s->byte() * 8 % 2048 : nullptr;
  char* out = real && s->byte() % 16 != 0 ? memory + s->byte() * 4 % 2048 : nullptr;
  if (x && s->byte() % 32 == 0) ++x;
  gradkeep_evaluate(kNames[s->byte() % 8], order, dtype, tier, x, out, n);
}

void arrays(Source* s, char* memory) {
  const std::int32_t dtype = s->byte() % 4;
  View v[3];
  for (View& view : v) draw(s, memory, dtype, &view);
  // Views of one shape are what gets past the first checks.
  if (s->byte() % 2 == 0) {
    for (int i = 1; i < 3; ++i) {
      if (v[i].array.data == nullptr || v[0].array.data == nullptr) continue;
      v[i] = v[0];
      v[i].array.shape = v[i].shape;
      v[i].array.strides = v[0].array.strides ? v[i].strides : nullptr;
    }
  }
  gradkeep_activation* f = nullptr;
  const std::int32_t axis = s->byte() % 8 - 4;
  switch (s->byte() % 6) {
    case 0:
      gradkeep_open(kNames[s->byte() % 8], GRADKEEP_ANY, &f);
      gradkeep_apply_array(f, s->byte() % 4, s->byte() % 2, &v[0].array, &v[1].array);
      break;
    case 1:
      gradkeep_open(kNames[s->byte() % 8], GRADKEEP_RECOMMENDED, &f);
      gradkeep_backward_array(f, &v[0].array, &v[1].array, &v[2].array);
      break;
    case 2:
      gradkeep_rowwise(kRows[s->byte() % 6], axis, &v[0].array, &v[1].array);
      break;
    case 3:
      gradkeep_open(kNames[s->byte() % 8], GRADKEEP_ANY, &f);
      gradkeep_gated(f, s->byte() % 3, axis, &v[0].array, &v[1].array);
      break;
    case 4:
      gradkeep_open(kNames[s->byte() % 8], GRADKEEP_ANY, &f);
      gradkeep_gated_backward(f, s->byte() % 2, axis, &v[0].array, &v[1].array, &v[2].array);
      break;
    default:
      gradkeep_rowwise_backward(kRows[s->byte() % 6], axis, &v[0].array, &v[1].array, &v[2].array);
  }
  gradkeep_close(f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Source source(bytes, size);
  auto* memory = static_cast<char*>(std::malloc(kBytes));
  std::memset(memory, source.byte(), kBytes);
  for (int call = 0; call < 4; ++call) {
    source.byte() % 2 == 0 ? spans(&source, memory) : arrays(&source, memory);
  }
  std::free(memory);
  return 0;
}
