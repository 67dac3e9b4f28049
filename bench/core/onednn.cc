// oneDNN's element-wise primitives, float32 and bfloat16.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <dnnl.hpp>
#include <map>
#include <memory>
#include <unordered_map>

#include "bench/core/native_peers.h"

namespace gradkeep::bench {
namespace {

using dnnl::algorithm;

struct Operation {
  algorithm forward;
  double alpha = 0, beta = 0;
};

// gradkeep's name -> oneDNN's operation. elu and relu take the function's parameter.
bool find(const Task& task, Operation& out) {
  const double p = task.parameter(0), q = task.parameter(1);
  const std::map<std::string, Operation> table{
      {"relu", {algorithm::eltwise_relu}},
      {"leaky_relu", {algorithm::eltwise_relu, p}},
      {"prelu", {algorithm::eltwise_relu, p}},
      {"relu6", {algorithm::eltwise_clip_v2, 0, 6}},
      {"hard_tanh", {algorithm::eltwise_clip_v2, p, q}},
      {"sigmoid", {algorithm::eltwise_logistic}},
      {"tanh", {algorithm::eltwise_tanh}},
      {"gelu", {algorithm::eltwise_gelu_erf}},
      {"gelu_tanh", {algorithm::eltwise_gelu_tanh}},
      {"silu", {algorithm::eltwise_swish, 1}},
      {"swish", {algorithm::eltwise_swish, p}},
      {"quick_gelu", {algorithm::eltwise_swish, 1.702}},
      {"softplus", {algorithm::eltwise_soft_relu}},
      {"log_sigmoid", {algorithm::eltwise_logsigmoid}},
      {"mish", {algorithm::eltwise_mish}},
      {"elu", {algorithm::eltwise_elu, p}},
      {"exponential", {algorithm::eltwise_exp}},
      {"hard_swish", {algorithm::eltwise_hardswish}},
      {"identity", {algorithm::eltwise_linear, 1}},
  };
  const auto entry = table.find(task.name);
  if (entry == table.end() || (task.name == "softplus" && p != 1)) return false;
  out = entry->second;
  return true;
}

const std::map<std::string, algorithm> kFromOutput{
    {"relu", algorithm::eltwise_relu_use_dst_for_bwd},
    {"leaky_relu", algorithm::eltwise_relu_use_dst_for_bwd},
    {"sigmoid", algorithm::eltwise_logistic_use_dst_for_bwd},
    {"tanh", algorithm::eltwise_tanh_use_dst_for_bwd},
    {"elu", algorithm::eltwise_elu_use_dst_for_bwd},
    {"exponential", algorithm::eltwise_exp_use_dst_for_bwd},
};

struct Machine {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

Machine& machine() {
  static Machine one;
  return one;
}

template <class Primitive>
Row row(Primitive primitive, std::unordered_map<int, dnnl::memory> arguments,
        const std::string& how) {
  return {"oneDNN", how, [primitive, arguments] {
            primitive.execute(machine().stream, arguments);
            machine().stream.wait();
          }};
}

}  // namespace

Versions onednn_versions() {
  const dnnl_version_t& v = *dnnl_version();
  return {{"oneDNN", std::to_string(v.major) + "." + std::to_string(v.minor) + "." +
                         std::to_string(v.patch)}};
}

Rows onednn_rows(const Task& task) {
  using dnnl::memory;
  Operation operation{};
  if ((task.type != "f32" && task.type != "bf16") || !find(task, operation)) return {};
  const bool from_output = task.pass == "backward_from_output";
  if (from_output) {
    const auto entry = kFromOutput.find(task.name);
    if (entry == kFromOutput.end()) return {};
    operation.forward = entry->second;
  }
  const auto type = task.type == "f32" ? memory::data_type::f32 : memory::data_type::bf16;
  const memory::desc shape({static_cast<memory::dim>(task.elements)}, type, memory::format_tag::a);
  const auto alpha = static_cast<float>(operation.alpha), beta = static_cast<float>(operation.beta);
  const auto& engine = machine().engine;
  const auto array = [&](const void* data) {
    return memory(shape, engine, const_cast<void*>(data));
  };
  try {
    const dnnl::eltwise_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, operation.forward, shape, alpha, beta}, engine);
    if (task.pass == "forward") {
      return {row(dnnl::eltwise_forward(forward),
                  {{DNNL_ARG_SRC, array(task.in)}, {DNNL_ARG_DST, array(task.out)}},
                  forward.impl_info_str())};
    }
    const dnnl::eltwise_backward::primitive_desc backward(
        {operation.forward, shape, shape, alpha, beta}, engine, forward);
    return {row(dnnl::eltwise_backward(backward),
                {{from_output ? DNNL_ARG_DST : DNNL_ARG_SRC, array(task.in)},
                 {DNNL_ARG_DIFF_DST, array(task.dy)},
                 {DNNL_ARG_DIFF_SRC, array(task.out)}},
                backward.impl_info_str())};
  } catch (const dnnl::error&) {
    return {};  // this type and pass are not implemented
  }
}

}  // namespace gradkeep::bench
