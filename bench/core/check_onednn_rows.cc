// oneDNN's softmax and log_softmax for the conformance kit, as the functions of rows of the C interface. The
// backward pass takes the output, as oneDNN's does.
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/gradkeep.h>

#include <cstring>
#include <dnnl.hpp>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using dnnl::algorithm, dnnl::memory;
using Forward = dnnl::softmax_v2_forward;
using Backward = dnnl::softmax_v2_backward;

const std::map<std::string, algorithm> kAlgorithms{{"softmax", algorithm::softmax_accurate},
                                                   {"log_softmax", algorithm::softmax_log}};

const dnnl::engine& engine() {
  static const dnnl::engine one(dnnl::engine::kind::cpu, 0);
  return one;
}

// Arrays of two axes in one piece each, as the kit gives them.
memory::desc shape_of(const gradkeep_array& array) {
  const auto type = array.dtype == GRADKEEP_BF16 ? memory::data_type::bf16 : memory::data_type::f32;
  return {{static_cast<memory::dim>(array.shape[0]), static_cast<memory::dim>(array.shape[1])},
          type,
          memory::format_tag::ab};
}

memory data_of(const gradkeep_array& array) { return {shape_of(array), engine(), array.data}; }

Forward::primitive_desc forward(algorithm kind, const memory::desc& shape, int axis) {
  return {{dnnl::prop_kind::forward_training, kind, shape, shape, axis}, engine()};
}

// `make` returns the primitive and what it works on.
template <class Make>
int32_t execute(const char* function, const gradkeep_array& x, const Make& make) try {
  const auto found = kAlgorithms.find(function);
  const bool known = x.dtype == GRADKEEP_F32 || x.dtype == GRADKEEP_BF16;
  if (found == kAlgorithms.end() || !known || x.rank != 2) return GRADKEEP_UNSUPPORTED;
  if (x.shape[0] * x.shape[1] == 0) return GRADKEEP_OK;
  const auto [primitive, arguments] = make(found->second);
  dnnl::stream stream(engine());
  primitive.execute(stream, arguments);
  stream.wait();
  return GRADKEEP_OK;
} catch (const dnnl::error& error) {
  return error.status == dnnl_unimplemented ? GRADKEEP_UNSUPPORTED : GRADKEEP_INTERNAL;
} catch (const std::exception&) {
  return GRADKEEP_INTERNAL;
}

struct Work {
  dnnl::primitive primitive;
  std::unordered_map<int, memory> arguments;
};

}  // namespace

int32_t gradkeep_rowwise(const char* function, int32_t axis, const gradkeep_array* x,
                         const gradkeep_array* y) {
  return execute(function, *x, [&](algorithm kind) {
    return Work{Forward(forward(kind, shape_of(*x), axis)),
                {{DNNL_ARG_SRC, data_of(*x)}, {DNNL_ARG_DST, data_of(*y)}}};
  });
}

int32_t gradkeep_rowwise_backward(const char* function, int32_t axis, const gradkeep_array* y,
                                  const gradkeep_array* dy, const gradkeep_array* dx) {
  // It may overwrite dy, but nobody promises that it may overwrite y.
  gradkeep_array own = *y;
  std::vector<char> copy;
  if (y->data == dx->data) {
    const char* const from = static_cast<const char*>(y->data);
    copy.assign(from, from + y->shape[0] * y->shape[1] * (y->dtype == GRADKEEP_BF16 ? 2 : 4));
    own.data = copy.data();
  }
  return execute(function, own, [&](algorithm kind) {
    const memory::desc shape = shape_of(own);
    const Backward::primitive_desc backward({kind, shape, shape, shape, axis}, engine(),
                                            forward(kind, shape, axis));
    return Work{Backward(backward),
                {{DNNL_ARG_DST, data_of(own)},
                 {DNNL_ARG_DIFF_DST, data_of(*dy)},
                 {DNNL_ARG_DIFF_SRC, data_of(*dx)}}};
  });
}
