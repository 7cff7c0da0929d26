// What each page of ours stands in: sign-in, then the page, then sign-in again when the session is over.

import type { City, Language, Session, Text } from "./api.js";
import { city, currentSession, signOut } from "./client.js";
import { element } from "./element.js";
import { signInForm } from "./sign_in.js";
import { bothOf, say, type Word } from "./words.js";

const LANGUAGE_KEY = "miyun.language";
const AGAIN_MS = 3_000;

/** What a page is given. */
export interface Context {
  readonly language: Language;
  readonly session: Session;
  readonly city: City;
  switchLanguage(): Language;
  signOut(): void;
  /** The console says that nobody is signed in any more. */
  expired(): void;
}

export interface Page {
  readonly node: HTMLElement;
  stop(): void;
}

/** Begin in the document's body; `title` names the page. */
export function begin(title: Word, makePage: (context: Context) => Page): void {
  new Shell(title, makePage).start();
}

class Shell {
  private language: Language = remembered() ?? "zh";
  private page: Page | null = null;

  constructor(
    private readonly title: Word,
    private readonly makePage: (context: Context) => Page,
  ) {}

  start(): void {
    this.speak(this.language);
    this.showWaiting(bothOf("connecting"));
    void this.enter();
  }

  private speak(wanted: Language): void {
    this.language = wanted;
    document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
    document.title = say(wanted, this.title);
  }

  private switchLanguage(): Language {
    this.speak(this.language === "zh" ? "en" : "zh");
    window.localStorage.setItem(LANGUAGE_KEY, this.language);
    return this.language;
  }

  private async enter(): Promise<void> {
    const answer = await currentSession();
    if (answer.ok) return this.show(answer.value);
    return answer.status === 401
      ? this.showSignIn(null)
      : this.later(answer.failure.message, () => this.enter());
  }

  /** The page for a session; its own language counts until the person has chosen one here. */
  private async show(session: Session): Promise<void> {
    this.speak(remembered() ?? session.language);
    const answer = await city();
    if (!answer.ok)
      return answer.status === 401
        ? this.showSignIn(null)
        : this.later(answer.failure.message, () => this.show(session));
    this.page = this.makePage({
      language: this.language,
      session,
      city: answer.value,
      switchLanguage: () => this.switchLanguage(),
      expired: () => this.showSignIn(bothOf("expired")),
      signOut: () => void signOut(session.csrf).then(() => this.showSignIn(null)),
    });
    document.body.replaceChildren(this.page.node);
  }

  private showSignIn(why: Text | null): void {
    this.page?.stop();
    this.page = null;
    const form = signInForm({
      language: this.language,
      why,
      signedIn: (session) => void this.show(session),
      switchLanguage: () => {
        this.switchLanguage();
        this.showSignIn(why);
      },
    });
    document.body.replaceChildren(form);
    form.querySelector("input")?.focus();
  }

  private showWaiting(words: Text): void {
    const waiting = element("p", { class: "waiting-page", role: "status" }, words[this.language]);
    document.body.replaceChildren(waiting);
  }

  private later(words: Text, again: () => Promise<void>): void {
    this.showWaiting(words);
    window.setTimeout(() => void again(), AGAIN_MS);
  }
}

function remembered(): Language | null {
  const found = window.localStorage.getItem(LANGUAGE_KEY);
  return found === "zh" || found === "en" ? found : null;
}
