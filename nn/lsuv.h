// Scales that are measured instead of computed (Mishkin and Matas 2016, layer-sequential unit
// variance): a batch of data goes through the network as it stands, and layer after layer the
// weights are divided by the standard deviation that x W^T has over the batch's rows and the layer's
// units. That is exact at once where the authors, who look at the whole pre-activation, repeat it
// until the variance is 1 within a tolerance: biases only shift it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/network.h"

namespace gradkeep::nn {

// From now on x W^T of every layer has the standard deviation `wanted` on this batch, of at most
// net.capacity() rows. A layer in which nothing varies, as above dead units or of weights that
// are 0, stays as it is.
template <class T>
void scale_by_data(Network<T>& net, Matrix<const T> batch, double wanted);

}  // namespace gradkeep::nn
