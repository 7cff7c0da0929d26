// A point's last day: mean as a line, min to max as a band, limits as labelled lines.

import type { DayView, Language, LimitView, Minute } from "./api.js";
import { geometry, MARGIN, type Frame, type Geometry, type LimitLine } from "./chart_geometry.js";
import { svg } from "./element.js";
import { figure, hourAndMinute } from "./times.js";
import { SEVERITY, say } from "./words.js";

/** Draw; `told` is given the words for the place that the pointer is at, or null when it leaves. */
export function chart(
  day: DayView,
  language: Language,
  frame: Frame,
  told: (words: string | null) => void,
): SVGSVGElement {
  const at = geometry(day, frame);
  const made = svg("svg", {
    class: "chart",
    role: "img",
    width: frame.width,
    height: frame.height,
    viewBox: `0 0 ${frame.width} ${frame.height}`,
    "aria-label": summary(day, language),
  });
  made.append(
    ...axes(at, frame, (value) => said(value, day, language)),
    svg("path", { class: "band", d: at.band }),
    ...at.limits.map((one) => limitLine(one, language, frame)),
    svg("path", { class: "mean", d: at.mean }),
  );
  readOut(made, day, frame, (minute) => told(minute === null ? null : reading(minute, day, language, frame)));
  return made;
}

/** A cursor at the minute nearest to the pointer, which is told. */
function readOut(
  made: SVGSVGElement,
  day: DayView,
  frame: Frame,
  told: (minute: Minute | null) => void,
): void {
  const at = geometry(day, frame);
  const cursor = svg("line", {
    class: "cursor",
    y1: MARGIN.top,
    y2: frame.height - MARGIN.bottom,
    visibility: "hidden",
  });
  made.append(cursor);
  made.addEventListener("pointermove", (event) => {
    const minute = nearest(day.minutes, at, event.clientX - made.getBoundingClientRect().left);
    if (minute === null) return;
    cursor.setAttribute("x1", String(at.x(minute[0])));
    cursor.setAttribute("x2", String(at.x(minute[0])));
    cursor.setAttribute("visibility", "visible");
    told(minute);
  });
  made.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    told(null);
  });
}

/** The chart in one sentence. */
export function summary(day: DayView, language: Language): string {
  const known = day.minutes.filter(([, mean]) => mean !== null);
  const last = known.at(-1)?.[1] ?? null;
  if (last === null) return say(language, "no_data");
  const lows = known.map(([, mean, min]) => min ?? mean ?? 0);
  const highs = known.map(([, mean, , max]) => max ?? mean ?? 0);
  return say(language, "chart", {
    station: day.station[language],
    point: day.point[language],
    min: said(Math.min(...lows), day, language),
    max: said(Math.max(...highs), day, language),
    last: said(last, day, language),
    unit: day.unit,
  });
}

/** A limit as it is written: severity, side, figure. */
export function limitWords({ severity, side, limit }: LimitView, language: Language): string {
  return `${SEVERITY[severity][language]} ${side === "above" ? "≥" : "≤"} ${figure(limit)}`;
}

/** A value: the word of the state that it is, or a figure. */
function said(value: number, day: DayView, language: Language): string {
  return day.states.find((state) => state.value === value)?.name[language] ?? figure(value);
}

function axes(at: Geometry, frame: Frame, words: (value: number) => string): SVGElement[] {
  const right = frame.width - MARGIN.right;
  const bottom = frame.height - MARGIN.bottom;
  return [
    ...at.yTicks.flatMap(({ value, y }) => [
      svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y, y2: y }),
      svg("text", { class: "tick", x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" }, words(value)),
    ]),
    ...at.xTicks.flatMap(({ ms, x }) => [
      svg("line", { class: "grid", x1: x, x2: x, y1: MARGIN.top, y2: bottom }),
      svg(
        "text",
        { class: "tick", x, y: bottom + 16, "text-anchor": "middle" },
        hourAndMinute(ms, frame.zone),
      ),
    ]),
  ];
}

function limitLine({ limit, y, labelY, beyond }: LimitLine, language: Language, frame: Frame): SVGElement {
  const right = frame.width - MARGIN.right;
  const arrow = beyond === "up" ? "↑ " : beyond === "down" ? "↓ " : "";
  const made = svg("g", { class: `limit ${limit.severity}` });
  if (beyond === null) made.append(svg("line", { x1: MARGIN.left, x2: right, y1: y, y2: y }));
  made.append(
    svg("path", { class: "leader", d: `M${right},${y}L${right + 8},${labelY}` }),
    svg("text", { x: right + 11, y: labelY + 4 }, arrow + limitWords(limit, language)),
  );
  return made;
}

function nearest(minutes: readonly Minute[], at: Geometry, x: number): Minute | null {
  let found: Minute | null = null;
  for (const minute of minutes) {
    if (minute[1] === null) continue;
    if (found === null || Math.abs(at.x(minute[0]) - x) < Math.abs(at.x(found[0]) - x)) found = minute;
  }
  return found;
}

function reading([ms, mean, min, max]: Minute, day: DayView, language: Language, frame: Frame): string {
  const words = (value: number): string => said(value, day, language);
  const range = min === null || max === null || min === max ? "" : ` (${words(min)}–${words(max)})`;
  return `${hourAndMinute(ms, frame.zone)}  ${words(mean ?? 0)}${range} ${day.unit}`.trimEnd();
}
