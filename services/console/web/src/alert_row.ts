// One alert of the feed.

import type { AlertView, Language } from "./api.js";
import type { Ack, Entry } from "./board.js";
import { dayPanel, type DayPanel } from "./day_panel.js";
import { element, tell } from "./element.js";
import { mayAct, type Acts, type State } from "./state.js";
import { symbol } from "./symbol.js";
import { age, when } from "./times.js";
import { NATURE, SEVERITY, STATE, say } from "./words.js";

export interface AlertRow {
  readonly node: HTMLLIElement;
  refresh(entry: Entry, nowMs: number): void;
  stop(): void;
}

export function alertRow(id: string, state: State, acts: Acts, isSettled: () => boolean): AlertRow {
  const parts = rowParts(state);
  const { node } = parts;
  node.dataset["alert"] = id;
  let panel: DayPanel | null = null;
  let drawn: AlertView | null = null;

  listen(parts, id, acts, isSettled);

  function refreshDay(alert: AlertView): void {
    const isOpen = state.opened.has(id);
    parts.day.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && panel === null) {
      panel = dayPanel(state, alert);
      node.append(panel.node);
    } else if (!isOpen && panel !== null) {
      panel.stop();
      panel.node.remove();
      panel = null;
    }
  }

  return {
    node,
    refresh(entry, nowMs) {
      if (entry.alert !== drawn) draw(parts, entry.alert, state);
      drawn = entry.alert;
      mark(parts, entry, state);
      times(parts, entry.alert, state, nowMs);
      refreshDay(entry.alert);
    },
    stop: () => panel?.stop(),
  };
}

type RowParts = ReturnType<typeof rowParts>;

function listen(
  { node, acknowledge, day }: RowParts,
  id: string,
  acts: Acts,
  isSettled: () => boolean,
): void {
  acknowledge.addEventListener("click", (event) => {
    // A list that has just moved may have put another row under the pointer; a key means the row it is on.
    if (event.detail === 0 || isSettled()) acts.acknowledge(id);
  });
  day.addEventListener("click", () => acts.toggleDay(id));
  node.addEventListener("focusin", () => acts.select(id));
  node.addEventListener("click", (event) => {
    const onOther = event.target instanceof Element && event.target.closest("button, .day") !== null;
    if (!onOther && document.getSelection()?.isCollapsed !== false) acts.toggleDay(id);
  });
}

function rowParts(state: State) {
  const language = state.language;
  const severity = element("div", { class: "severity" });
  const headline = element("p", { class: "headline" });
  const tags = element("p", { class: "tags" });
  const letter = element("b", { class: "letter" });
  const stateWord = element("span");
  const raised = element("time");
  const lasted = element("span", { class: "age" });
  const acknowledge = element(
    "button",
    { type: "button", class: "acknowledge" },
    say(language, "acknowledge"),
  );
  const day = element(
    "button",
    { type: "button", class: "show-day", "aria-expanded": "false" },
    say(language, "show_day"),
  );
  const ack = element("p", { class: "ack" });
  const node = element(
    "li",
    { class: "row", tabindex: -1 },
    severity,
    element("div", { class: "what" }, headline, tags),
    element("div", { class: "state" }, letter, " ", stateWord),
    element("div", { class: "times" }, raised, " ", lasted),
    element("div", { class: "acts" }, acknowledge, day),
    ack,
  );
  return { node, severity, headline, tags, letter, stateWord, raised, lasted, acknowledge, day, ack };
}

function draw(parts: RowParts, alert: AlertView, state: State): void {
  const language = state.language;
  parts.severity.replaceChildren(
    symbol(alert.severity),
    element("span", { class: `word ${alert.severity}` }, SEVERITY[alert.severity][language]),
  );
  tell(parts.headline, alert.headline[language]);
  tell(parts.letter, alert.state);
  tell(parts.stateWord, STATE[alert.state]?.[language] ?? alert.state);
  parts.raised.dateTime = new Date(alert.raised_at).toISOString();
}

/** What is marked on a row beside what the alert itself says. */
function mark(parts: RowParts, { alert, isNew, leavesAt, ack }: Entry, state: State): void {
  const language = state.language;
  const isClosed = leavesAt !== null;
  const isSelected = state.selection.id === alert.alert_id;
  const classes = ["row", alert.severity];
  if (isNew) classes.push("new");
  if (isClosed) classes.push("closed");
  if (isSelected) classes.push("selected");
  if (alert.acked) classes.push("acked");
  parts.node.className = classes.join(" ");
  parts.node.tabIndex = isSelected ? 0 : -1;
  parts.node.setAttribute("aria-current", String(isSelected));
  tags(parts.tags, alert, state, [
    ...(isClosed ? ["closed" as const] : []),
    ...(isNew ? ["new" as const] : []),
  ]);
  parts.acknowledge.hidden = alert.acked || isClosed || !mayAct(state.session);
  parts.acknowledge.disabled = ack?.kind === "pending";
  parts.ack.className = `ack ${ack?.kind ?? ""}`;
  tell(parts.ack, ackWords(ack, language));
  if (isClosed) tell(parts.stateWord, say(language, "closed"));
}

function tags(place: HTMLElement, alert: AlertView, state: State, marks: ("closed" | "new")[]): void {
  const language = state.language;
  const system = state.city.systems.find((one) => one.system === alert.system);
  const made: [kind: string, words: string][] = marks.map((kind) => [kind, say(language, kind)]);
  if (alert.life_safety) made.push(["life-safety", `✚ ${say(language, "life_safety")}`]);
  if (alert.held) made.push(["held", say(language, "held")]);
  if (alert.nature !== "real") made.push(["nature", NATURE[alert.nature][language]]);
  made.push(["system", system?.name[language] ?? alert.system]);
  const key = made.flat().join("|");
  if (place.dataset["tags"] === key) return;
  place.dataset["tags"] = key;
  place.replaceChildren(...made.map(([kind, words]) => element("span", { class: `tag ${kind}` }, words)));
}

/** What became of an acknowledgement. */
export function ackWords(ack: Ack | null, language: Language): string {
  if (ack === null) return "";
  if (ack.kind === "refused") return say(language, "refused") + ack.message[language];
  return say(language, ack.kind);
}

function times(parts: RowParts, alert: AlertView, state: State, nowMs: number): void {
  const language = state.language;
  const now = state.clock.at(nowMs);
  tell(parts.raised, when(alert.raised_at, now, state.city.time_zone));
  const until = alert.closed_at ?? now;
  tell(
    parts.lasted,
    until === null ? "" : say(language, "ago", { age: age(until - alert.raised_at, language) }),
  );
}
