// One script and one style sheet, without file names that change: the C++ build embeds both in the
// program, and the report carries them inside its single HTML file.
// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    lib: {
      entry: "src/main.ts",
      name: "gradkeep",
      formats: ["iife"],
      fileName: () => "charts.js",
      cssFileName: "charts",
    },
  },
});
