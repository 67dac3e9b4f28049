// CSV files: what is read, and that each way in which a file can be wrong is said with its place.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/dataset.h"
#include "tests/data/files.h"

namespace gradkeep::data {
namespace {

class Csv : public Files {
 protected:
  Dataset read(std::string_view text, const std::string& target = "y",
               Task task = Task::automatic) const {
    return read_csv(write("t.csv", text), target, task);
  }
  template <class... Pieces>
  void expect_refused(std::string_view text, Pieces... pieces) const {
    expect_error([&] { read(text); }, "t.csv", pieces...);
  }
};

TEST_F(Csv, numbers_and_class_names) {
  const Dataset set = read("a,y,b\n1,cat,-2.5e3\n+3,dog,4\n.5,cat,0\n");
  EXPECT_EQ(set.rows, 3u);
  EXPECT_EQ(set.features, 2u);
  EXPECT_EQ(set.x, (std::vector<double>{1, -2500, 3, 4, 0.5, 0}));
  EXPECT_EQ(set.label, (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(set.feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(set.regression());
}

TEST_F(Csv, quotes_line_ends_byte_order_mark_and_empty_lines) {
  const Dataset set =
      read("\xef\xbb\xbf\"a, b\",y\r\n\r\n 1 ,\"say \"\"hi\"\"\"\r\n2,\"two\nlines\"");
  EXPECT_EQ(set.feature_names, (std::vector<std::string>{"a, b"}));
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"say \"hi\"", "two\nlines"}));
}

TEST_F(Csv, few_integers_are_classes_in_numeric_order) {
  const Dataset set = read("a,y\n1,10\n2,9\n3,10\n");
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(set.label, (std::vector<int>{1, 0, 1}));
}

TEST_F(Csv, many_integers_or_fractions_are_a_regression) {
  std::string many = "a,y\n";
  for (int i = 0; i < 21; ++i) many += "1," + std::to_string(i) + "\n";
  EXPECT_TRUE(read(many).regression());
  const Dataset set = read("a,y\n1,0.5\n2,1\n");
  EXPECT_TRUE(set.regression());
  EXPECT_EQ(set.target, (std::vector<double>{0.5, 1}));
  EXPECT_TRUE(set.label.empty());
}

TEST_F(Csv, the_task_decides_where_it_is_given) {
  EXPECT_TRUE(read("a,y\n1,0\n2,1\n", "y", Task::regression).regression());
  EXPECT_EQ(read("a,y\n1,0.5\n2,1.5\n", "y", Task::classification).classes, 2);
  EXPECT_EQ(read("a,y\n1,1\n2,other\n", "y", Task::classification).class_names,
            (std::vector<std::string>{"1", "other"}));
}

TEST_F(Csv, a_wrong_cell_is_named_with_line_and_column) {
  expect_refused("a,b,y\n1,2,u\n1,x2,v\n", "line 3, column 2", "('b')", "'x2' is not a number");
  expect_refused("a,b,y\n1,2,u\n1,,v\n", "line 3, column 2", "empty");
  expect_refused("a,b,y\n1,2,u\n1,2 3,v\n", "line 3, column 2", "'2 3'");
  expect_refused("a,b,y\n1,nan,u\n", "line 2, column 2", "not a finite number");
  expect_refused("a,b,y\n1,2,u\n-inf,2,v\n", "line 3, column 1", "not a finite number");
  expect_refused("a,y\n1,\n", "line 2, column 2", "empty, expected a target");
  expect_refused("a,y\n1,0.5\n2,nan\n", "line 3, column 2", "not a finite number");
  expect_refused("a,y\n1,0.5\n1e400,1.5\n", "line 3, column 1 ('a')",
                 "'1e400' is outside the numbers of float64");
  expect_refused("a,y\n1,0.5\n-1e-400,1.5\n", "'-1e-400' is outside the numbers of float64");
  expect_refused("a,y\n1,1e400\n2,1.5\n", "line 2, column 2 ('y')", "outside the numbers");
  expect_refused("a,y\n1,0.5\n1e400x,1.5\n", "'1e400x' is not a number");
  expect_refused("a,y\n1,0.5\n2,1e308\n", "the target of row 2 is 1e+308",
                 "expected at most 1e+18 in size", "larger unit");
  expect_refused("a,y\n1,0.5\n-1e308,1.5\n", "row 2, feature 1 is -1e+308",
                 "expected at most 1e+150");
  expect_refused("\"a\nb\",y\n\n1,u\nq,v\n", "line 5, column 1");
}

TEST_F(Csv, numbers_and_names_do_not_mix_unasked) {
  expect_refused("a,y\n1,0.5\n2,0.7\n3,cat\n", "line 4, column 2", "'cat'");
  expect_refused("a,y\n1,cat\n2,0.7\n", "line 3, column 2", "classification");
  expect_error([&] { read("a,y\n1,cat\n2,dog\n", "y", Task::regression); }, "line 2, column 2",
               "'cat' is not a number");
}

TEST_F(Csv, ragged_rows) {
  expect_refused("a,b,y\n1,2,u\n1,2\n", "line 3", "has 2 cells", "header has 3");
  expect_refused("a,b,y\n1,2,u,4\n", "line 2", "has 4 cells");
}

TEST_F(Csv, headers) {
  expect_refused("a,b,z\n1,2,u\n", "line 1", "no column is named 'y'");
  expect_error([&] { read("age,label\n1,u\n", "labels"); }, "did you mean 'label'");
  expect_refused("a,y,y\n1,2,3\n", "two columns are named 'y'");
  expect_refused("y\n1\n", "only column");
}

TEST_F(Csv, nothing_to_learn_from) {
  expect_refused("", "is empty");
  expect_refused("a,y\n", "no rows");
  expect_refused("a,y\n1,cat\n2,cat\n", "all rows are of class 'cat'");
}

TEST_F(Csv, quotes_that_do_not_close) {
  expect_refused("a,y\n1,\"cat\n2,dog\n", "line 2, column 2", "never closed");
  expect_refused("a,y\n1,\"cat\"x\n", "line 2, column 2", "after the closing");
}

TEST_F(Csv, files_that_cannot_be_read) {
  expect_error([&] { read_csv(path("absent.csv"), "y"); }, "absent.csv", "cannot be read");
  expect_error([&] { read_csv(path(""), "y"); }, "is a directory");
}

}  // namespace
}  // namespace gradkeep::data
