// SPDX-License-Identifier: Apache-2.0
#include "kit/shared_object.h"

#include <dlfcn.h>
#include <gradkeep/gradkeep.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "kit/message.h"
#include "kit/row_call.h"

namespace gradkeep::kit {
namespace {

constexpr std::size_t kPage = 4096, kMargin = 64;
constexpr char kPattern = 0x5a;

constexpr const char* kOutside = "error it wrote outside its arrays\n";
constexpr const char* kToInput = "error it wrote to its input\n";

// Memory for one array with a page behind it that faults. Where the layout asks for a place after a
// boundary of 64 bytes, up to 63 bytes of pattern lie between the array and that page.
class Guarded {
 public:
  Guarded(std::size_t bytes, const NumberType& type, const Layout& layout) : bytes_(bytes) {
    pages_ = (bytes + 4 * kMargin + kPage - 1) / kPage * kPage;
    void* memory =
        ::mmap(nullptr, pages_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw Error("no memory for the arrays");
    begin_ = static_cast<char*>(memory);
    ::mprotect(begin_ + pages_, kPage, PROT_NONE);
    std::memset(begin_, kPattern, pages_);
    start_ = pages_ - bytes;
    if (layout.offset) {
      const std::size_t past = static_cast<std::size_t>(*layout.offset) * type.bytes % kMargin;
      start_ = (start_ - past) / kMargin * kMargin + past;
    }
  }
  Guarded(Number number, std::span<const double> values, const Layout& layout)
      : Guarded(values.size() * type_of(number).bytes, type_of(number), layout) {
    given_ = to_bytes(number, values);
    std::copy(given_.begin(), given_.end(), data());
  }
  ~Guarded() { ::munmap(begin_, pages_ + kPage); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  char* data() const { return begin_ + start_; }
  bool unchanged() const { return std::equal(given_.begin(), given_.end(), data()); }
  bool margins_untouched() const {
    const auto intact = [](char c) { return c == kPattern; };
    return std::all_of(begin_ + start_ - kMargin, begin_ + start_, intact) &&
           std::all_of(begin_ + start_ + bytes_, begin_ + pages_, intact);
  }

 private:
  char* begin_ = nullptr;
  std::size_t bytes_, pages_ = 0, start_ = 0;
  std::vector<char> given_;
};

struct Asked {
  Quantity what;
  std::string function;
  Layout layout;
};

Asked parse_line(const std::string& line) {
  Asked asked;
  std::istringstream words(line);
  std::string what;
  words >> what >> asked.function;
  asked.what = Quantity::named(what);
  for (std::string word; words >> word;) {
    if (word == "in_place") asked.layout.in_place = true;
    if (word.starts_with("offset=")) asked.layout.offset = std::atoi(word.c_str() + 7);
  }
  return asked;
}

class Library {
 public:
  explicit Library(const std::string& file) {
    handle_ = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) throw Error(::dlerror());
    find("gradkeep_evaluate", evaluate_);
    find("gradkeep_version", version_);
    find("gradkeep_last_error", last_error_);
    find("gradkeep_open", open_);
    find("gradkeep_close", close_);
    find("gradkeep_from_output", from_output_);
    find("gradkeep_parameter_slope", parameter_slope_);
    find("gradkeep_rowwise", rowwise_);
    find("gradkeep_rowwise_backward", rowwise_backward_);
    find("gradkeep_gated", gated_);
    find("gradkeep_gated_backward", gated_backward_);
    if (evaluate_ == nullptr && rowwise_ == nullptr && gated_ == nullptr) {
      throw Error("has no function gradkeep_evaluate, gradkeep_rowwise or gradkeep_gated");
    }
  }

  // After the file's name, where it tells one.
  std::string version() const { return version_ ? std::string(" ") + version_() : ""; }

  // The answer as a message.
  std::string answer(const Asked& asked, const Array& array) const {
    if (array.shape.size() == 2) return answer_rows(asked, array);
    if (evaluate_ == nullptr) return "unsupported no function gradkeep_evaluate\n";
    const NumberType& type = type_of(array.number);
    const std::size_t bytes = array.values.size() * type.bytes;
    const Guarded x(array.number, array.values, asked.layout);
    const Guarded separate(asked.layout.in_place ? 0 : bytes, type, asked.layout);
    char* const out = asked.layout.in_place ? x.data() : separate.data();
    const int status = call(asked, type.c, x.data(), out, array.values.size());
    if (status != GRADKEEP_OK) return failed(status);
    if (!x.margins_untouched() || !separate.margins_untouched()) return kOutside;
    if (!asked.layout.in_place && !x.unchanged()) return kToInput;
    return array_message(array.number, from_bytes(array.number, {out, bytes}));
  }

 private:
  template <class F>
  void find(const char* name, F& function) {
    function = reinterpret_cast<F>(::dlsym(handle_, name));
  }

  int call(const Asked& asked, std::int32_t type, const void* x, void* out, std::size_t n) const {
    const char* const function = asked.function.c_str();
    const Quantity what = asked.what;
    if (what.kind <= Quantity::curvature) {
      return evaluate_(function, what.order(), type, GRADKEEP_FAST, x, out, n);
    }
    if (open_ == nullptr || close_ == nullptr) return GRADKEEP_UNSUPPORTED;
    gradkeep_activation* f = nullptr;
    if (const int status = open_(function, GRADKEEP_ANY, &f); status != GRADKEEP_OK) return status;
    int status = GRADKEEP_UNSUPPORTED;
    if (what.from_output() && from_output_ != nullptr) {
      status = from_output_(f, what.order(), type, x, out, n);
    } else if (what.kind == Quantity::parameter_slope && parameter_slope_ != nullptr) {
      status = parameter_slope_(f, static_cast<std::size_t>(what.parameter), type, x, out, n);
    }
    close_(f);
    return status;
  }

  std::string failed(int status) const {
    if (status == GRADKEEP_UNSUPPORTED) return "unsupported it returned GRADKEEP_UNSUPPORTED\n";
    if (status == GRADKEEP_UNKNOWN) return "unsupported it returned GRADKEEP_UNKNOWN\n";
    const char* why = last_error_ ? last_error_() : nullptr;
    return "error status " + std::to_string(status) + (why ? std::string(": ") + why : "") + "\n";
  }

  // Arrays in one piece each: x, dy for a backward pass, which a function of rows gets from its own y, and
  // the answer.
  std::string answer_rows(const Asked& asked, const Array& array) const {
    const NumberType& type = type_of(array.number);
    const RowCall call = RowCall::of(asked.function);
    const bool backward = asked.what.kind == Quantity::backward;
    if (!has_rows(call.is_gated(), backward)) {
      const std::string name = call.is_gated() ? "gradkeep_gated" : "gradkeep_rowwise";
      return "unsupported no function " + name + (backward ? "_backward\n" : "\n");
    }
    const Matrix in{{array.shape[0], array.shape[1]}, array.values};
    const auto shape = call.answer_shape(backward, in.shape);
    const auto [x_values, dy_values] = call.split(backward, in);
    const Guarded x(array.number, x_values.values, asked.layout);
    const Guarded dy(array.number, dy_values.values, asked.layout);
    const std::size_t bytes = shape[0] * shape[1] * type.bytes;
    const Guarded separate(asked.layout.in_place ? 0 : bytes, type, asked.layout);
    char* const out = asked.layout.in_place ? x.data() : separate.data();
    const auto view = [&](char* data, const std::array<std::size_t, 2>& extents) {
      return gradkeep_array{data, type.c, 2, extents.data(), nullptr};
    };
    const gradkeep_array x_view = view(x.data(), x_values.shape);
    const gradkeep_array dy_view = view(dy.data(), dy_values.shape), out_view = view(out, shape);
    const int status = call_rows(call, x_view, backward ? &dy_view : nullptr, out_view);
    if (status != GRADKEEP_OK) return failed(status);
    for (const Guarded* each : {&x, &dy, &separate}) {
      if (!each->margins_untouched()) return kOutside;
    }
    const bool holds_y = backward && !call.is_gated();
    if (!(asked.layout.in_place || holds_y || x.unchanged()) || !dy.unchanged()) return kToInput;
    return array_message(array.number, Matrix{shape, from_bytes(array.number, {out, bytes})});
  }

  bool has_rows(bool gated, bool backward) const {
    if (gated) return open_ && close_ && gated_ && (gated_backward_ || !backward);
    return rowwise_ && (rowwise_backward_ || !backward);
  }

  // Backward, unless dy is null; the backward pass of a function of rows finds its own y in x.
  int call_rows(const RowCall& call, const gradkeep_array& x, const gradkeep_array* dy,
                const gradkeep_array& out) const {
    const char* const name = call.name.c_str();
    if (!call.is_gated()) {
      const int status = rowwise_(name, call.axis, &x, dy == nullptr ? &out : &x);
      if (status != GRADKEEP_OK || dy == nullptr) return status;
      return rowwise_backward_(name, call.axis, &x, dy, &out);
    }
    gradkeep_activation* f = nullptr;
    const Gated& g = call.gated();
    const int status = open_(g.f.text().c_str(), GRADKEEP_ANY, &f);
    if (status != GRADKEEP_OK) return status;
    const int gate = g.gate == Gate::first ? GRADKEEP_GATE_FIRST : GRADKEEP_GATE_SECOND;
    const int done = dy == nullptr ? gated_(f, gate, call.axis, &x, &out)
                                   : gated_backward_(f, gate, call.axis, &x, dy, &out);
    close_(f);
    return done;
  }

  void* handle_ = nullptr;
  decltype(&gradkeep_evaluate) evaluate_ = nullptr;
  decltype(&gradkeep_version) version_ = nullptr;
  decltype(&gradkeep_last_error) last_error_ = nullptr;
  decltype(&gradkeep_open) open_ = nullptr;
  decltype(&gradkeep_close) close_ = nullptr;
  decltype(&gradkeep_from_output) from_output_ = nullptr;
  decltype(&gradkeep_parameter_slope) parameter_slope_ = nullptr;
  decltype(&gradkeep_rowwise) rowwise_ = nullptr;
  decltype(&gradkeep_rowwise_backward) rowwise_backward_ = nullptr;
  decltype(&gradkeep_gated) gated_ = nullptr;
  decltype(&gradkeep_gated_backward) gated_backward_ = nullptr;
};

// Standard input, one message at a time.
class Reader {
 public:
  // A line or an array; empty at the end.
  std::string message() {
    for (;;) {
      if (const auto length = message_length(text_, kMost)) {
        const std::string out = text_.substr(0, *length);
        text_.erase(0, *length);
        return out;
      }
      if (!more()) return {};
    }
  }

 private:
  static constexpr std::size_t kMost = std::size_t{1} << 40;

  bool more() {
    std::vector<char> some(1 << 16);
    const ssize_t n = ::read(0, some.data(), some.size());
    if (n > 0) text_.append(some.data(), static_cast<std::size_t>(n));
    return n > 0;
  }
  std::string text_;
};

void write_all(const std::string& message) {
  for (std::size_t done = 0; done < message.size();) {
    const ssize_t n = ::write(1, message.data() + done, message.size() - done);
    if (n <= 0) ::_exit(1);
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

void serve_shared_object(const std::string& file) {
  Reader reader;
  try {
    const Library library(file);
    for (;;) {
      const std::string line = reader.message(), array = reader.message();
      if (array.empty()) return;
      write_all(line.starts_with("describe")
                    ? file + library.version() + "\n"
                    : library.answer(parse_line(line), parse_array(array)));
    }
  } catch (const Error& error) {
    const std::string text = std::string(error.what()) + "\n";
    (void)!::write(2, text.data(), text.size());
    ::_exit(1);
  }
}

}  // namespace gradkeep::kit
