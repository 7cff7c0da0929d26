// What a key asks for.

export type Action = "next" | "previous" | "acknowledge" | "open" | "language" | "help" | "escape";

export interface Press {
  key: string;
  hasModifier: boolean;
  isRepeat: boolean;
  /** Where the focus is: text is typed there, or Enter has a meaning of its own. */
  on: "text" | "control" | "page";
}

const ACTIONS: Record<string, Action> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  a: "acknowledge",
  Enter: "acknowledge",
  o: "open",
  l: "language",
  "?": "help",
  "？": "help", // as Chinese input has it
  Escape: "escape",
};

/** null: the key is the browser's. A key that is held down moves on but never acknowledges twice. */
export function actionOf(press: Press): Action | null {
  if (press.hasModifier || press.on === "text") return null;
  if (press.on === "control" && press.key === "Enter") return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const action = ACTIONS[key] ?? null;
  return press.isRepeat && action !== "next" && action !== "previous" ? null : action;
}

const TEXT = new Set(["INPUT", "SELECT", "TEXTAREA"]);
const CONTROL = new Set(["BUTTON", "A", "SUMMARY"]);

/** The press behind an event. */
export function pressOf(event: KeyboardEvent): Press {
  const tag = event.target instanceof Element ? event.target.tagName : "";
  return {
    key: event.key,
    hasModifier: event.ctrlKey || event.altKey || event.metaKey,
    isRepeat: event.repeat,
    on: TEXT.has(tag) ? "text" : CONTROL.has(tag) ? "control" : "page",
  };
}
