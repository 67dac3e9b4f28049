// When two accuracies differ: the same rule as report/compare.h, which the sentences follow. The
// means must lie further apart than both ranges over the seeds together, and further than twice
// the error that a test part of this size makes.
// SPDX-License-Identifier: Apache-2.0

import { isNumber } from "./format";
import type { Spread } from "./model";

export function apart(a: Spread, b: Spread, examples: number): boolean {
  if (!isNumber(a.mid) || !isNumber(b.mid)) return false;
  const range = (s: Spread) => (s.high ?? 0) - (s.low ?? 0);
  const variance = (p: number) => (p * (1 - p)) / Math.max(1, examples);
  const noise = Math.max(range(a) + range(b), 2 * Math.sqrt(variance(a.mid) + variance(b.mid)));
  return Math.abs(a.mid - b.mid) > noise;
}
