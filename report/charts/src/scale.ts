// The scales of a figure that a reading gave: domains that show the data, ticks that do not collide,
// and how a value is said. On a logarithmic scale zero has a place of its own at the edge, beyond
// the smallest positive value, and a tick that says 0.
// SPDX-License-Identifier: Apache-2.0

import { isNumber, number, percent, seconds, superscript } from "./format";
import { textWidth } from "./marks";
import type { Scale } from "./model";

interface Tick {
  at: number;
  text: string;
}

export interface Axis {
  type: "linear" | "log";
  domain: [number, number];
  ticks: number[];
  tickText: (at: number) => string;
  /** From 0 to 1 along the axis. */
  position: (place: number) => number;
  /** Where a value is drawn; undefined where it cannot be. */
  place: (v: number | null | undefined) => number | undefined;
  say: (v: number | null | undefined) => string;
}

/** A share of 0.953 is "95.3 %", one of 3.4e-6 "3.4×10⁻⁴ %". */
function share(v: number | null | undefined): string {
  if (!isNumber(v) || v === 0 || Math.abs(v) >= 1e-3) return percent(v);
  return `${number(100 * v)} %`;
}

export function sayIn(scale: Scale): (v: number | null | undefined) => string {
  return scale.unit === "%" ? share : scale.unit === "s" ? seconds : number;
}

/** `wide`: of a logarithmic axis over many decades, where all ticks but the middle ones are powers. */
function tickText(scale: Scale, v: number, wide: boolean): string {
  if (scale.unit === "s") return v === 0 ? "0 s" : seconds(v);
  const value = scale.unit === "%" ? 100 * v : v;
  const end = scale.unit === "%" ? " %" : "";
  if (value === 0) return `0${end}`;
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  if (wide ? Math.abs(exponent) < 2 : exponent >= -3 && exponent <= 4) return `${Number(value.toPrecision(4))}${end}`.replace("-", "−");
  const mantissa = Number((value / 10 ** exponent).toPrecision(3));
  return `${mantissa === 1 ? "" : `${mantissa}×`}10${superscript(exponent)}${end}`.replace("-", "−");
}

/** Round values, about `count` of them. */
function evenly(low: number, high: number, count: number): number[] {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999) ?? raw;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k === 0 ? 0 : k * step);
  return ticks;
}

/** Powers of ten; within few decades also their multiples by 2 and 5, within one by all digits. */
function powers(low: number, high: number): number[] {
  const span = Math.log10(high / low);
  if (span < 0.7) return evenly(low, high, 5).filter((t) => t > 0);
  const multiples = span < 1.2 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : span < 3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
    for (const m of multiples) ticks.push(m * 10 ** e);
  return ticks.filter((t) => t >= low * 0.999 && t <= high * 1.001);
}

export interface AxisOptions {
  /** Room in pixels, and whether the labels stand side by side along it. */
  pixels: number;
  along: boolean;
  /** Ticks at the values themselves, where they are few (depths, rates). */
  atValues?: boolean;
  /** No air at the ends (a line's x axis, a field's colours). */
  tight?: boolean;
}

/** Ticks whose labels do not touch, at least so far apart; the first and the last stay if they can. */
function thinned(ticks: Tick[], position: (v: number) => number, options: AxisOptions, least: number): Tick[] {
  const extent = (t: Tick) => Math.max(least, options.along ? textWidth(t.text) + 10 : 22);
  const clash = (a: Tick, b: Tick) =>
    Math.abs(position(a.at) - position(b.at)) * options.pixels < (extent(a) + extent(b)) / 2;
  const even = ticks.every((t, i) => i < 2 || Math.abs(position(t.at) - 2 * position(ticks[i - 1]!.at) + position(ticks[i - 2]!.at)) < 1e-6);
  if (even)
    for (let step = 1; step <= ticks.length; step++) {
      // Counted so that 0, or else the last, is among them.
      const origin = Math.max(0, ticks.findIndex((t) => t.at === 0));
      const kept = ticks.filter((_, i) => (i - origin) % step === 0);
      if (kept.every((t, i) => i === 0 || !clash(t, kept[i - 1]!))) return kept;
    }
  const kept: Tick[] = [];
  for (const tick of ticks) if (!kept.length || !clash(tick, kept.at(-1)!)) kept.push(tick);
  const last = ticks.at(-1);
  if (last && kept.at(-1) !== last) {
    while (kept.length > 1 && clash(kept.at(-1)!, last)) kept.pop();
    if (!clash(kept.at(-1)!, last)) kept.push(last);
  }
  return kept;
}

export function makeAxis(scale: Scale, all: (number | null | undefined)[], options: AxisOptions): Axis {
  const values = all.filter(isNumber);
  const positive = values.filter((v) => v > 0);
  const log = scale.log && positive.length > 0;
  let low = Math.min(...(log ? positive : values));
  let high = Math.max(...(log ? positive : values));
  if (!values.length) [low, high] = [0, 1];
  let edge: number | undefined;
  if (log) {
    if (high / low < 1.02 && !options.tight) [low, high] = [low / 2, high * 2];
    else if (!options.tight) {
      const air = Math.max((high / low) ** 0.05, 1.04);
      [low, high] = [low / air, high * air];
    }
    if (values.some((v) => v <= 0)) {
      edge = low / Math.max((high / low) ** 0.12, 1.5);
      low = edge / (options.tight ? 1 : (high / low) ** 0.03);
    }
  } else {
    const span = high - low;
    const room = span > 0 ? span : Math.abs(high) || 1;
    if (!options.tight) {
      const floor = low >= 0 && (low < 0.4 * high || high === 0) ? 0 : low - (span > 0 ? 0.06 : 0.5) * room;
      const roof = high + (span > 0 ? 0.06 : 0.5) * room;
      const shares = scale.unit === "%" && low >= 0 && high <= 1;
      low = shares ? Math.max(0, floor) : floor;
      high = shares ? Math.min(1, roof) : roof;
      if (!(high > low)) [low, high] = shares ? [0, 1] : [low - 0.5, high + 0.5];
    } else if (!(span > 0)) {
      [low, high] = [low - room / 2, high + room / 2];
    }
  }
  const axis = {
    type: log ? ("log" as const) : ("linear" as const),
    domain: [low, high] as [number, number],
    place: (v: number | null | undefined) => (!isNumber(v) ? undefined : log && v <= 0 ? (v === 0 ? edge : undefined) : v),
    say: sayIn(scale),
  };
  const position = (v: number) =>
    log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const own = options.atValues && distinct.length <= 12;
  const inner = scale.ticks?.filter((t) => t >= low && t <= high) ?? (own
    ? distinct
    : log
      ? powers(edge ? Math.min(...positive) : low, high)
      : evenly(low, high, Math.max(2, Math.round(options.pixels / (options.along ? 80 : 42)))));
  const wide = log && (Math.min(...inner.filter((v) => v > 0)) < 1e-4 || Math.max(...inner) > 1e5);
  const ticks = inner.filter((v) => !log || v > 0).map((v) => ({ at: v, text: tickText(scale, v, wide) }));
  const shown = thinned(ticks, position, options, own || scale.ticks || !options.along ? 0 : 58);
  if (edge !== undefined && distinct.includes(0)) shown.unshift({ at: edge, text: tickText(scale, 0, wide) });
  const texts = new Map(shown.map((t) => [t.at, t.text]));
  return { ...axis, position, ticks: [...texts.keys()], tickText: (at) => texts.get(at) ?? "" };
}
