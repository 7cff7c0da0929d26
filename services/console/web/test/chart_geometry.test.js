import assert from "node:assert/strict";
import test from "node:test";
import { geometry, MARGIN, unbroken } from "../dist/chart_geometry.js";
import { timeOfDay } from "../dist/times.js";

const MINUTE = 60_000;
const TO = Date.UTC(2026, 0, 13, 11);
const FROM = TO - 24 * 60 * MINUTE;
const FRAME = { width: 800, height: 220, zone: "Asia/Shanghai" };

function day(minutes, limits = [], states = []) {
  const text = { zh: "", en: "" };
  return { station: text, point: text, unit: "", states, limits, minutes, from_ms: FROM, to_ms: TO };
}

const flat = (value, count = 60) =>
  Array.from({ length: count }, (_, n) => [FROM + n * MINUTE, value, value, value]);
const limit = (value, side = "above") => ({ severity: "major", side, limit: value });

test("a point that reports states has a line for each, whatever it was in", () => {
  const states = [0, 1, 2].map((value) => ({ value, name: { zh: "", en: "" } }));
  const { yTicks } = geometry(day(flat(0), [], states), FRAME);
  assert.deepEqual(
    yTicks.map(({ value }) => value),
    [0, 1, 2],
  );
  const near = geometry(day([...flat(0, 2), [FROM + 2 * MINUTE, 1, 1, 1]], [], states), FRAME).mean;
  const [, , , corner, last] = near.match(/[\d.]+,[\d.]+/g).map((point) => point.split(","));
  assert.equal(corner[0], last[0], "it goes straight up");
  assert.ok(yTicks[2].y > MARGIN.top && yTicks[0].y < FRAME.height - MARGIN.bottom);
});

test("time runs from the left margin to the right one", () => {
  const at = geometry(day(flat(1)), FRAME);
  assert.equal(at.x(FROM), MARGIN.left);
  assert.equal(at.x(TO), FRAME.width - MARGIN.right);
});

test("a limit near the data is drawn inside, above them", () => {
  const [line] = geometry(day(flat(10), [limit(12)]), FRAME).limits;
  assert.equal(line.beyond, null);
  assert.ok(line.y > MARGIN.top && line.y < geometry(day(flat(10), [limit(12)]), FRAME).y(10));
});

test("a limit that would flatten the data is shown at the edge", () => {
  const at = geometry(day(flat(10), [limit(1_000), limit(-1_000, "below")]), FRAME);
  assert.deepEqual(
    at.limits.map((line) => line.beyond),
    ["up", "down"],
  );
});

test("labels of limits that lie together stay apart and inside", () => {
  const lines = geometry(day(flat(10), [limit(0.1), limit(0.2), limit(0.3), limit(0.4)]), FRAME).limits;
  const places = lines.map((line) => line.labelY);
  for (const [n, place] of places.slice(1).entries()) assert.ok(place - places[n] >= 14.9, String(places));
  assert.ok(places.at(-1) <= FRAME.height - MARGIN.bottom);
});

test("the line breaks where values are missing, not at a source that reports every five minutes", () => {
  const slow = Array.from({ length: 10 }, (_, n) => [FROM + n * 5 * MINUTE, 1, 1, 1]);
  assert.equal(unbroken(slow).length, 1);
  const paused = [...flat(1, 10), [FROM + 60 * MINUTE, 1, 1, 1], [FROM + 61 * MINUTE, null, null, null]];
  assert.deepEqual(
    unbroken(paused).map((run) => run.length),
    [10, 1],
  );
});

test("a lone value is a dot, no value is nothing", () => {
  assert.match(geometry(day([[FROM, 1, 1, 1]]), FRAME).mean, /^M[\d.]+,[\d.]+h0$/);
  const none = geometry(day([]), FRAME);
  assert.equal(none.mean + none.band, "");
  assert.doesNotMatch(JSON.stringify(none), /null,"y"|NaN/);
});

test("hours are those of the city on the day its clocks are set, too", () => {
  const [from_ms, to_ms] = [Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 2, 29, 20)];
  const at = geometry({ ...day([[from_ms, 1, 1, 1]]), from_ms, to_ms }, { ...FRAME, zone: "Europe/Berlin" });
  assert.deepEqual(
    at.xTicks.map(({ ms }) => timeOfDay(ms, "Europe/Berlin")),
    ["00:00:00", "04:00:00", "08:00:00", "12:00:00", "16:00:00", "20:00:00"],
  );
});

test("hours are those of the city, ticks are round", () => {
  const at = geometry(day(flat(10, 600)), FRAME);
  assert.ok(at.xTicks.every(({ ms }) => new Date(ms + 480 * MINUTE).getUTCHours() % 4 === 0));
  assert.ok(at.xTicks.length >= 5 && at.yTicks.length >= 2);
});
