// City time, counts by severity (which are also the filter), who is signed in.

import type { Severity } from "./api.js";
import { SEVERITIES } from "./board.js";
import { element, tell } from "./element.js";
import type { Acts, Part, State } from "./state.js";
import { symbol } from "./symbol.js";
import { date, timeOfDay } from "./times.js";
import { wordButton } from "./word_button.js";
import { ROLE, SEVERITY, say } from "./words.js";

export function topBar(state: State, acts: Acts): Part {
  const clock = cityTime(state);
  const counts = SEVERITIES.map((severity) => severityCount(severity, state, acts));
  const group = element(
    "div",
    { class: "counts", role: "group", "aria-label": say(state.language, "filter_severity") },
    ...counts.map((count) => count.node),
  );
  const node = element(
    "header",
    { class: "top" },
    element("h1", {}, say(state.language, "title")),
    clock.node,
    person(state, acts),
    group,
  );
  return {
    node,
    refresh(nowMs) {
      clock.refresh(nowMs);
      for (const count of counts) count.refresh(nowMs);
    },
  };
}

function cityTime(state: State): Part {
  const language = state.language;
  const day = element("span", { class: "date" });
  const time = element("time", { class: "clock" });
  const live = element("span", { class: "live" });
  const node = element(
    "div",
    { class: "city-time" },
    element("span", { class: "label" }, say(language, "city_time")),
    " ",
    day,
    " ",
    time,
    " ",
    live,
  );
  return {
    node,
    refresh(nowMs) {
      const now = state.clock.at(nowMs);
      const zone = state.city.time_zone;
      const kind = state.liveness.at(nowMs).kind;
      tell(day, now === null ? "" : date(now, zone));
      tell(time, now === null ? say(language, "time_unknown") : timeOfDay(now, zone));
      tell(
        live,
        kind === "live"
          ? `● ${say(language, "live")}`
          : kind === "connecting"
            ? say(language, "connecting")
            : `■ ${say(language, "not_live")}`,
      );
      node.dataset["live"] = kind;
    },
  };
}

function severityCount(severity: Severity, state: State, acts: Acts): Part {
  const language = state.language;
  const open = element("b");
  const waiting = element("span", { class: "waiting" });
  const word = element("span", { class: "word" }, SEVERITY[severity][language]);
  const button = element(
    "button",
    { type: "button", class: `count ${severity}` },
    symbol(severity),
    word,
    open,
    waiting,
  );
  button.addEventListener("click", () => {
    const severities = new Set(state.filter.severities);
    if (!severities.delete(severity)) severities.add(severity);
    acts.filter({ ...state.filter, severities });
  });
  return {
    node: button,
    refresh() {
      const count = state.board.counts()[severity];
      tell(open, String(count.open));
      tell(
        waiting,
        count.unacknowledged === 0 ? "" : say(language, "unacknowledged_of", { n: count.unacknowledged }),
      );
      button.setAttribute("aria-pressed", String(state.filter.severities.has(severity)));
    },
  };
}

function person(state: State, acts: Acts): HTMLElement {
  const { language, session } = state;
  return element(
    "div",
    { class: "person" },
    element("span", { class: "who" }, `${session.person} · ${ROLE[session.role][language]}`),
    element("a", { href: "/overview" }, say(language, "to_overview")),
    wordButton(language, "other_language", acts.switchLanguage),
    wordButton(language, "help", acts.help),
    wordButton(language, "sign_out", acts.signOut),
  );
}
