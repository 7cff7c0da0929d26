// A plain button that says a word of the page.

import type { Language } from "./api.js";
import { element } from "./element.js";
import { say, type Word } from "./words.js";

export function wordButton(language: Language, word: Word, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: `quiet ${word}` }, say(language, word));
  made.addEventListener("click", act);
  return made;
}
