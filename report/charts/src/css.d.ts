// The style sheet is imported for its effect; the bundler knows how.
// SPDX-License-Identifier: Apache-2.0
declare module "*.css";
