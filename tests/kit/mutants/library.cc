// A shared library with the C interface of gradkeep.h that the conformance kit asks for, whose kernel is
// one of the mutants: the environment variable MUTANT names it. The list of mutants can be read from it.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/kit/mutants/mutant.h"

using namespace mutants;

struct gradkeep_activation {
  const Form* form;
  std::vector<double> p;
};

namespace {

constexpr std::size_t kSpare = 8;  // for mutants that write past the end

const Mutant* chosen() {
  const char* name = std::getenv("MUTANT");
  for (const Mutant& mutant : mutants::mutants()) {
    if (name != nullptr && std::strcmp(mutant.name, name) == 0) return &mutant;
  }
  return nullptr;
}

const Mutant& right() {
  for (const Mutant& mutant : mutants::mutants()) {
    if (mutant.verdict == fine) return mutant;
  }
  std::abort();
}

// "elu(alpha=0.5)" and "hard_tanh(min=-1, max=1)".
std::int32_t parse(std::string_view text, gradkeep_activation& f) {
  const std::size_t open = text.find('(');
  f.form = find_form(text.substr(0, open));
  if (f.form == nullptr) return GRADKEEP_UNKNOWN;
  for (const Parameter& parameter : f.form->parameters) f.p.push_back(parameter.value);
  if (open == text.npos) return GRADKEEP_OK;
  std::string rest(text.substr(open + 1));
  std::erase(rest, ' ');
  while (!rest.empty() && rest != ")") {
    const std::size_t equals = rest.find('='), end = rest.find_first_of(",)");
    if (equals == rest.npos || end == rest.npos) return GRADKEEP_INVALID;
    std::size_t k = 0;
    while (k < f.p.size() && f.form->parameters[k].name != rest.substr(0, equals)) ++k;
    if (k == f.p.size()) return GRADKEEP_INVALID;
    f.p[k] = std::strtod(rest.c_str() + equals + 1, nullptr);
    rest.erase(0, rest[end] == ',' ? end + 1 : end);
  }
  return GRADKEEP_OK;
}

// Whether a row's functions, "*" or names with or without parameters, contain this one.
bool concerns(const Mutant& mutant, const std::string& name) {
  std::string_view rest = mutant.functions;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (word == "*" || word.substr(0, word.find('(')) == name) return true;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return false;
}

std::int32_t ask(const gradkeep_activation& f, What what, std::int32_t type, const void* x,
                 void* out, std::size_t n) {
  const Mutant* mutant = chosen();
  if (mutant == nullptr) return GRADKEEP_UNKNOWN;
  const Kernel kernel = (concerns(*mutant, f.form->name) ? *mutant : right()).kernel;
  const auto run = [&]<class T>(bool (*loop)(const Call<T>&), const T* from, T* to) {
    return loop({*f.form, f.p.data(), what, type, from, to, n}) ? GRADKEEP_OK
                                                                : GRADKEEP_UNSUPPORTED;
  };
  if (type == GRADKEEP_F32)
    return run(kernel.f32, static_cast<const float*>(x), static_cast<float*>(out));
  if (type == GRADKEEP_F64)
    return run(kernel.f64, static_cast<const double*>(x), static_cast<double*>(out));
  if (type != GRADKEEP_F16 && type != GRADKEEP_BF16) return GRADKEEP_UNSUPPORTED;

  const Storage& storage = type == GRADKEEP_F16 ? kFloat16 : kBFloat16;
  const auto* bits = static_cast<const std::uint16_t*>(x);
  auto* to = static_cast<std::uint16_t*>(out);
  std::vector<float> wide(n + kSpare), results(n + kSpare);
  for (std::size_t i = 0; i < n; ++i) {
    wide[i] = storage.read(bits[i]);
    results[i] = storage.read(to[i]);  // what is not written stays as it was
  }
  float* place = x == out ? wide.data() : results.data();
  const std::int32_t status = run(kernel.f32, wide.data(), place);
  for (std::size_t i = 0; i < n && status == GRADKEEP_OK; ++i) to[i] = storage.write(place[i]);
  return status;
}

}  // namespace

extern "C" {

std::int32_t gradkeep_evaluate(const char* function, std::int32_t order, std::int32_t dtype,
                               std::int32_t, const void* x, void* out, std::size_t n) {
  gradkeep_activation f;
  const std::int32_t status = parse(function, f);
  if (status != GRADKEEP_OK) return status;
  if (order < 0 || order > 2) return GRADKEEP_UNSUPPORTED;
  return ask(f, static_cast<What>(order), dtype, x, out, n);
}

std::int32_t gradkeep_open(const char* function, std::int32_t, gradkeep_activation** f) {
  auto* made = new gradkeep_activation;
  const std::int32_t status = parse(function, *made);
  if (status != GRADKEEP_OK) {
    delete made;
    made = nullptr;
  }
  *f = made;
  return status;
}

void gradkeep_close(gradkeep_activation* f) { delete f; }

std::int32_t gradkeep_from_output(const gradkeep_activation* f, std::int32_t order,
                                  std::int32_t dtype, const void* y, void* out, std::size_t n) {
  if (f->form->from_output == nullptr || order < 1 || order > 2) return GRADKEEP_UNSUPPORTED;
  return ask(*f, order == 1 ? kSlopeFromOutput : kCurvatureFromOutput, dtype, y, out, n);
}

std::int32_t gradkeep_parameter_slope(const gradkeep_activation* f, std::size_t index,
                                      std::int32_t dtype, const void* x, void* out, std::size_t n) {
  if (f->form->parameter_slope == nullptr || index != 0) return GRADKEEP_UNSUPPORTED;
  return ask(*f, kParameterSlope, dtype, x, out, n);
}

// The table, for those who run it: rows until null.
GRADKEEP_API const char* mutant_name(std::size_t row) {
  return row < mutants::mutants().size() ? mutants::mutants()[row].name : nullptr;
}
GRADKEEP_API const char* mutant_functions(std::size_t row) {
  return mutants::mutants()[row].functions;
}
GRADKEEP_API bool mutant_is_bug(std::size_t row) { return mutants::mutants()[row].verdict == bug; }
}
