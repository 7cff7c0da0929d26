// Judging falls behind: the banner says by how much and until when, on both pages; it goes when all is judged.
import assert from "node:assert/strict";
import { enter, PHONE, say, shot, told, until, withPage } from "./page.mjs";

await withPage(async (page) => {
  const next = told();
  const banner = page.locator(".banner");
  const words = async () => ((await banner.isVisible()) ? await banner.textContent() : "");
  await enter(page);
  say("live");
  assert.equal(await next(), "behind");
  await until(async () => /判定落后 \d+ 分钟/.test(await words()), 60_000);
  assert.match(await words(), /只判定到城市时间 (01-13 )?\d\d:\d\d:\d\d/);
  await shot(page, "behind");
  await page.click(".other_language");
  assert.match(await words(), /judging is \d+ min behind.*all is judged up to .*\d\d:\d\d:\d\d city time only/);
  await page.setViewportSize(PHONE);
  await until(async () => (await page.evaluate(() => document.documentElement.scrollWidth)) === PHONE.width);
  await shot(page, "behind-phone");
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.click('a[href="/overview"]');
  await until(async () => /NOT LIVE: judging is \d+ min behind/.test(await page.textContent(".warning")));
  await shot(page, "behind-overview");
  await page.click('a[href="/"]');
  await until(async () => /behind/.test(await words()), 20_000);
  say("told");
  assert.equal(await next(), "quick again");
  await until(async () => (await words()) === "" && (await page.locator(".row").count()) > 0, 60_000);
  await page.waitForSelector('.city-time[data-live="live"]');
  await page.click(".other_language");
});
say("done");
