// The open alerts as rows. A row stays the same element for as long as its alert is shown.

import { alertRow, type AlertRow } from "./alert_row.js";
import type { Entry } from "./board.js";
import { element, tell } from "./element.js";
import { EVERYTHING, type Acts, type Part, type State } from "./state.js";
import { say } from "./words.js";

const SETTLES_AFTER_MS = 400;

export interface FeedList extends Part {
  /** The ids from top to bottom. */
  ids(): string[];
  focus(id: string): void;
  /** Scroll so that the whole row is seen. */
  reveal(id: string): void;
  stop(): void;
}

export function feedList(state: State, acts: Acts): FeedList {
  const rows = new Rows(state, acts);
  const empty = element("p", { class: "empty" });
  const head = filterLine(state, acts);
  const node = element("main", { id: "feed", tabindex: -1 }, head.node, rows.node, empty);
  return {
    node,
    ids: () => rows.order,
    refresh(nowMs) {
      const shown = state.board.rows(state.filter);
      rows.refresh(shown, nowMs);
      head.refresh(nowMs);
      tell(empty, shown.length > 0 ? "" : emptyWords(state));
    },
    focus: (id) => rows.focus(id),
    reveal: (id) => rows.reveal(id),
    stop: () => rows.stop(),
  };
}

class Rows {
  readonly node = element("ul", { class: "rows", role: "list" });
  order: string[] = [];
  private readonly rows = new Map<string, AlertRow>();
  private movedAt = -Infinity;

  constructor(
    private readonly state: State,
    private readonly acts: Acts,
  ) {}

  refresh(shown: readonly Entry[], nowMs: number): void {
    const focused = document.activeElement;
    const ids = shown.map((entry) => entry.alert.alert_id);
    this.drop(new Set(ids));
    ids.forEach((id, place) => {
      const { node } = this.rowOf(id);
      if (this.node.children[place] !== node) this.node.insertBefore(node, this.node.children[place] ?? null);
    });
    if (ids.join() !== this.order.join()) this.movedAt = nowMs;
    this.order = ids;
    this.state.selection.follow(ids);
    for (const entry of shown) this.rowOf(entry.alert.alert_id).refresh(entry, nowMs);
    const isLost = focused !== document.activeElement; // an element that is moved loses the focus
    if (isLost && focused instanceof HTMLElement && focused.isConnected)
      focused.focus({ preventScroll: true });
  }

  focus(id: string): void {
    this.rows.get(id)?.node.focus({ preventScroll: true });
    this.reveal(id);
  }

  reveal(id: string): void {
    this.rows.get(id)?.node.scrollIntoView({ block: "nearest" });
  }

  stop(): void {
    for (const row of this.rows.values()) row.stop();
  }

  private drop(kept: ReadonlySet<string>): void {
    for (const [id, row] of this.rows) {
      if (kept.has(id)) continue;
      row.stop();
      row.node.remove();
      this.rows.delete(id);
    }
  }

  private rowOf(id: string): AlertRow {
    const isSettled = (): boolean => performance.now() - this.movedAt > SETTLES_AFTER_MS;
    const row = this.rows.get(id) ?? alertRow(id, this.state, this.acts, isSettled);
    this.rows.set(id, row);
    return row;
  }
}

function emptyWords(state: State): string {
  if (!state.board.hasBegun) return say(state.language, "loading");
  return say(state.language, state.board.rows(EVERYTHING).length > 0 ? "none_fit" : "none_open");
}

/** How much of the list a filter leaves, and how to be rid of it. */
function filterLine(state: State, acts: Acts): Part {
  const language = state.language;
  const label = element("h2", {}, say(language, "open_alerts"));
  const told = element("span", { class: "shown" });
  const hidden = element("strong", { class: "hidden-critical critical" });
  const clear = element("button", { type: "button" }, say(language, "clear_filter"));
  clear.addEventListener("click", () => acts.filter(EVERYTHING));
  const system = systemFilter(state, acts);
  return {
    node: element("div", { class: "filter-line" }, label, told, hidden, clear, system.node),
    refresh(nowMs) {
      const all = state.board.rows(EVERYTHING);
      const shown = state.board.rows(state.filter);
      const isWhole = state.filter.severities.size === 0 && state.filter.system === null;
      const isCritical = (entry: Entry): boolean =>
        entry.alert.severity === "critical" && entry.leavesAt === null;
      const missed = all.filter(isCritical).length - shown.filter(isCritical).length;
      tell(told, isWhole ? "" : say(language, "shown_of", { shown: shown.length, all: all.length }));
      tell(hidden, missed === 0 ? "" : say(language, "hidden_critical", { n: missed }));
      clear.hidden = isWhole;
      system.refresh(nowMs);
    },
  };
}

function systemFilter(state: State, acts: Acts): Part {
  const language = state.language;
  const select = element(
    "select",
    { id: "system-filter" },
    element("option", { value: "" }, say(language, "all_systems")),
    ...state.city.systems.map(({ system, name }) => element("option", { value: system }, name[language])),
  );
  select.addEventListener("change", () => acts.filter({ ...state.filter, system: select.value || null }));
  return {
    node: element("label", { class: "system" }, say(language, "filter_system"), " ", select),
    refresh: () => {
      select.value = state.filter.system ?? "";
    },
  };
}
