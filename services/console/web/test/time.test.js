import assert from "node:assert/strict";
import test from "node:test";
import { CityClock } from "../dist/city_clock.js";
import { Liveness, SILENCE_MS } from "../dist/liveness.js";
import { age, duration, figure, timeOfDay, when } from "../dist/times.js";

const NOON = Date.UTC(2026, 0, 13, 4); // 12:00 in the city

test("times are the city's", () => {
  assert.equal(timeOfDay(NOON, "Asia/Shanghai"), "12:00:00");
  assert.equal(when(NOON, NOON + 1000, "Asia/Shanghai"), "12:00:00");
  assert.equal(when(NOON, NOON + 12 * 3_600_000, "Asia/Shanghai"), "01-13 12:00:00");
});

test("local time is that of the zone then: two hours apart in one country, an hour by the season", () => {
  assert.equal(timeOfDay(NOON, "Asia/Urumqi"), "10:00:00");
  const [winter, summer] = [Date.UTC(2026, 2, 29, 0, 59), Date.UTC(2026, 2, 29, 1)];
  assert.deepEqual(
    [winter, summer].map((ms) => timeOfDay(ms, "Europe/Berlin")),
    ["01:59:00", "03:00:00"],
  );
  assert.equal(timeOfDay(NOON, "UTC"), "04:00:00");
  assert.equal(timeOfDay(NOON, "America/St_Johns"), "00:30:00");
});

test("ages have two units at most and are never negative", () => {
  const told = [-5, 59_000, 3_599_000, 3_600_000, 90_000_000].map((ms) => age(ms, "en"));
  assert.deepEqual(told, ["0 s", "59 s", "59 min", "1 h 0 min", "1 d 1 h"]);
  assert.equal(age(3_900_000, "zh"), "1 小时 5 分");
});

test("a duration is told to the second under ten minutes", () => {
  const told = [0.4, 59.6, 61, 599.4, 600, 7_260].map((seconds) => duration(seconds, "en"));
  assert.deepEqual(told, ["0 s", "1:00", "1:01", "9:59", "10 min", "2 h 1 min"]);
});

test("figures have four significant digits and no powers of ten", () => {
  assert.deepEqual([0.000012345, 51.7, 123456, -0.5].map(figure), ["0.000012", "51.7", "123500", "-0.5"]);
});

test("the city's clock ticks between beats and does not go back by their unevenness", () => {
  const clock = new CityClock();
  assert.equal(clock.at(0), null);
  clock.heard(NOON - 5_000, -5_000);
  assert.equal(clock.at(-1_000), NOON - 5_000);
  clock.heard(NOON, 0);
  assert.equal(clock.at(4_000), NOON + 4_000);
  clock.heard(NOON + 3_500, 5_000);
  assert.equal(clock.at(5_000), NOON + 4_000);
  assert.equal(clock.at(7_000), NOON + 5_500);
});

test("it stands still while the city does, and follows a leap either way", () => {
  const clock = new CityClock();
  clock.heard(NOON, 0);
  clock.heard(NOON, 5_000);
  assert.equal(clock.at(9_000), NOON);
  clock.heard(NOON - 60_000, 10_000);
  assert.equal(clock.at(10_000), NOON - 60_000);
  clock.heard(null, 15_000);
  assert.equal(clock.at(15_000), null);
});

test("it does not run away from a console that is silent", () => {
  const clock = new CityClock();
  clock.heard(NOON - 5_000, -5_000);
  clock.heard(NOON, 0);
  assert.equal(clock.at(3_600_000), NOON + 10_000);
});

const beat = (live) => ({
  city_ms: NOON,
  live,
  reason: live ? null : { zh: "无", en: "none" },
  judged_ms: live ? null : NOON - 90_000,
});

test("without a heartbeat for 15 s, nothing is live", () => {
  const liveness = new Liveness(0);
  assert.equal(liveness.at(SILENCE_MS - 1).kind, "connecting");
  assert.equal(liveness.at(SILENCE_MS).kind, "silent");
  liveness.heard(beat(true), 20_000);
  assert.equal(liveness.at(20_000 + SILENCE_MS - 1).kind, "live");
  assert.deepEqual(liveness.at(20_000 + SILENCE_MS), { kind: "silent", forMs: SILENCE_MS });
});

test("a broken connection shows at once, until the next heartbeat", () => {
  const liveness = new Liveness(0);
  liveness.heard(beat(true), 0);
  liveness.broke();
  assert.equal(liveness.at(1).kind, "connection");
  liveness.heard(beat(true), 2);
  assert.equal(liveness.at(3).kind, "live");
});

test("the console itself may say that nothing is live", () => {
  const liveness = new Liveness(0);
  liveness.heard(beat(false), 0);
  assert.deepEqual(liveness.at(1), { kind: "told", reason: { zh: "无", en: "none" }, judgedMs: NOON - 90_000 });
});
