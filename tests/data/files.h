// Small files for a test, in a directory that goes away with the test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gradkeep/core.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gradkeep-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path directory_;
};

// The message that `call` throws must hold every one of these pieces, and be one line.
template <class Call, class... Pieces>
void expect_error(Call call, Pieces... pieces) {
  try {
    call();
    ADD_FAILURE() << "no error";
  } catch (const gradkeep::Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find('\n'), text.npos) << text;
    for (const std::string& piece : {std::string(pieces)...}) {
      EXPECT_NE(text.find(piece), text.npos) << "'" << text << "' lacks '" << piece << "'";
    }
  }
}
