// NOT LIVE: what the page shows may not be what is.

import type { Live } from "./liveness.js";
import { element, tell } from "./element.js";
import type { Part, State } from "./state.js";
import { timeOfDay, when } from "./times.js";
import { say } from "./words.js";

export function banner(state: State): Part {
  const language = state.language;
  const reason = element("span", { class: "reason" });
  const heard = element("span", { class: "heard" });
  const node = element("div", { class: "banner", role: "alert", hidden: true });
  const words = [
    element("strong", {}, `■ ${say(language, "not_live")}`),
    say(language, "not_live_meaning"),
    reason,
    heard,
  ];
  return {
    node,
    refresh(nowMs) {
      const live = state.liveness.at(nowMs);
      const isHidden = live.kind === "live" || live.kind === "connecting";
      if (node.hidden !== isHidden) node.replaceChildren(...(isHidden ? [] : words));
      node.hidden = isHidden;
      tell(reason, reasonWords(live, state));
      tell(heard, live.kind === "told" ? judgedUntil(live.judgedMs, state) : lastHeard(state));
    },
  };
}

function reasonWords(live: Live, { language }: State): string {
  switch (live.kind) {
    case "connection":
      return say(language, "connection_broken");
    case "silent":
      return say(language, "no_heartbeat", { n: Math.floor(live.forMs / 5_000) * 5 });
    case "told":
      return live.reason?.[language] ?? "";
    default:
      return "";
  }
}

function judgedUntil(judgedMs: number | null, { clock, city, language }: State): string {
  if (judgedMs === null) return "";
  return say(language, "judged_until", { time: when(judgedMs, clock.told, city.time_zone) });
}

function lastHeard({ clock, city, language }: State): string {
  if (clock.told === null) return "";
  return say(language, "last_heard", { time: timeOfDay(clock.told, city.time_zone) });
}
