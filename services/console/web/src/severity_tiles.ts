// Open alerts by severity, large enough to be read from the back of the room.

import type { Language, OpenCount } from "./api.js";
import { element } from "./element.js";
import { symbol } from "./symbol.js";
import { age } from "./times.js";
import { SEVERITY, say } from "./words.js";

export function severityTiles(counts: readonly OpenCount[], language: Language): HTMLElement {
  return element("div", { class: "tiles" }, ...counts.map((count) => tile(count, language)));
}

function tile(count: OpenCount, language: Language): HTMLElement {
  const waits = count.longest_wait_s;
  const waiting =
    waits === null
      ? ""
      : say(language, "longest_wait", {
          n: count.unacknowledged,
          age: age(waits * 1000, language),
        });
  return element(
    "div",
    { class: `tile ${count.severity}`, "data-open": count.open },
    symbol(count.severity),
    element("span", { class: "word" }, SEVERITY[count.severity][language]),
    element("b", {}, String(count.open)),
    element("span", { class: "waiting" }, waiting),
  );
}
