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

export function hoursChart(hours: readonly HourCount[], language: Language, offsetMinutes: number): SVGSVGElement {
  const total = (hour: HourCount): number => SEVERITIES.reduce((sum, severity) => sum + hour[severity], 0);
  const top = Math.max(LEAST_TOP, ...hours.map(total));
  const room = HEIGHT - MARGIN.top - MARGIN.bottom;
  const step = (WIDTH - MARGIN.left) / Math.max(hours.length, 1);
  const y = (n: number): number => HEIGHT - MARGIN.bottom - (n / top) * room;
  const made = svg("svg", {
    class: "hours",
    role: "img",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-label": say(language, "hours_in_words", { n: hours.reduce((sum, hour) => sum + total(hour), 0) }),
  });
  for (const n of [0, Math.ceil(top / 2), top])
    made.append(
      svg("line", { class: "grid", x1: MARGIN.left, x2: WIDTH, y1: y(n), y2: y(n) }),
      svg("text", { x: MARGIN.left - 6, y: y(n) + 4, "text-anchor": "end" }, String(n)),
    );
  hours.forEach((hour, place) => {
    const x = MARGIN.left + place * step;
    const clock = hourAndMinute(hour.hour, offsetMinutes);
    const words = SEVERITIES.map((severity) => `${SEVERITY[severity][language]} ${hour[severity]}`).join(" · ");
    const bar = svg("g", { class: "bar" }, svg("title", {}, `${clock}  ${words}`));
    let below = 0;
    for (const severity of SEVERITIES) {
      const from = y(below);
      below += hour[severity];
      const height = from - y(below);
      if (height > 0)
        bar.append(svg("rect", { class: severity, x: x + 2, y: y(below), width: step - 4, height }));
    }
    made.append(bar);
    if ((place + 1) % LABEL_EVERY === 0)
      made.append(svg("text", { x: x + step / 2, y: HEIGHT - 5, "text-anchor": "middle" }, clock));
  });
  return made;
}
