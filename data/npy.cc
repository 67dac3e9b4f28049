// Reading and writing .npy files; see npy.h. The format: "\x93NUMPY", version (2 bytes), header
// length (2 bytes little endian in version 1, 4 later), header such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, then the numbers.
// SPDX-License-Identifier: Apache-2.0
#include "data/npy.h"

#include <fcntl.h>
#include <gradkeep/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string_view>
#include <utility>

namespace gradkeep::data {
namespace {

struct TypeRow {
  NpyType type;
  const char *code, *name;
  std::size_t bytes;
};
constexpr std::array<TypeRow, 11> kTypes{{{NpyType::f32, "f4", "float32", 4},
                                          {NpyType::f64, "f8", "float64", 8},
                                          {NpyType::i8, "i1", "int8", 1},
                                          {NpyType::i16, "i2", "int16", 2},
                                          {NpyType::i32, "i4", "int32", 4},
                                          {NpyType::i64, "i8", "int64", 8},
                                          {NpyType::u8, "u1", "uint8", 1},
                                          {NpyType::u16, "u2", "uint16", 2},
                                          {NpyType::u32, "u4", "uint32", 4},
                                          {NpyType::u64, "u8", "uint64", 8},
                                          {NpyType::boolean, "b1", "bool", 1}}};
constexpr std::string_view kMagic = "\x93NUMPY";

const TypeRow& row_of(NpyType type) { return kTypes[static_cast<std::size_t>(type)]; }

[[noreturn]] void bad(const std::string& file, const std::string& what) {
  throw Error(file + ": " + what);
}
[[noreturn]] void bad_system(const std::string& file, const char* what) {
  bad(file, std::string(what) + ": " + std::strerror(errno));
}

// What follows "'key':" in the header, without leading spaces.
std::string_view after_key(const std::string& file, std::string_view header, std::string_view key) {
  const std::string quoted = std::string("'").append(key) + "'";
  const std::size_t at = header.find(quoted);
  const std::size_t colon = at == header.npos ? at : header.find(':', at + quoted.size());
  const std::size_t start = colon == header.npos ? colon : header.find_first_not_of(' ', colon + 1);
  if (start == header.npos) bad(file, "its .npy header has no " + quoted);
  return header.substr(start);
}

std::string parse_code(const std::string& file, std::string_view header) {
  const std::string_view rest = after_key(file, header, "descr");
  const std::size_t end = rest.size() > 1 && rest[0] == '\'' ? rest.find('\'', 1) : rest.npos;
  if (end == rest.npos) bad(file, "it holds records, expected an array of numbers");
  const std::string_view code = rest.substr(1, end - 1);
  const auto plain = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; };
  if (!std::all_of(code.begin(), code.end(), plain)) {
    bad(file, "its .npy header has a malformed dtype");
  }
  if (code.size() > 1 && code[0] == '>') {
    bad(file, "it is big endian (" + std::string(code) + "), expected little endian");
  }
  return std::string(code);
}

NpyType parse_type(const std::string& file, std::string_view code) {
  for (const TypeRow& row : kTypes) {
    if (code.size() > 1 && code.substr(1) == row.code) return row.type;
  }
  bad(file, "it has dtype '" + std::string(code) +
                "', expected float32, float64, an integer type or bool");
}

std::vector<std::size_t> parse_shape(const std::string& file, std::string_view header) {
  const std::string_view rest = after_key(file, header, "shape");
  const std::size_t end = rest.find(')');
  if (rest[0] != '(' || end == rest.npos) bad(file, "its .npy header has a malformed shape");
  std::vector<std::size_t> shape;
  const char *at = rest.data() + 1, *stop = rest.data() + end;
  while (at < stop) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    std::size_t extent = 0;
    const auto [next, failure] = std::from_chars(at, stop, extent);
    if (failure != std::errc()) bad(file, "its .npy header has a malformed shape");
    shape.push_back(extent);
    at = next;
  }
  return shape;
}

