// NumPy's .npy files: a magic word, a header that is a Python dictionary in plain text, then the
// numbers. Reading maps the file into memory, so a large array costs no copy; what is accepted is
// C order, little endian, float32 or float64 (and integers for class labels). Writing makes files
// that numpy.load reads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradkeep::data {

enum class NpyType { f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, boolean };
bool is_float(NpyType type);

// What stands before the numbers: their type as NumPy spells it, "<f4", and the extents.
struct NpyHeader {
  std::string code;
  std::vector<std::size_t> shape;
};

// Of the text between the length of the header and the numbers. Throws Error, which begins with `file`,
// for what is no header, for big endian numbers and for Fortran order.
NpyHeader parse_npy_header(const std::string& file, std::string_view text);

// The magic word, version 1.0, the length and the header, padded as NumPy does it.
std::string npy_prologue(const NpyHeader& header);

// A mapped array; the numbers live as long as this object. Throws Error for a file that cannot be
// read, is no .npy file, is cut short, or has a type, byte order or memory order not listed above.
class NpyArray {
 public:
  explicit NpyArray(const std::string& file);
  ~NpyArray();
  NpyArray(NpyArray&& other) noexcept;
  NpyArray(const NpyArray&) = delete;
  NpyArray& operator=(const NpyArray&) = delete;
  NpyArray& operator=(NpyArray&&) = delete;

  NpyType type() const { return type_; }
  const std::vector<std::size_t>& shape() const { return shape_; }
  std::size_t size() const { return size_; }  // the product of the shape
  std::string type_name() const;              // "float32"

  // The numbers in place; T must be what type() says, or Error.
  template <class T>
  std::span<const T> values() const;
  // Number i converted to double (exact but for 64-bit integers beyond 2^53).
  double number(std::size_t i) const;

 private:
  void parse();

  std::string file_;
  void* map_ = nullptr;
  std::size_t mapped_ = 0;
  const unsigned char* data_ = nullptr;
  NpyType type_ = NpyType::f32;
  std::vector<std::size_t> shape_;
  std::size_t size_ = 0;
};

// Writes to a neighbouring temporary file and renames it, so that a full disk never leaves half an
// array under the name. T is float or double. Throws Error if the file cannot be written.
template <class T>
void write_npy(const std::string& file, std::span<const T> values,
               const std::vector<std::size_t>& shape);

}  // namespace gradkeep::data
