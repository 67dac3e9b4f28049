// Writes the toy reading as a page, for the browser: toy_page FOLDER makes toy.html and toy.json.
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iostream>

#include "report/report.h"
#include "tests/report/toy.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: toy_page FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder(argv[1]);
  const auto store = gradkeep::report::toy::make_store((folder / "toy.sqlite").string());
  const gradkeep::report::Material material(store);
  const auto model = gradkeep::report::make_model(material, gradkeep::report::toy::read(material));
  std::ofstream(folder / "toy.json") << model.dump() << "\n";
  std::ofstream(folder / "toy.html") << gradkeep::report::make_html(model);
}
