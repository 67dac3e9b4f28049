// A guest of `gradkeep bench`: oneDNN, SLEEF and MKL's vector functions, as far as they are there.
//
//     gradkeep bench sigmoid --guest build/bench/core/native_peers
//
// SPDX-License-Identifier: Apache-2.0
#include "bench/core/native_peers.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>

namespace {

using namespace gradkeep::bench;

class Memory {
 public:
  void map(const std::string& path, std::size_t stride) {
    const int file = ::open(path.c_str(), O_RDWR);
    void* start = file < 0
                      ? MAP_FAILED
                      : ::mmap(nullptr, 3 * stride, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (start == MAP_FAILED) throw std::runtime_error("cannot map " + path);
    ::close(file);
    start_ = static_cast<char*>(start);
    stride_ = stride;
  }
  void* at(std::size_t which) const { return start_ + which * stride_; }

 private:
  char* start_ = nullptr;
  std::size_t stride_ = 0;
};

Rows prepare(std::istream& words, const Memory& memory) {
  Task task;
  words >> task.name >> task.pass >> task.type >> task.elements >> task.threads;
  for (double p; words >> p;) task.parameters.push_back(p);
  task.in = memory.at(0);
  task.dy = memory.at(1);
  task.out = memory.at(2);
  Rows all;
  for (const auto rows : {onednn_rows, sleef_rows, mkl_rows}) {
    for (Row& row : rows(task)) all.push_back(std::move(row));
  }
  return all;
}

double turn(const Row& row, long calls) {
  using Clock = std::chrono::steady_clock;
  row.call();
  const auto start = Clock::now();
  for (long i = 0; i < calls; ++i) row.call();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void converse() {
  for (const auto versions : {onednn_versions, sleef_versions, mkl_versions}) {
    for (const auto& [name, version] : versions()) {
      std::cout << "version " << name << "\t" << version << "\n";
    }
  }
  std::cout << "ready" << std::endl;
  Memory memory;
  Rows rows;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "arrays") {
      std::string path;
      std::size_t stride = 0;
      words >> path >> stride;
      memory.map(path, stride);
    } else if (word == "prepare") {
      rows = prepare(words, memory);
      for (const Row& row : rows) std::cout << "row " << row.peer << "\t" << row.how << "\n";
      std::cout << "ready" << std::endl;
    } else if (word == "turn") {
      std::size_t row = 0;
      long calls = 0;
      words >> row >> calls;
      std::cout << "seconds " << turn(rows.at(row), calls) << std::endl;
    } else {
      throw std::runtime_error("no request '" + word + "': expected arrays, prepare or turn");
    }
  }
}

}  // namespace

int main() {
  std::cout.precision(9);
  try {
    converse();
  } catch (const std::exception& error) {
    std::cout << "error " << error.what() << std::endl;
    return 2;
  }
  return 0;
}
