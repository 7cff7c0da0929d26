// What the keys do.

import type { Language, Severity } from "./api.js";
import { SEVERITIES } from "./board.js";
import { element } from "./element.js";
import { symbol } from "./symbol.js";
import { SEVERITY, say, type Word } from "./words.js";

const KEYS: readonly [keys: readonly string[], word: Word][] = [
  [["j", "↓", "k", "↑"], "key_move"],
  [["a", "Enter"], "key_acknowledge"],
  [["o"], "key_open"],
  [["l"], "key_language"],
  [["?"], "key_help"],
  [["Esc"], "key_escape"],
];

export interface Help {
  readonly node: HTMLDialogElement;
  toggle(): void;
}

export function help(language: Language): Help {
  const list = element("dl");
  for (const [keys, word] of KEYS) {
    list.append(
      element("dt", {}, ...keys.map((key) => element("kbd", {}, key))),
      element("dd", {}, say(language, word)),
    );
  }
  const close = element("button", { type: "button" }, say(language, "close"));
  const node = element(
    "dialog",
    { class: "keys", "aria-labelledby": "help-title" },
    element("h2", { id: "help-title" }, say(language, "help")),
    list,
    shapes(language),
    close,
  );
  close.addEventListener("click", () => node.close());
  return { node, toggle: () => (node.open ? node.close() : node.showModal()) };
}

/** The shape of each severity. */
function shapes(language: Language): HTMLElement {
  const of = (severity: Severity): HTMLElement =>
    element("span", { class: severity }, symbol(severity), " ", SEVERITY[severity][language]);
  return element("p", { class: "shapes" }, ...SEVERITIES.map(of));
}
