// Where results go. Standard output is collected first and written in large pieces, so that a verb
// that fails prints no half result, and every failed write (a full disk, a closed pipe) is an
// Error. A file is written under another name and renamed when complete.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gradkeep::cli {

class Output {
 public:
  Output() = default;
  // Adds to a text instead of writing to standard output.
  explicit Output(std::string& into) : into_(&into) {}
  Output& operator<<(std::string_view text) {
    text_ += text;
    if (text_.size() > kPiece) write();
    return *this;
  }
  Output& operator<<(char c) { return *this << std::string_view(&c, 1); }
  // Writes what is left. Throws Error where that fails.
  void finish() { write(); }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 20;
  void write();
  std::string text_;
  std::string* into_ = nullptr;
};

// The file at `path` is `content` afterwards, or as it was and an Error is thrown.
void write_file(const std::string& path, std::string_view content);

// What the file holds. Throws Error where it cannot be read.
std::string read_file(const std::string& path);

// Makes a folder and those around it. Throws Error where that fails.
void make_folder(const std::string& folder);

// A file beside `path` that nothing else uses; it disappears with this object unless kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path, std::string_view suffix = "");
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& name() const { return name_; }
  // Gives it its final name. Throws Error where that fails.
  void keep();

 private:
  std::string path_, name_;
  bool kept_ = false;
};

}  // namespace gradkeep::cli
