// The signed-in page: the feed's events come in, the parts are drawn, keys and clicks go out.

import { acknowledging } from "./acknowledging.js";
import { ackWords } from "./alert_row.js";
import { announcer, type Announcer } from "./announcer.js";
import type { AlertView } from "./api.js";
import { banner } from "./banner.js";
import { element } from "./element.js";
import { feedList, type FeedList } from "./feed_list.js";
import { help, type Help } from "./help.js";
import { actionOf, pressOf, type Action } from "./keys.js";
import type { Context, Page } from "./shell.js";
import type { Acts, Part, State } from "./state.js";
import { Stream } from "./stream.js";
import { topBar } from "./top_bar.js";
import { say } from "./words.js";

const TICK_MS = 1_000;
const TOGETHER_MS = 50;

type Outside = Pick<Context, "switchLanguage" | "signOut" | "expired">;

export class ConsolePage implements Page {
  readonly node = element("div", { class: "console" });
  private readonly acts: Acts;
  private parts: Part[] = [];
  private list!: FeedList;
  private help!: Help;
  private announcer!: Announcer;
  private pending = 0;
  private readonly timer: number;
  private readonly stream: Stream;
  /** Browsers slow the timers of hidden pages: be right when looked at again. */
  private readonly onSeen = (): void => this.refresh();
  private readonly onKey = (event: KeyboardEvent): void => this.press(event);

  constructor(
    private readonly state: State,
    private readonly outside: Outside,
  ) {
    this.acts = this.makeActs();
    this.build();
    this.timer = window.setInterval(() => this.refresh(), TICK_MS);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onSeen);
    this.stream = new Stream({
      snapshot: ({ alerts }) => this.attend(state.board.begin(alerts, performance.now())),
      alert: (alert) => this.attend(state.board.take(alert, performance.now()) ? [alert] : []),
      heartbeat: (beat) => {
        state.clock.heard(beat.city_ms, performance.now());
        state.liveness.heard(beat, performance.now());
        this.refresh();
      },
      broken: () => {
        state.liveness.broke();
        this.refresh();
      },
      expired: () => outside.expired(),
    });
  }

  stop(): void {
    this.stream.stop();
    this.list.stop();
    window.clearInterval(this.timer);
    window.clearTimeout(this.pending);
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("visibilitychange", this.onSeen);
    document.title = say(this.state.language, "title");
  }

  private build(): void {
    const { state, acts } = this;
    this.list = feedList(state, acts);
    this.help = help(state.language);
    this.announcer = announcer(state);
    const [top, warning] = [topBar(state, acts), banner(state)];
    this.parts = [top, warning, this.list];
    const skip = element("a", { class: "skip", href: "#feed" }, say(state.language, "skip"));
    const head = element("div", { class: "head" }, top.node, warning.node);
    this.node.replaceChildren(skip, head, this.list.node, this.help.node, this.announcer.node);
    this.refresh();
  }

  private refresh(): void {
    const { board, language } = this.state;
    const nowMs = performance.now();
    board.sweep(nowMs);
    for (const part of this.parts) part.refresh(nowMs);
    const waiting = board.counts().critical.unacknowledged;
    document.title = (waiting > 0 ? `(${waiting}) ` : "") + say(language, "title");
  }

  /** Many transitions come together: draw them together. */
  private soon(): void {
    if (this.pending !== 0) return;
    this.pending = window.setTimeout(() => {
      this.pending = 0;
      this.refresh();
    }, TOGETHER_MS);
  }

  private attend(asking: readonly AlertView[]): void {
    this.announcer.critical(asking);
    this.soon();
  }

  private makeActs(): Acts {
    const { state } = this;
    return {
      acknowledge: (id) => {
        state.board.looked(id);
        void acknowledging(id, state, () => {
          this.refresh();
          this.announcer.politely(ackWords(state.board.get(id)?.ack ?? null, state.language));
        });
      },
      select: (id) => {
        state.selection.select(id, this.list.ids());
        state.board.looked(id);
        this.refresh();
      },
      toggleDay: (id) => {
        if (!state.opened.delete(id)) state.opened.add(id);
        state.board.looked(id);
        this.refresh();
        if (state.opened.has(id)) this.list.reveal(id);
      },
      filter: (filter) => {
        state.filter = filter;
        this.refresh();
      },
      switchLanguage: () => this.switchLanguage(),
      help: () => this.help.toggle(),
      signOut: () => this.outside.signOut(),
    };
  }

  private switchLanguage(): void {
    this.state.language = this.outside.switchLanguage();
    this.list.stop();
    this.build();
    if (this.state.selection.id !== null) this.list.focus(this.state.selection.id);
  }

  private press(event: KeyboardEvent): void {
    const action = actionOf(pressOf(event));
    if (action === null || (this.help.node.open && action !== "help")) return;
    event.preventDefault();
    this.act(action);
  }

  private act(action: Action): void {
    const selected = this.state.selection.id;
    switch (action) {
      case "next":
        return this.move(1);
      case "previous":
        return this.move(-1);
      case "language":
        return this.switchLanguage();
      case "help":
        return this.help.toggle();
      case "acknowledge":
      case "open":
        if (selected === null) return this.announcer.politely(say(this.state.language, "nothing_selected"));
        return action === "open" ? this.acts.toggleDay(selected) : this.acts.acknowledge(selected);
      case "escape":
        if (selected !== null && this.state.opened.has(selected)) this.acts.toggleDay(selected);
    }
  }

  private move(by: 1 | -1): void {
    const id = this.state.selection.move(by, this.list.ids());
    if (id !== null) this.list.focus(id);
  }
}
