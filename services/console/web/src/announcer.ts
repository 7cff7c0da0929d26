// What screen readers are told without being asked.

import type { AlertView } from "./api.js";
import { element, tell } from "./element.js";
import type { State } from "./state.js";
import { say } from "./words.js";

export interface Announcer {
  readonly node: HTMLElement;
  critical(alerts: readonly AlertView[]): void;
  politely(words: string): void;
}

export function announcer(state: State): Announcer {
  const urgent = element("div", { class: "unseen", "aria-live": "assertive", "data-announce": "critical" });
  const calm = element("div", { class: "unseen", "aria-live": "polite" });
  return {
    node: element("div", {}, urgent, calm),
    critical(alerts) {
      const words = alerts
        .filter((alert) => alert.severity === "critical")
        .map((alert) => say(state.language, "announce", { headline: alert.headline[state.language] }));
      if (words.length > 0) urgent.replaceChildren(words.join(" ")); // anew, also when the words are the same
    },
    politely: (words) => tell(calm, words),
  };
}
