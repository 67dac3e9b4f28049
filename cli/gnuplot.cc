// Runs gnuplot on a script.
// SPDX-License-Identifier: Apache-2.0
#include "cli/gnuplot.h"

#include <gradkeep/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>

namespace gradkeep::cli {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// A nameless file: a pipe could fill up on either side and halt both programs.
File scratch() {
  File file(std::tmpfile(), std::fclose);
  if (!file) throw Error(std::string("cannot make a temporary file: ") + std::strerror(errno));
  return file;
}

std::string content(std::FILE* file) {
  std::rewind(file);
  std::string out(4096, '\0');
  out.resize(std::fread(out.data(), 1, out.size(), file));
  return out;
}

// What gnuplot says of an error, without the script's line and the caret under it.
std::string complaint(const std::string& log) {
  std::string last;
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string line = log.substr(begin, end - begin);
    if (line.find_first_not_of(" ^\t") != line.npos) last = line;
    begin = end + 1;
  }
  return last;
}

// A disk that fills up stops gnuplot's writing, but it ends as if all were well.
bool complete(const std::string& picture) {
  std::ifstream file(picture, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  const std::string tail = all.size() > 32 ? all.substr(all.size() - 32) : all;
  return tail.find("</svg>") != tail.npos || tail.find("IEND") != tail.npos;
}

}  // namespace

void run_gnuplot(const std::string& script, const std::string& picture) {
  const File input = scratch(), log = scratch();
  if (std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0) {
    throw Error(std::string("cannot write a temporary file: ") + std::strerror(errno));
  }
  ::lseek(::fileno(input.get()), 0, SEEK_SET);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(input.get()), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(log.get()), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(log.get()), STDERR_FILENO);
  std::string name = "gnuplot", defaults = "-d", from_stdin = "-";
  char* arguments[] = {name.data(), defaults.data(), from_stdin.data(), nullptr};
  pid_t child;
  const int error = ::posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error) {
    throw Error(std::string("cannot run gnuplot, which draws the pictures: ") +
                std::strerror(error) + " (Debian package gnuplot-nox)");
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error("gnuplot failed: " + complaint(content(log.get())));
  }
  if (!complete(picture)) {
    throw Error("gnuplot left no complete picture: is the disk full?");
  }
}

std::string gnuplot_terminal(bool png, int width, int height, bool transparent) {
  std::string out = "set encoding utf8\n";
  if (png) {
    out += "set terminal pngcairo noenhanced size " + std::to_string(2 * width) + "," +
           std::to_string(2 * height) +
           " font 'DejaVu Sans,11' fontscale 2 linewidth 2 pointscale 2 dashlength 1.2";
  } else {
    out += "set terminal svg noenhanced size " + std::to_string(width) + "," +
           std::to_string(height) + " font 'DejaVu Sans,sans-serif,12' dashlength 0.6";
  }
  if (!transparent) {
    out += " background '#ffffff'";
  } else if (png) {
    out += " transparent";
  }
  return out + "\n";
}

std::string gnuplot_quoted(const std::string& text) {
  std::string out = "''.'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'.\"'\".'";  // gnuplot 5 trips over two quotes in a row
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out + "'";
}

}  // namespace gradkeep::cli