// The product of the extents, or an Error where it would not fit in memory's addresses.
std::size_t checked_size(const std::string& file, const std::vector<std::size_t>& shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && size > std::numeric_limits<std::size_t>::max() / 8 / extent) {
      bad(file, "its .npy header has an impossible shape");
    }
    size *= extent;
  }
  return size;
}

template <class T>
constexpr NpyType type_of() {
  return sizeof(T) == 4 ? NpyType::f32 : NpyType::f64;
}

template <class T>
double number_at(const unsigned char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<double>(value);
}

}  // namespace

NpyHeader parse_npy_header(const std::string& file, std::string_view text) {
  NpyHeader header{.code = parse_code(file, text), .shape = {}};
  if (!after_key(file, text, "fortran_order").starts_with("False")) {
    bad(file, "is in Fortran order, expected C order (numpy.ascontiguousarray makes it)");
  }
  header.shape = parse_shape(file, text);
  checked_size(file, header.shape);
  return header;
}

std::string npy_prologue(const NpyHeader& header) {
  std::string extents;
  for (const std::size_t extent : header.shape) extents += std::to_string(extent) + ", ";
  // numpy reads "(3,)" as one extent; two or more end without the comma, as numpy writes them.
  if (!extents.empty()) {
    extents.erase(header.shape.size() == 1 ? extents.size() - 1 : extents.size() - 2);
  }
  std::string text =
      "{'descr': '" + header.code + "', 'fortran_order': False, 'shape': (" + extents + "), }";
  const std::size_t before = kMagic.size() + 4;  // version and length
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string out(kMagic);
  for (const std::size_t byte :
       {std::size_t{1}, std::size_t{0}, text.size() & 255, text.size() >> 8}) {
    out += static_cast<char>(byte);
  }
  return out + text;
}

bool is_float(NpyType type) { return type == NpyType::f32 || type == NpyType::f64; }

NpyArray::NpyArray(const std::string& file) : file_(file) {
  const int descriptor =
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not wait
  if (descriptor < 0) bad_system(file, "cannot be read");
  struct stat about{};
  const bool regular = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
  mapped_ = regular ? static_cast<std::size_t>(about.st_size) : 0;
  map_ = mapped_ ? ::mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
  ::close(descriptor);
  if (map_ == MAP_FAILED) {
    map_ = nullptr;
    bad(file, !regular ? "is not a file" : mapped_ ? "cannot be mapped" : "is empty");
  }
  try {
    parse();
  } catch (...) {
    ::munmap(map_, mapped_);
    throw;
  }
}

void NpyArray::parse() {
  const auto* bytes = static_cast<const unsigned char*>(map_);
  if (std::memcmp(bytes, kMagic.data(), std::min(mapped_, kMagic.size())) != 0) {
    bad(file_, "is no .npy file: it does not begin with \\x93NUMPY");
  }
  if (mapped_ < 12) bad(file_, "is cut short within its .npy header");
  const unsigned major = bytes[6];
  if (major < 1 || major > 3)
    bad(file_, "has .npy version " + std::to_string(major) + ", expected 1 to 3");
  const std::size_t start = major == 1 ? 10 : 12;
  std::size_t length = bytes[8] + (bytes[9] << 8u);
  if (major > 1) length += (std::size_t{bytes[10]} << 16u) + (std::size_t{bytes[11]} << 24u);
  if (start + length > mapped_) bad(file_, "is cut short within its .npy header");
  const std::string_view header(reinterpret_cast<const char*>(bytes) + start, length);
  const NpyHeader about = parse_npy_header(file_, header);
  type_ = parse_type(file_, about.code);
  shape_ = about.shape;
  size_ = checked_size(file_, shape_);
  data_ = bytes + start + length;
  const std::size_t present = mapped_ - start - length, needed = size_ * row_of(type_).bytes;
  if (present != needed) {
    bad(file_, std::string(present < needed ? "is cut short: it " : "") + "holds " +
                   std::to_string(present) + " bytes of numbers, its header promises " +
                   std::to_string(needed));
  }
}

