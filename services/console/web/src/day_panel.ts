// The chart of an opened row; it is read again every minute.

import type { AlertView, DayView, Language } from "./api.js";
import { chart } from "./chart.js";
import { day as readDay } from "./client.js";
import { element, tell } from "./element.js";
import type { State } from "./state.js";
import { say } from "./words.js";

const HEIGHT = 220;
const LEAST_WIDTH = 280;
const AGAIN_MS = 60_000;

export interface DayPanel {
  readonly node: HTMLElement;
  stop(): void;
}

export function dayPanel(state: State, alert: AlertView): DayPanel {
  const language = state.language;
  const title = element("p", { class: "day-title" }, say(language, "loading"));
  const told = element("span", { class: "day-told" });
  const place = element("div", { class: "day-chart" });
  const head = element("div", { class: "day-head" }, title, told);
  let shown: DayView | null = null;

  function draw(): void {
    if (shown === null) return;
    tell(title, titleOf(shown, language));
    tell(told, "");
    if (shown.minutes.every(([, mean]) => mean === null))
      return place.replaceChildren(element("p", { class: "empty" }, say(language, "no_data")));
    const frame = {
      width: Math.max(Math.floor(place.clientWidth), LEAST_WIDTH),
      height: HEIGHT,
      zone: state.city.time_zone,
    };
    place.replaceChildren(chart(shown, language, frame, (words) => tell(told, words ?? "")));
  }

  async function load(): Promise<void> {
    const answer = await readDay(alert.station_id, alert.point);
    if (answer.ok) shown = answer.value;
    else if (shown === null) tell(title, answer.failure.message[language]);
    draw();
  }

  const timer = window.setInterval(() => void load(), AGAIN_MS);
  const sized = new ResizeObserver(draw);
  sized.observe(place);
  void load();
  return {
    node: element("div", { class: "day" }, head, place),
    stop: () => {
      window.clearInterval(timer);
      sized.disconnect();
    },
  };
}

function titleOf(day: DayView, language: Language): string {
  const parts = [day.station[language], day.point[language], day.unit].filter((part) => part !== "");
  const isBare = day.limits.length === 0 && day.states.length === 0;
  return parts.join(" · ") + (isBare ? ` (${say(language, "no_limits")})` : "");
}
