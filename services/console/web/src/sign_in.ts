// The form before anything is shown.

import type { Language, Session, Text } from "./api.js";
import { signIn } from "./client.js";
import { element, tell } from "./element.js";
import { wordButton } from "./word_button.js";
import { say } from "./words.js";

interface Asked {
  language: Language;
  /** Why the form is shown again, if it is. */
  why: Text | null;
  signedIn(session: Session): void;
  switchLanguage(): void;
}

export function signInForm({ language, why, signedIn, switchLanguage }: Asked): HTMLElement {
  const { name, password } = inputs();
  const submit = element("button", { type: "submit", class: "primary" }, say(language, "sign_in"));
  const failure = element("p", { class: "failure", role: "alert" }, why?.[language] ?? "");
  const form = element(
    "form",
    { class: "sign-in", method: "post" },
    element("h1", {}, say(language, "title")),
    element("label", { for: "name" }, say(language, "name")),
    name,
    element("label", { for: "password" }, say(language, "password")),
    password,
    failure,
    submit,
    wordButton(language, "other_language", switchLanguage),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });

  async function send(): Promise<void> {
    submit.disabled = true;
    tell(submit, say(language, "signing_in"));
    const answer = await signIn({ name: name.value.trim(), password: password.value });
    if (answer.ok) return signedIn(answer.value);
    submit.disabled = false;
    tell(submit, say(language, "sign_in"));
    tell(failure, answer.failure.message[language]);
    password.select();
  }

  return element("main", { class: "sign-in-page" }, form);
}

function inputs() {
  return {
    name: element("input", {
      id: "name",
      name: "name",
      autocomplete: "username",
      required: true,
      maxlength: 100,
      autofocus: true,
    }),
    password: element("input", {
      id: "password",
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
      maxlength: 1000,
    }),
  };
}
