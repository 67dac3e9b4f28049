// A thousand random inputs through four functions, for NumPy: each function leaves a file of three
// rows, the inputs x, the values f(x) and the slopes f'(x). The NPY format is a line of text that says
// what follows, then the bare numbers (here as this machine keeps them, the low byte first).
// SPDX-License-Identifier: Apache-2.0
#include <gradkeep/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

// Magic word, version 1.0, the header's length in two bytes, the header; 64 bytes or a multiple.
void write_npy(const std::string& path, const std::vector<std::vector<float>>& rows) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows.size()) + ", " + std::to_string(rows[0].size()) + ")}";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() % 256)
       << static_cast<char>(header.size() / 256) << header;
  for (const std::vector<float>& row : rows) {
    file.write(reinterpret_cast<const char*>(row.data()),
               static_cast<std::streamsize>(row.size() * sizeof(float)));
  }
}

}  // namespace

int main() {
  std::mt19937 random(1);  // the same numbers everywhere, unlike <random>'s distributions
  std::vector<float> x(1000), y(x.size()), dy(x.size());
  for (float& v : x) v = static_cast<float>(random()) * 0x1p-28f - 8;  // between -8 and 8

  for (const char* name : {"sigmoid", "tanh", "relu", "gelu"}) {
    const gradkeep::Activation f(name);
    f.value_and_slope<float>(x, y, dy);
    write_npy(std::string(name) + ".npy", {x, y, dy});
    const auto [low, high] = std::minmax_element(dy.begin(), dy.end());
    std::printf("%s.npy: slopes from %.3g to %.3g, %d of 1000 are 0\n", name, *low, *high,
                static_cast<int>(std::count(dy.begin(), dy.end(), 0.0f)));
  }
}

// Output:
// sigmoid.npy: slopes from 0.000336 to 0.25, 0 of 1000 are 0
// tanh.npy: slopes from 4.52e-07 to 1, 0 of 1000 are 0
// relu.npy: slopes from 0 to 1, 490 of 1000 are 0
// gelu.npy: slopes from -0.129 to 1.13, 0 of 1000 are 0
