# Writes two files into a C++ source as bytes: cmake -DJS=... -DCSS=... -DOUT=... -P embed.cmake
# SPDX-License-Identifier: Apache-2.0
function(bytes_of file variable)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  set(${variable} "${bytes}" PARENT_SCOPE)
endfunction()

bytes_of(${JS} js)
bytes_of(${CSS} css)
file(WRITE ${OUT} "// Generated from ${JS} and ${CSS} by report/embed.cmake.
#include \"report/bundle.h\"

namespace gradkeep::report {
namespace {
constexpr unsigned char kJs[] = {
${js}
};
constexpr unsigned char kCss[] = {
${css}
};
}  // namespace

std::string_view bundle_js() { return {reinterpret_cast<const char*>(kJs), sizeof kJs}; }
std::string_view bundle_css() { return {reinterpret_cast<const char*>(kCss), sizeof kCss}; }

}  // namespace gradkeep::report
")
