import assert from "node:assert/strict";
import test from "node:test";
import { Board, LINGER_MS } from "../dist/board.js";
import { alert } from "./alert.js";

const ALL = { severities: new Set(), system: null };
const ids = (board, filter = ALL) => board.rows(filter).map((entry) => entry.alert.alert_id);

function begun(...alerts) {
  const board = new Board();
  board.begin(alerts, 0);
  return board;
}

test("the most urgent stand first, the newest of them first", () => {
  const board = begun(
    alert({ alert_id: "old-warn", raised_at: 1 }),
    alert({ alert_id: "new-warn", raised_at: 2 }),
    alert({ alert_id: "notice", severity: "notice", raised_at: 3 }),
    alert({ alert_id: "critical", severity: "critical", raised_at: 0 }),
  );
  assert.deepEqual(ids(board), ["critical", "new-warn", "old-warn", "notice"]);
});

test("what was open at the sign-in is not new; what comes later is, until looked at", () => {
  const board = begun(alert());
  assert.equal(board.get("a").isNew, false);
  assert.equal(board.take(alert({ alert_id: "b" }), 1), true);
  assert.equal(board.get("b").isNew, true);
  board.looked("b");
  assert.equal(board.get("b").isNew, false);
});

for (const [what, before, after, asks] of [
  ["more severe", {}, { severity: "major" }, true],
  ["less severe", {}, { severity: "notice" }, false],
  ["returned", {}, { state: "D" }, false],
  ["reopened", { state: "D" }, {}, true],
  ["raised again after an acknowledgement", { state: "C", acked: true }, { severity: "critical" }, true],
  ["acknowledged", {}, { state: "C", acked: true }, false],
  ["shelved and more severe", {}, { state: "E", severity: "critical" }, false],
]) {
  test(`an alert that is ${what} ${asks ? "asks" : "does not ask"} for attention`, () => {
    const board = begun(alert(before));
    assert.equal(board.take(alert({ seq: 2, ...after }), 1), asks);
  });
}

test("an alert that a census has closed keeps its number, and leaves", () => {
  const board = begun(alert({ seq: 5 }));
  assert.equal(board.take(alert({ seq: 4, closed_at: 9, state: "A" }), 1), false);
  assert.equal(board.get("a").leavesAt, null);
  assert.equal(board.take(alert({ seq: 5, closed_at: 9, state: "A" }), 1), false);
  assert.equal(board.get("a").leavesAt, 1 + LINGER_MS);
});

test("an alert that was said before, or is older than what is known, changes nothing", () => {
  const board = begun(alert({ seq: 5, severity: "major" }));
  assert.equal(board.take(alert({ seq: 5, severity: "critical" }), 1), false);
  assert.equal(board.take(alert({ seq: 4, severity: "critical" }), 1), false);
  assert.equal(board.get("a").alert.severity, "major");
});

test("a closed alert lingers, uncounted, and leaves; one that nobody saw never comes", () => {
  const board = begun(alert());
  board.take(alert({ seq: 2, state: "A", closed_at: 5 }), 100);
  board.take(alert({ alert_id: "unknown", seq: 9, closed_at: 5 }), 100);
  assert.deepEqual(ids(board), ["a"]);
  assert.equal(board.counts().warn.open, 0);
  board.sweep(100 + LINGER_MS - 1);
  assert.deepEqual(ids(board), ["a"]);
  board.sweep(100 + LINGER_MS);
  assert.deepEqual(ids(board), []);
});

test("after a break, a snapshot lets go what is missing from it and marks what came meanwhile", () => {
  const board = begun(alert({ alert_id: "gone" }), alert({ alert_id: "stays" }));
  const asking = board.begin([alert({ alert_id: "stays" }), alert({ alert_id: "came" })], 10);
  assert.deepEqual(
    asking.map((one) => one.alert_id),
    ["came"],
  );
  assert.equal(board.get("gone").leavesAt, 10 + LINGER_MS);
  assert.equal(board.get("stays").isNew, false);
  assert.equal(board.get("came").isNew, true);
});

test("counts tell open and unacknowledged", () => {
  const board = begun(alert(), alert({ alert_id: "b", acked: true, state: "C" }));
  assert.deepEqual(board.counts().warn, { open: 2, unacknowledged: 1 });
});

test("filters are by severity, by system, by both", () => {
  const board = begun(
    alert(),
    alert({ alert_id: "b", severity: "major" }),
    alert({ alert_id: "c", system: "water" }),
  );
  assert.deepEqual(ids(board, { severities: new Set(["warn"]), system: null }), ["a", "c"]);
  assert.deepEqual(ids(board, { severities: new Set(), system: "gas" }), ["b", "a"]);
  assert.deepEqual(ids(board, { severities: new Set(["warn"]), system: "water" }), ["c"]);
});

test("an acknowledgement's fate stays on the row until the alert asks again", () => {
  const board = begun(alert());
  board.acknowledging("a", { kind: "applied" });
  board.take(alert({ seq: 2, state: "C", acked: true }), 1);
  assert.equal(board.get("a").ack.kind, "applied");
  board.take(alert({ seq: 3, severity: "critical" }), 2);
  assert.equal(board.get("a").ack, null);
});
