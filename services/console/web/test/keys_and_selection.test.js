import assert from "node:assert/strict";
import test from "node:test";
import { actionOf } from "../dist/keys.js";
import { Selection } from "../dist/selection.js";

const press = (key, changes = {}) =>
  actionOf({ key, hasModifier: false, isRepeat: false, on: "page", ...changes });

test("keys mean what the help says", () => {
  const meant = {
    j: "next",
    ArrowDown: "next",
    k: "previous",
    ArrowUp: "previous",
    a: "acknowledge",
    Enter: "acknowledge",
  };
  Object.assign(meant, {
    o: "open",
    l: "language",
    "?": "help",
    Escape: "escape",
    A: "acknowledge",
    x: null,
  });
  for (const [key, action] of Object.entries(meant)) assert.equal(press(key), action, key);
});

test("a key belongs to the browser in a field, with a modifier, and Enter on a button", () => {
  assert.equal(press("a", { on: "text" }), null);
  assert.equal(press("a", { hasModifier: true }), null);
  assert.equal(press("Enter", { on: "control" }), null);
  assert.equal(press("a", { on: "control" }), "acknowledge");
});

test("a key that is held down moves, and never acknowledges", () => {
  assert.equal(press("j", { isRepeat: true }), "next");
  assert.equal(press("a", { isRepeat: true }), null);
  assert.equal(press("Enter", { isRepeat: true }), null);
});

test("moving begins at the top and stops at the ends", () => {
  const selection = new Selection();
  const ids = ["a", "b"];
  assert.deepEqual(
    [1, 1, 1, -1, -1].map((by) => selection.move(by, ids)),
    ["a", "b", "b", "a", "a"],
  );
  assert.equal(new Selection().move(1, []), null);
});

test("the selection goes with its alert when others come above it", () => {
  const selection = new Selection();
  selection.select("a", ["a", "b"]);
  selection.follow(["new", "a", "b"]);
  assert.equal(selection.id, "a");
  assert.equal(selection.move(1, ["new", "a", "b"]), "b");
});

test("no neighbour takes the place of a selected alert that has left; moving goes on from there", () => {
  const selection = new Selection();
  selection.select("b", ["a", "b", "c", "d"]);
  selection.follow(["a", "c", "d"]);
  assert.equal(selection.id, null);
  assert.equal(selection.move(1, ["a", "c", "d"]), "c");
});
