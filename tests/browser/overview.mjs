// The supervisors' page: each cell is what SQL says, in both languages, on a desk and on a phone.
import assert from "node:assert/strict";
import { cells, open } from "./boards.mjs";
import { PHONE, say, shot, signIn, told, until, withPage } from "./page.mjs";

const URL = `${process.env.CONSOLE_URL}/overview`;
const SEVERITIES = ["critical", "major", "warn", "notice"];
const [ZH, EN] = ["name_zh", "name_en"];

/** By key, the cells after the first as text. */
function rows(list, key, of) {
  return Object.fromEntries(list.map((row) => [row[key], of(row).map(String)]));
}

async function compare(page, sql, name) {
  const counts = (row) => [row[name], ...SEVERITIES.map((severity) => row[severity]), row.unacknowledged];
  assert.deepEqual(await cells(page, "open_by_system"), rows(sql.systems, "code", counts));
  assert.deepEqual(await cells(page, "open_by_town"), rows(sql.towns, "code", counts));
  const heard = (row) => [
    row[name],
    row.stations,
    row.silent,
    `${row.seen} / ${row.expected}`,
    `${row.percent}%`,
  ];
  assert.deepEqual(await cells(page, "heard_of"), rows(sql.coverage, "code", heard));
  const tail = async (board) =>
    Object.fromEntries(Object.entries(await cells(page, board)).map(([key, [, ...rest]]) => [key, rest]));
  const day = (row) => [row.raised, row.escalated, row.acknowledged, row.closed];
  assert.deepEqual(await tail("since_midnight"), rows(sql.day, "severity", day));
  const times = Object.entries(await tail("acknowledgement_times")).map(
    ([key, [raised, taken, ...lengths]]) => {
      const row = sql.acknowledgement.find(({ severity }) => severity === key);
      assert.deepEqual([raised, taken], [String(row.raised), String(row.acknowledged)]);
      return (
        lengths.map((words) => words !== "–").join() ===
        [row.median_s, row.p90_s].map((s) => s !== null).join()
      );
    },
  );
  assert.deepEqual(times, [true, true, true, true]);
  assert.deepEqual(
    await open(page),
    Object.fromEntries(sql.severities.map((row) => [row.severity, row.open])),
  );
  assert.ok(sql.severities.some((row) => row.open > 0));
  const bars = await page.locator("#raised_by_hour .bar title").allTextContents();
  assert.deepEqual(
    bars.map((words) => words.match(/\d+/g).slice(2).map(Number)),
    sql.hours.map((hour) => SEVERITIES.map((severity) => hour[severity])),
  );
}

await withPage(async (page) => {
  const next = told();
  await page.goto(URL);
  await signIn(page);
  await page.locator("#open_by_town tbody tr").first().waitFor();
  say("read");
  const sql = JSON.parse(await next());
  await compare(page, sql, ZH);
  assert.match(await page.textContent(".as-of"), /已存储至城市时间 2026-01-13 19:\d\d:\d\d/);
  await shot(page, "overview", true);
  await page.click(".other_language");
  await compare(page, sql, EN);
  assert.equal(await page.title(), "Miyun overview");
  await page.setViewportSize(PHONE);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(wide, PHONE.width, "nothing scrolls sideways");
  await shot(page, "overview-phone", true);
  await page.click('a[href="/"]');
  await page.locator(".row").first().waitFor();
  await page.click('a[href="/overview"]');
  await page.locator("#open_by_town tbody tr").first().waitFor();
  say("compared");
  assert.equal(await next(), "recorder stopped");
  await page.click(".other_language");
  await until(async () => /■ 存储落后 \d+ 分钟/.test(await page.textContent(".warning")), 30_000);
  assert.equal(await page.evaluate(() => document.activeElement.className), "quiet other_language");
  say("behind");
  assert.equal(await next(), "recorder back");
  await until(async () => /^已存储至/.test(await page.textContent(".as-of")), 30_000);
  say("stored");
  assert.equal(await next(), "console stopped");
  await until(async () => /■ 服务器无法连接/.test(await page.textContent(".warning")), 15_000);
  await page.locator("#open_by_town tbody tr").first().waitFor();
  say("told");
  assert.equal(await next(), "console back");
  await page.waitForSelector(".sign-in", { timeout: 30_000 });
});
say("done");
