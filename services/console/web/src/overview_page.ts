// How safe the district is, at a glance; read again every few seconds.

import type { Language, OverviewView, Text } from "./api.js";
import { overview } from "./client.js";
import { element, tell } from "./element.js";
import { hoursChart } from "./hours_chart.js";
import * as tables from "./overview_tables.js";
import { severityTiles } from "./severity_tiles.js";
import type { Context, Page } from "./shell.js";
import { age, date, timeOfDay } from "./times.js";
import { say, type Word } from "./words.js";

const AGAIN_MS = 10_000;
/** A quiet city is stored once a minute. */
const BEHIND_MS = 120_000;

export class OverviewPage implements Page {
  readonly node = element("div", { class: "overview" });
  private readonly timer: number;
  private language: Language;
  private shown: OverviewView | null = null;
  private failure: Text | null = null;
  private isStopped = false;

  constructor(private readonly context: Context) {
    this.language = context.language;
    this.timer = window.setInterval(() => void this.read(), AGAIN_MS);
    this.draw();
    void this.read();
  }

  stop(): void {
    this.isStopped = true;
    window.clearInterval(this.timer);
  }

  private async read(): Promise<void> {
    const answer = await overview();
    if (this.isStopped) return;
    if (!answer.ok && answer.status === 401) return this.context.expired();
    this.failure = answer.ok ? null : answer.failure.message;
    if (answer.ok) this.shown = answer.value;
    this.draw();
  }

  private draw(): void {
    this.node.replaceChildren(this.head(), this.body());
  }

  private head(): HTMLElement {
    const { language, context } = this;
    const button = (word: Word, act: () => void): HTMLElement => {
      const made = element("button", { type: "button", class: `quiet ${word}` }, say(language, word));
      made.addEventListener("click", act);
      return made;
    };
    const other = (): void => {
      this.language = context.switchLanguage();
      this.draw();
    };
    return element(
      "header",
      { class: "top" },
      element("h1", {}, say(language, "overview_title")),
      this.asOf(),
      element(
        "div",
        { class: "person" },
        element("a", { href: "/" }, say(language, "to_feed")),
        element("span", { class: "who" }, context.session.person),
        button("other_language", other),
        button("sign_out", () => context.signOut()),
      ),
    );
  }

  private asOf(): HTMLElement {
    const { language, shown } = this;
    const node = element("div", { class: "as-of", role: "status" });
    if (this.failure !== null) {
      node.classList.add("failure");
      tell(node, `■ ${this.failure[language]}`);
    } else if (shown === null) tell(node, say(language, "loading"));
    else if (shown.at === null) tell(node, say(language, "nothing_stored"));
    else {
      const offset = this.context.city.utc_offset_minutes;
      const at = `${date(shown.at, offset)} ${timeOfDay(shown.at, offset)}`;
      const behind = shown.city_ms === null ? 0 : shown.city_ms - shown.at;
      node.classList.toggle("failure", behind > BEHIND_MS);
      tell(
        node,
        behind > BEHIND_MS
          ? `■ ${say(language, "stored_behind", { at, age: age(behind, language) })}`
          : say(language, "as_of", { at }),
      );
    }
    return node;
  }

  private body(): HTMLElement {
    const { language, shown } = this;
    const main = element("main", { class: "boards" });
    if (shown === null) return main;
    const offsetMinutes = this.context.city.utc_offset_minutes;
    main.append(
      board(language, "open_by_severity", severityTiles(shown.severities, language), "wide"),
      board(language, "raised_by_hour", hoursChart(shown.hours, language, offsetMinutes), "wide"),
      board(language, "open_by_system", tables.places(shown.systems, "system", language)),
      board(language, "open_by_town", tables.places(shown.towns, "town", language), "tall"),
      board(language, "acknowledgement_times", tables.acknowledgement(shown.acknowledgement, language)),
      board(language, "heard_of", tables.coverage(shown.coverage, language)),
      board(language, "since_midnight", tables.day(shown.day, language)),
    );
    return main;
  }
}

function board(language: Language, title: Word, content: Element, size = ""): HTMLElement {
  return element("section", { class: `board ${size}`, id: title }, element("h2", {}, say(language, title)), content);
}
