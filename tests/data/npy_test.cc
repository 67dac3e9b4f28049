// NPY files: written ones read back, those of numpy's own making are read, wrong ones are refused.
// SPDX-License-Identifier: Apache-2.0
#include "data/npy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "tests/data/files.h"

namespace gradkeep::data {
namespace {

class Npy : public Files {
 protected:
  // A file with this header text and these bytes, as numpy writes them.
  std::string raw(const std::string& name, std::string header, std::string_view numbers,
                  char version = 1) const {
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string text = "\x93NUMPY";
    text += version;
    text += '\0';
    text += static_cast<char>(header.size() & 255);
    text += static_cast<char>(header.size() >> 8);
    if (version > 1) text.append(2, '\0');
    return write(name, text + header + std::string(numbers));
  }
  static std::string header(const std::string& type, const std::string& shape,
                            const char* fortran = "False") {
    return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  }
  std::string floats(const std::string& name, const std::vector<double>& values,
                     const std::vector<std::size_t>& shape) const {
    write_npy<double>(path(name), values, shape);
    return path(name);
  }
  template <class... Pieces>
  void expect_refused(const std::string& file, Pieces... pieces) const {
    expect_error([&] { NpyArray array(file); }, file, pieces...);
  }
};

template <class T>
void expect_round_trip(const std::string& file, const std::vector<std::size_t>& shape) {
  const std::vector<T> values{
      T(0.1), T(-0.0), std::numeric_limits<T>::infinity(), std::numeric_limits<T>::denorm_min(),
      T(3),   T(4)};
  write_npy<T>(file, values, shape);
  const NpyArray array(file);
  EXPECT_EQ(array.shape(), shape);
  ASSERT_EQ(array.size(), values.size());
  const auto got = array.values<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(got[i], values[i]);
    EXPECT_EQ(std::signbit(got[i]), std::signbit(values[i]));
    EXPECT_EQ(array.number(i), values[i]);
  }
}

TEST_F(Npy, what_is_written_reads_back) {
  expect_round_trip<float>(path("a.npy"), {6});
  expect_round_trip<float>(path("b.npy"), {2, 3});
  expect_round_trip<double>(path("c.npy"), {1, 3, 2});
}

// The bytes that numpy.save(file, numpy.arange(3, dtype="<f4")) writes.
TEST_F(Npy, writes_the_bytes_that_numpy_writes) {
  const std::vector<float> values{0, 1, 2};
  write_npy<float>(path("a.npy"), values, {3});
  std::ifstream in(path("a.npy"), std::ios::binary);
  const std::string got((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::string expected = "\x93NUMPY\x01";
  expected += std::string("\0v\0", 3);
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
  expected.append(127 - expected.size(), ' ');
  expected += '\n';
  expected.append(reinterpret_cast<const char*>(values.data()), 12);
  EXPECT_EQ(got, expected);
}

TEST_F(Npy, versions_two_and_three_scalars_and_empty_arrays) {
  const double seven = 7;
  const std::string_view bytes(reinterpret_cast<const char*>(&seven), 8);
  for (const char version : {'\2', '\3'}) {
    EXPECT_EQ(NpyArray(raw("v.npy", header("<f8", "(1,)"), bytes, version)).number(0), 7);
  }
  EXPECT_EQ(NpyArray(raw("s.npy", header("<f8", "()"), bytes)).size(), 1u);
  EXPECT_EQ(NpyArray(raw("e.npy", header("<f8", "(0, 4)"), "")).size(), 0u);
}

TEST_F(Npy, integers_convert) {
  const auto first = [&](const char* type, std::string_view bytes) {
    return NpyArray(raw("i.npy", header(type, "(1,)"), bytes)).number(0);
  };
  using std::string_view;
  EXPECT_EQ(first("|i1", "\xff"), -1);
  EXPECT_EQ(first("|u1", "\xff"), 255);
  EXPECT_EQ(first("<i2", "\xfe\xff"), -2);
  EXPECT_EQ(first("<u2", "\xfe\xff"), 65534);
  EXPECT_EQ(first("<i4", "\xfd\xff\xff\xff"), -3);
  EXPECT_EQ(first("<u4", string_view("\x01\0\0\x80", 4)), 2147483649.0);
  EXPECT_EQ(first("<i8", "\xfc\xff\xff\xff\xff\xff\xff\xff"), -4);
  EXPECT_EQ(first("<u8", string_view("\x05\0\0\0\0\0\0\0", 8)), 5);
  EXPECT_EQ(first("|b1", "\x01"), 1);
}

TEST_F(Npy, moves) {
  NpyArray first(floats("a.npy", {1, 2}, {2}));
  const NpyArray second(std::move(first));
  EXPECT_EQ(second.number(1), 2);
}

TEST_F(Npy, wrong_files_are_refused) {
  expect_refused(path("absent.npy"), "cannot be read", "No such file");
  expect_refused(path(""), "is not a file");
  expect_refused(write("a", ""), "is empty");
  expect_refused(write("b", "PK\x03\x04 this is another format"), "no .npy file");
  expect_refused(write("b2", "\x93NUMPI"), "no .npy file");
  for (const char* text : {"\x93", "\x93NUMPY", "\x93NUMPY\x01"}) {
    expect_refused(write("c", text), "is cut short within its .npy header");
  }
  expect_refused(raw("d", header("<f4", "(3,)"), "12345678"), "is cut short: it holds 8 bytes",
                 "promises 12");
  expect_refused(raw("e", header("<f4", "(1,)"), "12345678"), "e: holds 8 bytes", "promises 4");
  expect_refused(raw("f", header("<f4", "(1,)"), "1234", 9), "version 9");
  expect_refused(write("g", std::string("\x93NUMPY\x01\0\xff\xff{'descr'", 18)), "cut short");
}

TEST_F(Npy, wrong_types_and_orders_are_refused) {
  expect_refused(raw("a", header(">f4", "(1,)"), "1234"), "big endian");
  expect_refused(raw("b", header("<c8", "(1,)"), "12345678"), "dtype '<c8'");
  expect_refused(raw("c", header("<f2", "(1,)"), "12"), "dtype '<f2'", "expected float32");
  expect_refused(raw("d", header("|O", "(1,)"), "12345678"), "dtype '|O'");
  expect_refused(raw("e", header("<U3", "(1,)"), "123456789012"), "dtype '<U3'");
  expect_refused(
      raw("f", "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"),
      "records");
  expect_refused(raw("g", header("<f4", "(1, 1)", "True"), "1234"), "Fortran order");
  expect_error([&] { NpyArray(floats("h", {1}, {1})).values<float>(); }, "is float64",
               "expected float32");
}

TEST_F(Npy, wrong_headers_are_refused) {
  expect_refused(raw("a", "{'descr': '<f4', 'fortran_order': False, }", ""), "no 'shape'");
  expect_refused(raw("b", "{}", ""), "no 'descr'");
  expect_refused(raw("c", header("<f4", "(x,)"), ""), "malformed shape");
  expect_refused(raw("d", header("<f4", "(-1,)"), ""), "malformed shape");
  expect_refused(raw("f", header("<f\n4", "(1,)"), "1234"), "malformed dtype");
  expect_refused(raw("g", header(">\x1b[2J", "(1,)"), "1234"), "malformed dtype");
  expect_refused(raw("e", header("<f4", "(4294967296, 4294967296)"), ""), "impossible shape");
}

TEST_F(Npy, writing_where_nothing_can_be_written) {
  const std::vector<float> values{1};
  expect_error([&] { write_npy<float>(path("no/such/a.npy"), values, {1}); }, "cannot be written");
  expect_error([&] { write_npy<float>(path("a.npy"), values, {2}); }, "got 1 numbers");
}

TEST_F(Npy, a_link_stays_and_what_is_no_file_is_refused) {
  const std::string target = floats("target.npy", {1, 2}, {2});
  std::filesystem::create_symlink(target, path("link.npy"));
  const std::vector<double> other{3};
  write_npy<double>(path("link.npy"), other, {1});
  EXPECT_TRUE(std::filesystem::is_symlink(path("link.npy")));
  EXPECT_EQ(NpyArray(target).number(0), 3);

  const std::string pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expect_error([&] { NpyArray array(pipe); }, pipe, "is not a file");
  expect_error([&] { write_npy<double>(pipe, other, {1}); }, pipe, "is not a file");
  expect_error([&] { write_npy<double>("/dev/null", other, {1}); }, "is not a file");
}

TEST_F(Npy, a_full_disk_leaves_the_old_file) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const std::string file = floats("a.npy", {1, 2}, {2});
  std::filesystem::create_symlink("/dev/full", file + ".part");
  const std::vector<double> other{3};
  expect_error([&] { write_npy<double>(file, other, {1}); }, "cannot be written");
  EXPECT_EQ(NpyArray(file).number(1), 2);
}

TEST_F(Npy, a_pair_makes_a_data_set) {
  const std::string x = floats("x.npy", {1, 2, 3, 4, 5, 6}, {3, 2});
  const Dataset classes = read_npy(x, floats("y.npy", {0, 7, 0}, {3}));
  EXPECT_EQ(classes.rows, 3u);
  EXPECT_EQ(classes.features, 2u);
  EXPECT_EQ(classes.x[5], 6);
  EXPECT_EQ(classes.label, (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(classes.class_names[1], "7");
  EXPECT_TRUE(read_npy(x, floats("y.npy", {0.5, 7, 0}, {3, 1})).regression());
  EXPECT_TRUE(read_npy(x, floats("y.npy", {0, 7, 0}, {3}), Task::regression).regression());
}

TEST_F(Npy, pairs_that_do_not_fit_are_refused) {
  const std::string x = floats("x.npy", {1, 2, 3, 4}, {2, 2});
  const auto pair = [&](const std::string& first, const std::string& second) {
    return [=] { read_npy(first, second); };
  };
  expect_error(pair(x, floats("y3.npy", {1, 2, 3}, {3})), "y3.npy", "has 3 rows", "has 2");
  expect_error(pair(x, x), "x.npy", "(2, 2)", "one number a row");
  expect_error(pair(floats("x1.npy", {1, 2}, {2}), x), "x1.npy", "(2,)", "two dimensions");
  expect_error(pair(floats("n.npy", {1, 2, 3, NAN}, {2, 2}), floats("y.npy", {0, 1}, {2})), "n.npy",
               "row 2, column 2", "not a finite number");
  expect_error(pair(x, floats("y.npy", {0, INFINITY}, {2})), "y.npy", "row 2");
  expect_error(pair(x, floats("y.npy", {1, 1}, {2})), "all rows are of class '1'");
  expect_error(pair(floats("x0.npy", {}, {0, 2}), floats("y0.npy", {}, {0})), "no rows");
}

}  // namespace
}  // namespace gradkeep::data
