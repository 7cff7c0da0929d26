// The open alerts by severity, then time, with shape, word and city time; filters by severity and system.
import assert from "node:assert/strict";
import { enter, shot, withPage } from "./page.mjs";

const wanted = JSON.parse(process.env.OPEN);
const RANK = ["critical", "major", "warn", "notice"];
const WORD = { critical: "危急", major: "严重", warn: "警告", notice: "提示" };
const city = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", timeStyle: "medium" });

function rows(page) {
  return page.$$eval(".row", (found) =>
    found.map((row) => ({
      id: row.dataset.alert,
      shape: row.querySelector(".symbol").dataset.shape,
      word: row.querySelector(".severity .word").textContent,
      headline: row.querySelector(".headline").textContent,
      raised: row.querySelector("time").textContent,
      letter: row.querySelector(".letter").textContent,
    })),
  );
}

await withPage(async (page) => {
  await enter(page);
  const sorted = [...wanted].sort(
    (a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity) || b.raised_at - a.raised_at,
  );
  const shown = await rows(page);
  assert.equal(shown.length, sorted.length);
  const byId = new Map(sorted.map((alert) => [alert.alert_id, alert]));
  for (const row of shown) {
    const alert = byId.get(row.id);
    assert.equal(row.shape, alert.severity);
    assert.equal(row.word, WORD[alert.severity]);
    assert.equal(row.headline, alert.headline.zh);
    assert.equal(row.letter, alert.state);
    assert.equal(row.raised, city.format(alert.raised_at));
  }
  const key = (alert) => [alert.severity, alert.raised_at];
  assert.deepEqual(
    shown.map((row) => key(byId.get(row.id))),
    sorted.map(key),
  );
  await shot(page, "feed-desktop");
  for (const severity of RANK) {
    const of = sorted.filter((alert) => alert.severity === severity);
    assert.equal(await page.textContent(`.count.${severity} b`), String(of.length));
  }
  await page.click(".count.critical");
  const critical = sorted.filter((alert) => alert.severity === "critical").length;
  assert.equal(await page.locator(".row").count(), critical);
  await page.click(".filter-line button");
  const system = sorted[0].system;
  await page.selectOption("#system-filter", system);
  assert.equal(await page.locator(".row").count(), sorted.filter((alert) => alert.system === system).length);
  await shot(page, "feed-one-system");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.click(".filter-line button");
  await shot(page, "feed-dark");
});
