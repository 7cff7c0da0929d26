// How safe the district is, at a glance; read again every few seconds.

import type { Language, OverviewView, Text } from "./api.js";
import { overview } from "./client.js";
import { element, tell } from "./element.js";
import { hoursChart } from "./hours_chart.js";
import * as tables from "./overview_tables.js";
import { severityTiles } from "./severity_tiles.js";
import type { Context, Page } from "./shell.js";
import { age, date, timeOfDay } from "./times.js";
import { wordButton } from "./word_button.js";
import { say, type Word } from "./words.js";

const AGAIN_MS = 10_000;
/** A quiet city is stored once a minute. */
const BEHIND_MS = 120_000;

export class OverviewPage implements Page {
  readonly node = element("div", { class: "overview" });
  private readonly asOf = element("div", { class: "as-of" });
  private readonly warning = element("div", { class: "warning", role: "alert" });
  private readonly boards = element("main", { class: "boards" });
  private readonly timer: number;
  private language: Language;
  private shown: OverviewView | null = null;
  private failure: Text | null = null;
  private isStopped = false;

  constructor(private readonly context: Context) {
    this.language = context.language;
    this.timer = window.setInterval(() => void this.read(), AGAIN_MS);
    this.build();
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
    this.refresh();
  }

  /** Made once for a language, so that what has the focus keeps it. */
  private build(): void {
    const { language, context } = this;
    const person = element(
      "div",
      { class: "person" },
      element("a", { href: "/" }, say(language, "to_feed")),
      element("span", { class: "who" }, context.session.person),
      wordButton(language, "other_language", () => {
        this.language = context.switchLanguage();
        this.build();
        this.node.querySelector<HTMLElement>(".other_language")?.focus();
      }),
      wordButton(language, "sign_out", () => context.signOut()),
    );
    const title = element("h1", {}, say(language, "overview_title"));
    const head = element("header", { class: "top" }, title, this.asOf, this.warning, person);
    this.node.replaceChildren(head, this.boards);
    this.refresh();
  }

  private refresh(): void {
    const warning = this.warningWords();
    tell(this.warning, warning === "" ? "" : `■ ${warning}`);
    tell(this.asOf, warning === "" ? this.asOfWords() : "");
    if (this.shown !== null) this.boards.replaceChildren(...this.boardsOf(this.shown));
  }

  private asOfWords(): string {
    const { language, shown } = this;
    if (shown === null) return say(language, "loading");
    return shown.at === null
      ? say(language, "nothing_stored")
      : say(language, "as_of", { at: this.moment(shown.at) }) + this.judgedWords(shown);
  }

  private judgedWords({ judged: [last] }: OverviewView): string {
    if (last?.until == null) return "";
    return say(this.language, "and_judged", { at: timeOfDay(last.until, this.context.city.time_zone) });
  }

  /** Why what is shown is not what is; empty: it is. */
  private warningWords(): string {
    const { language, shown } = this;
    if (this.failure !== null) return this.failure[language];
    if (shown?.heartbeat.reason != null) return `${say(language, "not_live")}: ${shown.heartbeat.reason[language]}`;
    if (shown?.at == null || shown.city_ms === null || shown.city_ms - shown.at <= BEHIND_MS) return "";
    const behind = age(shown.city_ms - shown.at, language);
    return say(language, "stored_behind", { at: this.moment(shown.at), age: behind });
  }

  private moment(ms: number): string {
    const zone = this.context.city.time_zone;
    return `${date(ms, zone)} ${timeOfDay(ms, zone)}`;
  }

  private boardsOf(shown: OverviewView): HTMLElement[] {
    const { language } = this;
    const hours = hoursChart(shown.hours, language, this.context.city.time_zone);
    return [
      board(language, "open_by_severity", severityTiles(shown.severities, language), "wide"),
      board(language, "raised_by_hour", hours, "wide"),
      board(language, "open_by_system", tables.places(shown.systems, "system", language)),
      board(language, "open_by_town", tables.places(shown.towns, "town", language), "tall"),
      board(language, "acknowledgement_times", tables.acknowledgement(shown.acknowledgement, language)),
      board(language, "heard_of", tables.coverage(shown.coverage, language)),
      board(language, "since_midnight", tables.day(shown.day, language)),
    ];
  }
}

function board(language: Language, title: Word, content: Element, size = ""): HTMLElement {
  return element(
    "section",
    { class: `board ${size}`, id: title },
    element("h2", {}, say(language, title)),
    content,
  );
}
