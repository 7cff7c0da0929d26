// What the browser starts: sign-in, then the page, then sign-in again when the session is over.

import type { Language, Session, Text } from "./api.js";
import { Board } from "./board.js";
import { CityClock } from "./city_clock.js";
import { city, currentSession, signOut } from "./client.js";
import { ConsolePage } from "./console_page.js";
import { Liveness } from "./liveness.js";
import { element } from "./element.js";
import { Selection } from "./selection.js";
import { signInForm } from "./sign_in.js";
import { EVERYTHING } from "./state.js";
import { bothOf, say } from "./words.js";

const LANGUAGE_KEY = "miyun.language";
const AGAIN_MS = 3_000;

const root = document.body;
let page: ConsolePage | null = null;

function remembered(): Language | null {
  const found = window.localStorage.getItem(LANGUAGE_KEY);
  return found === "zh" || found === "en" ? found : null;
}

let language: Language = remembered() ?? "zh";

function speak(wanted: Language): void {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
  document.title = say(wanted, "title");
}

function switchLanguage(): Language {
  speak(language === "zh" ? "en" : "zh");
  window.localStorage.setItem(LANGUAGE_KEY, language);
  return language;
}

function showSignIn(why: Text | null): void {
  page?.stop();
  page = null;
  const form = signInForm({
    language,
    why,
    signedIn: (session) => void show(session),
    switchLanguage: () => {
      switchLanguage();
      showSignIn(why);
    },
  });
  root.replaceChildren(form);
  form.querySelector("input")?.focus();
}

function showWaiting(words: Text): void {
  root.replaceChildren(element("p", { class: "waiting-page", role: "status" }, words[language]));
}

/** The page for a session; its own language counts until the person has chosen one here. */
async function show(session: Session): Promise<void> {
  speak(remembered() ?? session.language);
  const answer = await city();
  if (!answer.ok)
    return answer.status === 401 ? showSignIn(null) : later(answer.failure.message, () => show(session));
  page = new ConsolePage(
    {
      language,
      session,
      city: answer.value,
      board: new Board(),
      clock: new CityClock(),
      liveness: new Liveness(performance.now()),
      selection: new Selection(),
      opened: new Set(),
      filter: EVERYTHING,
    },
    {
      switchLanguage,
      expired: () => showSignIn(bothOf("expired")),
      signOut: () => void signOut(session.csrf).then(() => showSignIn(null)),
    },
  );
  root.replaceChildren(page.node);
}

function later(words: Text, again: () => Promise<void>): void {
  showWaiting(words);
  window.setTimeout(() => void again(), AGAIN_MS);
}

async function start(): Promise<void> {
  const answer = await currentSession();
  if (answer.ok) return show(answer.value);
  return answer.status === 401 ? showSignIn(null) : later(answer.failure.message, start);
}

speak(language);
showWaiting(bothOf("connecting"));
void start();
