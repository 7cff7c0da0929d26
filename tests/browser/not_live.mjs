// The monitor goes, the console falls silent, the connection breaks: the banner comes, and goes again.
import assert from "node:assert/strict";
import { enter, say, shot, told, until, withPage } from "./page.mjs";

await withPage(async (page) => {
  const next = told();
  const banner = page.locator(".banner");
  await enter(page);
  assert.equal(await banner.isVisible(), false);
  say("live");
  assert.equal(await next(), "monitor stopped");
  await until(
    async () => (await banner.isVisible()) && /监测引擎未运行/.test(await banner.textContent()),
    20_000,
  );
  await shot(page, "not-live");
  say("banner");
  assert.equal(await next(), "monitor back");
  await until(async () => !(await banner.isVisible()), 40_000);
  say("live again");
  assert.equal(await next(), "console halted");
  await until(
    async () => (await banner.isVisible()) && /15 秒没有收到心跳/.test(await banner.textContent()),
    20_000,
  );
  say("silent");
  assert.equal(await next(), "console goes on");
  await until(async () => !(await banner.isVisible()), 10_000);
  say("live once more");
  assert.equal(await next(), "console stopped");
  await until(async () => (await banner.isVisible()) && /连接已断开/.test(await banner.textContent()), 3_000);
  say("broken");
  assert.equal(await next(), "console back");
  await page.waitForSelector(".sign-in", { timeout: 30_000 });
  assert.match(await page.textContent(".failure"), /登录已失效/);
});
say("done");
