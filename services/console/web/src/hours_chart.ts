// Alerts raised in each of the last 24 hours, as bars with the most urgent at the bottom.

import type { HourCount, Language } from "./api.js";
import { SEVERITIES } from "./board.js";
import { svg } from "./element.js";
import { hourAndMinute } from "./times.js";
import { SEVERITY, say } from "./words.js";

const WIDTH = 960;
const HEIGHT = 150;
const MARGIN = { top: 8, bottom: 20, left: 34 };
const LEAST_TOP = 4;
const LABEL_EVERY = 4;

interface Scale {
  /** Width of an hour. */
  step: number;
  x(place: number): number;
  y(count: number): number;
}

export function hoursChart(
  hours: readonly HourCount[],
  language: Language,
  zone: string,
): SVGSVGElement {
  const top = Math.max(LEAST_TOP, ...hours.map(total));
  const step = (WIDTH - MARGIN.left) / Math.max(hours.length, 1);
  const scale: Scale = {
    step,
    x: (place) => MARGIN.left + place * step,
    y: (count) => HEIGHT - MARGIN.bottom - (count / top) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  };
  const all = hours.reduce((sum, hour) => sum + total(hour), 0);
  return svg(
    "svg",
    {
      class: "hours",
      role: "img",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      "aria-label": say(language, "hours_in_words", { n: all }),
    },
    ...[0, Math.ceil(top / 2), top].flatMap((count) => gridLine(count, scale)),
    ...hours.flatMap((hour, place) => {
      const clock = hourAndMinute(hour.hour, zone);
      const isLabelled = (place + 1) % LABEL_EVERY === 0;
      return [bar(hour, place, clock, language, scale), ...(isLabelled ? [label(clock, place, scale)] : [])];
    }),
  );
}

function total(hour: HourCount): number {
  return SEVERITIES.reduce((sum, severity) => sum + hour[severity], 0);
}

function gridLine(count: number, { y }: Scale): SVGElement[] {
  return [
    svg("line", { class: "grid", x1: MARGIN.left, x2: WIDTH, y1: y(count), y2: y(count) }),
    svg("text", { x: MARGIN.left - 6, y: y(count) + 4, "text-anchor": "end" }, String(count)),
  ];
}

function label(clock: string, place: number, { x, step }: Scale): SVGElement {
  return svg("text", { x: x(place) + step / 2, y: HEIGHT - 5, "text-anchor": "middle" }, clock);
}

function bar(hour: HourCount, place: number, clock: string, language: Language, scale: Scale): SVGElement {
  const words = SEVERITIES.map((severity) => `${SEVERITY[severity][language]} ${hour[severity]}`).join(" · ");
  const made = svg("g", { class: "bar" }, svg("title", {}, `${clock}  ${words}`));
  let below = 0;
  for (const severity of SEVERITIES) {
    const bottom = scale.y(below);
    below += hour[severity];
    const y = scale.y(below);
    if (bottom > y)
      made.append(
        svg("rect", { class: severity, x: scale.x(place) + 2, y, width: scale.step - 4, height: bottom - y }),
      );
  }
  return made;
}
