// First light: feed, acknowledgement, crew's message, overview, and a monitor that stops.
import assert from "node:assert/strict";
import { open } from "./boards.mjs";
import { say, selectedId, shot, signIn, told, until, withPage } from "./page.mjs";

const { CATCHER_URL, CONSOLE_URL } = process.env;
const NETWORKS = ["供水", "排水", "供热", "燃气", "照明"];

await withPage(async (page) => {
  const next = told();
  await signIn(page);
  await page.waitForSelector('.city-time[data-live="live"]');
  say("live");
  assert.equal(await next(), "scene");
  await until(async () => {
    const shown = new Set(await page.locator(".row .tag.system").allTextContents());
    return NETWORKS.every((network) => shown.has(network));
  }, 180_000);
  await page.keyboard.press("j");
  const row = page.locator(`[data-alert="${await until(() => selectedId(page))}"]`);
  assert.equal(await row.locator(".severity .word").textContent(), "危急");
  await page.keyboard.press("a");
  await row.locator(".ack.applied").waitFor();
  await shot(page, "story-feed");
  say("acknowledged");
  const id = await next();
  assert.equal(await row.getAttribute("data-alert"), id);

  await page.goto(CATCHER_URL);
  const messages = await page.locator("article", { hasText: id }).allTextContents();
  assert.ok(
    messages.some((words) => words.includes("操作人:op")),
    messages.join(),
  );
  await shot(page, "story-crew");

  await page.goto(`${CONSOLE_URL}/overview`);
  await page.locator(".tile").first().waitFor();
  say("overview");
  const sql = Object.fromEntries(JSON.parse(await next()).map((one) => [one.severity, one.open]));
  await until(async () => JSON.stringify(await open(page)) === JSON.stringify(sql), 15_000);
  assert.ok(sql.critical > 0);
  await shot(page, "story-overview");

  await page.click('a[href="/"]');
  await page.waitForSelector('.city-time[data-live="live"]');
  say("feed");
  assert.equal(await next(), "monitor stopped");
  await page.locator(".banner", { hasText: "监测引擎未运行" }).waitFor({ timeout: 20_000 });
  await shot(page, "story-not-live");
});
say("done");
