import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import * as words from "../dist/words.js";

const SRC = new URL("../src/", import.meta.url);
const sources = readdirSync(SRC).filter((name) => name.endsWith(".ts"));

test("words are filled in", () => {
  assert.equal(words.say("zh", "shown_of", { shown: 1, all: 2 }), "显示 1 / 2 条");
  assert.equal(words.say("en", "shown_of", { shown: 1 }), "1 of {all} shown");
});

test("Chinese stands in the words only", () => {
  for (const name of sources.filter((one) => one !== "words.ts")) {
    assert.doesNotMatch(readFileSync(new URL(name, SRC), "utf8"), /[\u4e00-\u9fff]/, name);
  }
});
