// The plotting program: gets a script, leaves a picture.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace gradkeep::cli {

// Runs the script; it has to write to `picture`. Throws Error where gnuplot is missing, complains
// or leaves no complete picture.
void run_gnuplot(const std::string& script, const std::string& picture);

// The lines that choose SVG or PNG, of so many pixels; a PNG has twice as many.
std::string gnuplot_terminal(bool png, int width, int height, bool transparent);

// The text as a gnuplot expression.
std::string gnuplot_quoted(const std::string& text);

}  // namespace gradkeep::cli
