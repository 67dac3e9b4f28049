// Gated functions: one half of an axis is the value, the other goes through an activation and gates it,
// y = value * f(gate). glu, swiglu, geglu and reglu are names for the f of the papers; any Activation
// will do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/strided.h>

namespace gradkeep {

// Which half of the axis goes through the activation.
enum class Gate { first, second };

struct Gated {
  Activation f;
  Gate gate;
};

// glu (sigmoid): the gate is the second half, as in PyTorch, JAX and Keras. swiglu (silu), geglu (gelu),
// geglu_tanh (gelu_tanh), reglu (relu): the first half, as in Shazeer 2020 (arXiv:2002.05202) and ONNX's
// SwiGLU. Where a framework has them the other way, set `gate`. Error for an unknown name.
Gated gated_function(std::string_view name);
// Those whose f this library has.
std::vector<std::string> gated_function_names();

// x has twice y's extent along the axis (negative: from the last); all others are equal. y shares no
// memory with x. T is float, double, Float16 or BFloat16.
template <class T>
void gated(const Gated& g, Strided<const std::type_identity_t<T>> x, Strided<T> y, int axis = -1);

// dx for both halves: dy f(gate) for the value, (dy value) f'(gate) for the gate. dx may be the view x; it
// shares no memory with dy.
template <class T>
void gated_backward(const Gated& g, Strided<const std::type_identity_t<T>> x,
                    Strided<const std::type_identity_t<T>> dy, Strided<T> dx, int axis = -1);

}  // namespace gradkeep