NpyArray::~NpyArray() {
  if (map_) ::munmap(map_, mapped_);
}

NpyArray::NpyArray(NpyArray&& other) noexcept
    : file_(std::move(other.file_)),
      map_(std::exchange(other.map_, nullptr)),
      mapped_(other.mapped_),
      data_(other.data_),
      type_(other.type_),
      shape_(std::move(other.shape_)),
      size_(other.size_) {}

std::string NpyArray::type_name() const { return row_of(type_).name; }

template <class T>
std::span<const T> NpyArray::values() const {
  if (type_ != type_of<T>()) {
    bad(file_, "is " + type_name() + ", expected " + row_of(type_of<T>()).name);
  }
  // Version 1 to 3 pad the header so that the numbers start on a multiple of 16 bytes or more;
  // a foreign writer might not.
  if (reinterpret_cast<std::uintptr_t>(data_) % alignof(T) != 0) {
    bad(file_, "has numbers that are not aligned; numpy.save writes it anew");
  }
  return {reinterpret_cast<const T*>(data_), size_};
}

double NpyArray::number(std::size_t i) const {
  const unsigned char* at = data_ + i * row_of(type_).bytes;
  switch (type_) {
    case NpyType::f32:
      return number_at<float>(at);
    case NpyType::f64:
      return number_at<double>(at);
    case NpyType::i8:
      return number_at<std::int8_t>(at);
    case NpyType::i16:
      return number_at<std::int16_t>(at);
    case NpyType::i32:
      return number_at<std::int32_t>(at);
    case NpyType::i64:
      return number_at<std::int64_t>(at);
    case NpyType::u8:
      return number_at<std::uint8_t>(at);
    case NpyType::u16:
      return number_at<std::uint16_t>(at);
    case NpyType::u32:
      return number_at<std::uint32_t>(at);
    case NpyType::u64:
      return number_at<std::uint64_t>(at);
    case NpyType::boolean:
      break;
  }
  return *at != 0;
}

template <class T>
void write_npy(const std::string& file, std::span<const T> values,
               const std::vector<std::size_t>& shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  if (size != values.size()) {
    bad(file,
        "got " + std::to_string(values.size()) + " numbers for a shape of " + std::to_string(size));
  }
  const std::string prologue =
      npy_prologue({.code = std::string("<") + row_of(type_of<T>()).code, .shape = shape});

  // A link stays and its target is replaced; a device or a pipe is no place for an array.
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  const bool exists = std::filesystem::exists(status);
  if (exists && !std::filesystem::is_regular_file(status)) bad(file, "is not a file");
  const std::string target = exists ? std::filesystem::canonical(file).string() : file;
  const std::string temporary = target + ".part";
  std::FILE* out = std::fopen(temporary.c_str(), "wb");
  if (!out) bad_system(file, "cannot be written");
  bool fine = std::fwrite(prologue.data(), 1, prologue.size(), out) == prologue.size();
  fine = fine && (values.empty() ||
                  std::fwrite(values.data(), sizeof(T), values.size(), out) == values.size());
  fine = std::fclose(out) == 0 && fine;
  if (!fine || std::rename(temporary.c_str(), target.c_str()) != 0) {
    const int reason = errno;
    std::remove(temporary.c_str());
    errno = reason;
    bad_system(file, "cannot be written");
  }
}

template std::span<const float> NpyArray::values() const;
template std::span<const double> NpyArray::values() const;
template void write_npy(const std::string&, std::span<const float>,
                        const std::vector<std::size_t>&);
template void write_npy(const std::string&, std::span<const double>,
                        const std::vector<std::size_t>&);

}  // namespace gradkeep::data
