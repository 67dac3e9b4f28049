// Where results go: checked writes to standard output, and files that appear complete or not at
// all.
// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <gradkeep/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace gradkeep::cli {
namespace {

// Returns 0 or the error number.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error("cannot write " + path + ": " + std::strerror(error));
}

// A device or a pipe (/dev/full, /dev/stdout) is written in place: a rename would replace it.
bool in_place(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

void Output::write() {
  const std::string text = std::move(text_);
  text_.clear();
  if (into_) {
    *into_ += text;
    return;
  }
  if (const int error = write_all(STDOUT_FILENO, text)) fail("to standard output", error);
}

std::string read_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream in(path, std::ios::binary);
  if (std::filesystem::is_directory(path, ignored) || !in) {
    throw Error("cannot read " + path + ": expected a file");
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error("cannot make the folder " + folder + ": " + error.message());
}

TemporaryFile::TemporaryFile(const std::string& path, std::string_view suffix) : path_(path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) fail(path, EISDIR);
    if (::access(path.c_str(), W_OK) != 0) fail(path, errno);
    path_ = std::filesystem::canonical(path).string();  // a link stays, its target is replaced
  }
  name_ = path_ + ".XXXXXX" + std::string(suffix);
  const int file = ::mkstemps(name_.data(), static_cast<int>(suffix.size()));
  if (file < 0) fail(path, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(file, 0666 & ~mask);
  ::close(file);
}

TemporaryFile::~TemporaryFile() {
  if (!kept_) ::unlink(name_.c_str());
}

void TemporaryFile::keep() {
  if (::rename(name_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  kept_ = true;
}

void write_file(const std::string& path, std::string_view content) {
  const auto write = [&](const std::string& name) {
    const int file = ::open(name.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) fail(path, errno);
    const int error = write_all(file, content);
    const int closed = ::close(file) == 0 ? 0 : errno;
    if (error || closed) fail(path, error ? error : closed);
  };
  if (in_place(path)) return write(path);
  TemporaryFile temporary(path);
  write(temporary.name());
  temporary.keep();
}

}  // namespace gradkeep::cli
