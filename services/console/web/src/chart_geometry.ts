// Where the lines of a chart lie, in pixels. Pure.

import type { DayView, LimitView, Minute } from "./api.js";
import { offsetMs } from "./times.js";

export const MARGIN = { top: 10, right: 104, bottom: 22, left: 46 };
const LABEL_GAP = 15;
const HOUR_MS = 3_600_000;
const LEAST_GAP_MS = 10 * 60_000;
/** With a limit drawn in, the data keep at least this share of the height; others are shown at the edge. */
const LEAST_SHARE = 0.08;

export interface Frame {
  width: number;
  height: number;
  zone: string;
}

export interface LimitLine {
  limit: LimitView;
  y: number;
  labelY: number;
  /** The limit lies outside what is drawn. */
  beyond: "up" | "down" | null;
}

export interface Geometry {
  mean: string;
  band: string;
  limits: LimitLine[];
  yTicks: { value: number; y: number }[];
  xTicks: { ms: number; x: number }[];
  x(ms: number): number;
  y(value: number): number;
}

type Point = [x: number, y: number];
type Range = [low: number, high: number];

export function geometry(day: DayView, frame: Frame): Geometry {
  const [low, high] = padded(day.states.length > 0 ? stateRange(day) : range(day));
  const right = frame.width - MARGIN.right;
  const bottom = frame.height - MARGIN.bottom;
  const x = (ms: number): number =>
    MARGIN.left + ((ms - day.from_ms) / (day.to_ms - day.from_ms)) * (right - MARGIN.left);
  const y = (value: number): number => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top);
  const runs = unbroken(day.minutes);
  const points = (run: readonly Minute[]): Point[] => {
    const found = run.map(([at, mean]): Point => [x(at), y(mean ?? 0)]);
    return day.states.length > 0 ? stepped(found) : found;
  };
  return {
    mean: runs.map((run) => line(points(run))).join(""),
    band: runs.map((run) => area(run, x, y)).join(""),
    limits: limitLines(day.limits, [low, high], y, bottom),
    yTicks: (day.states.length > 0 ? day.states.map(({ value }) => value) : steps(low, high)).map(
      (value) => ({
        value,
        y: y(value),
      }),
    ),
    xTicks: hours(day, frame).map((ms) => ({ ms, x: x(ms) })),
    x,
    y,
  };
}

/** Minutes that belong together: no pause between them that is much longer than usual. */
export function unbroken(minutes: readonly Minute[]): Minute[][] {
  const known = minutes.filter(([, mean]) => mean !== null);
  const pauses = known.slice(1).map(([at], place) => at - (known[place]?.[0] ?? at));
  const usual = [...pauses].sort((one, other) => one - other)[Math.floor(pauses.length / 2)] ?? 0;
  const longest = Math.max(3 * usual, LEAST_GAP_MS);
  const runs: Minute[][] = [];
  let before = -Infinity;
  for (const minute of known) {
    if (minute[0] - before > longest) runs.push([]);
    runs[runs.length - 1]?.push(minute);
    before = minute[0];
  }
  return runs;
}

function range(day: DayView): Range {
  const values = day.minutes.flatMap(([, ...of]) => of.filter((value) => value !== null));
  if (values.length === 0) values.push(...day.limits.map(({ limit }) => limit));
  let low = values.length === 0 ? 0 : Math.min(...values);
  let high = values.length === 0 ? 1 : Math.max(...values);
  const span = Math.max(high - low, Math.abs(high) * 0.05, 1e-9);
  const limits = day.limits
    .map(({ limit }) => limit)
    .sort((one, other) => distance(one, low, high) - distance(other, low, high));
  for (const limit of limits) {
    const wider: Range = [Math.min(low, limit), Math.max(high, limit)];
    if (span / (wider[1] - wider[0] || 1) >= LEAST_SHARE) [low, high] = wider;
  }
  return [low, high];
}

function stateRange(day: DayView): Range {
  const values = day.states.map(({ value }) => value);
  return [Math.min(...values), Math.max(...values)];
}

/** A state holds until the next. */
function stepped(points: readonly Point[]): Point[] {
  return points.flatMap((point, place) => {
    const before = points[place - 1];
    return before === undefined ? [point] : [[point[0], before[1]], point];
  });
}

function distance(value: number, low: number, high: number): number {
  return Math.max(low - value, value - high, 0);
}

function padded([low, high]: Range): Range {
  const pad = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - pad, high + pad];
}

function line(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  if (rest.length === 0) return `M${place(first)}h0`; // a dot: the line's round ends make it visible
  return `M${place(first)}L${rest.map(place).join(" ")}`;
}

function place([x, y]: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

function area(run: readonly Minute[], x: (ms: number) => number, y: (value: number) => number): string {
  const whole = run.filter(([, , min, max]) => min !== null && max !== null);
  if (whole.length < 2) return "";
  const upper = whole.map(([at, , , max]) => place([x(at), y(max ?? 0)]));
  const lower = whole.map(([at, , min]) => place([x(at), y(min ?? 0)])).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

function limitLines(
  limits: readonly LimitView[],
  [low, high]: Range,
  y: (value: number) => number,
  bottom: number,
): LimitLine[] {
  const lines = limits
    .map((limit): LimitLine => {
      const beyond = limit.limit > high ? "up" : limit.limit < low ? "down" : null;
      const at = beyond === "up" ? MARGIN.top : beyond === "down" ? bottom : y(limit.limit);
      return { limit, y: at, labelY: at, beyond };
    })
    .sort((one, other) => other.limit.limit - one.limit.limit);
  let free = -Infinity;
  for (const one of lines) free = (one.labelY = Math.max(one.labelY, free)) + LABEL_GAP;
  // What was pushed below the bottom pushes back.
  let last = bottom;
  for (const one of [...lines].reverse()) last = (one.labelY = Math.min(one.labelY, last)) - LABEL_GAP;
  return lines;
}

/** Round values, about four of them. */
function steps(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => (first + place) * step);
}

/** Every sixth hour of local time, every fourth where there is room. */
function hours(day: DayView, frame: Frame): number[] {
  const every = (frame.width < 600 ? 6 : 4) * HOUR_MS;
  const end = day.to_ms + offsetMs(day.to_ms, frame.zone);
  const found = [];
  let local = Math.ceil((day.from_ms + offsetMs(day.from_ms, frame.zone)) / every) * every;
  for (; local <= end; local += every) {
    found.push(local - offsetMs(local - offsetMs(local, frame.zone), frame.zone));
  }
  return found;
}
