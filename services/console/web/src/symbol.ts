// Severity by shape: octagon, triangle, diamond, circle. Colour comes second, the word third.

import type { Severity } from "./api.js";
import { svg } from "./element.js";

const SHAPES: Record<Severity, string> = {
  critical: "M6.5 1h7L19 6.5v7L13.5 19h-7L1 13.5v-7Z",
  major: "M10 1.5 19.5 18.5h-19Z",
  warn: "M10 .5 19.5 10 10 19.5 .5 10Z",
  notice: "M10 2a8 8 0 1 1 0 16a8 8 0 1 1 0-16Z",
};
const MARKS: Partial<Record<Severity, string>> = {
  critical: "M10 4.8v6.4M10 13.6v1.7",
  major: "M10 7.5v5M10 14.6v1.5",
};

/** Decorative: the word beside it says the same. */
export function symbol(severity: Severity): SVGSVGElement {
  const made = svg("svg", {
    class: `symbol ${severity}`,
    viewBox: "0 0 20 20",
    "aria-hidden": "true",
    "data-shape": severity,
  });
  made.append(svg("path", { class: "shape", d: SHAPES[severity] }));
  const mark = MARKS[severity];
  if (mark !== undefined) made.append(svg("path", { class: "mark", d: mark }));
  return made;
}
