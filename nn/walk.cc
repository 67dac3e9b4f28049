// A pass over the weights before a step and one after it; see walk.h.
// SPDX-License-Identifier: Apache-2.0
#include "nn/walk.h"

#include <algorithm>
#include <cmath>

namespace gradkeep::nn {
namespace {

void add(Walk& walk, double squares, double products) {
  const double norm = std::sqrt(squares), both = norm * walk.last;
  walk.length += norm;
  walk.last = norm;
  if (!(both > 0)) return;
  walk.cosines += products / both;
  ++walk.turns;
}

}  // namespace

template <class T>
void Walker<T>::before(const Network<T>& net) {
  const auto parameters = net.parameters();
  if (place_.size() == 0) {
    place_ = Buffer<T>(parameters.size());
    step_ = Buffer<T>(parameters.size());
  }
  std::copy(parameters.begin(), parameters.end(), place_.data());
}

template <class T>
void Walker<T>::after(const Network<T>& net) {
  const T* origin = net.parameters().data();
  double all_squares = 0, all_products = 0;
  for (int i = 0; i < net.layers(); ++i) {
    const Matrix<T> w = net.weights(i);
    const T* place = place_.data() + (w.data - origin);
    T* step = step_.data() + (w.data - origin);
    double squares = 0, products = 0;
    for (std::size_t j = 0; j < w.size(); ++j) {
      const double change = static_cast<double>(w.data[j]) - place[j];
      squares += change * change;
      products += change * step[j];
      step[j] = static_cast<T>(change);
    }
    add(walks_[i], squares, products);
    all_squares += squares;
    all_products += products;
  }
  add(walks_.back(), all_squares, all_products);
}

template <class T>
void Walker<T>::pause() {
  for (Walk& walk : walks_) walk.last = 0;
}

template class Walker<float>;
template class Walker<double>;

}  // namespace gradkeep::nn
