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

namespace gradkeep::kit {
namespace {

constexpr std::size_t kPage = 4096, kMargin = 64;
constexpr char kPattern = 0x5a;

// Memory for one array with a page behind it that faults. Where `offset` asks for a place, in bytes after
// a boundary of 64, up to 63 bytes of pattern lie between the array and that page.
class Guarded {
 public:
  Guarded(std::size_t bytes, std::optional<std::size_t> offset) : bytes_(bytes) {
    pages_ = (bytes + 4 * kMargin + kPage - 1) / kPage * kPage;
    void* memory =
        ::mmap(nullptr, pages_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw Error("no memory for the arrays");
    begin_ = static_cast<char*>(memory);
    ::mprotect(begin_ + pages_, kPage, PROT_NONE);
    std::memset(begin_, kPattern, pages_);
    start_ = pages_ - bytes;
    if (offset) start_ = (start_ - *offset % kMargin) / kMargin * kMargin + *offset % kMargin;
  }
  ~Guarded() { ::munmap(begin_, pages_ + kPage); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  char* data() const { return begin_ + start_; }
  bool margins_untouched() const {
    const auto intact = [](char c) { return c == kPattern; };
    return std::all_of(begin_ + start_ - kMargin, begin_ + start_, intact) &&
           std::all_of(begin_ + start_ + bytes_, begin_ + pages_, intact);
  }

 private:
  char* begin_ = nullptr;
  std::size_t bytes_, pages_ = 0, start_ = 0;
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
    if (evaluate_ == nullptr) throw Error("has no function gradkeep_evaluate");
  }

  // After the file's name, where it tells one.
  std::string version() const { return version_ ? std::string(" ") + version_() : ""; }

  // The answer as a message.
  std::string answer(const Asked& asked, const Array& array) const {
    const NumberType& type = type_of(array.number);
    const std::size_t bytes = array.values.size() * type.bytes;
    std::optional<std::size_t> offset;
    if (asked.layout.offset) offset = static_cast<std::size_t>(*asked.layout.offset) * type.bytes;
    const Guarded x(bytes, offset);
    const Guarded separate(asked.layout.in_place ? 0 : bytes, offset);
    const std::vector<char> given = to_bytes(array.number, array.values);
    std::copy(given.begin(), given.end(), x.data());
    char* const out = asked.layout.in_place ? x.data() : separate.data();
    const int status = call(asked, type.c, x.data(), out, array.values.size());
    if (status == GRADKEEP_UNSUPPORTED || status == GRADKEEP_UNKNOWN) return "unsupported\n";
    if (status != GRADKEEP_OK) {
      const char* why = last_error_ ? last_error_() : nullptr;
      return "error status " + std::to_string(status) + (why ? std::string(": ") + why : "") + "\n";
    }
    if (!x.margins_untouched() || !separate.margins_untouched()) {
      return "error it wrote outside its arrays\n";
    }
    if (!asked.layout.in_place && std::memcmp(x.data(), given.data(), bytes) != 0) {
      return "error it wrote to its input\n";
    }
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

  void* handle_ = nullptr;
  decltype(&gradkeep_evaluate) evaluate_ = nullptr;
  decltype(&gradkeep_version) version_ = nullptr;
  decltype(&gradkeep_last_error) last_error_ = nullptr;
  decltype(&gradkeep_open) open_ = nullptr;
  decltype(&gradkeep_close) close_ = nullptr;
  decltype(&gradkeep_from_output) from_output_ = nullptr;
  decltype(&gradkeep_parameter_slope) parameter_slope_ = nullptr;
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
