// An acknowledged alert ends, is struck through and leaves; when it comes again it is new, and said aloud.
import assert from "node:assert/strict";
import { enter, say, shot, told, withPage } from "./page.mjs";

const id = process.env.COVER;

await withPage(async (page) => {
  const next = told();
  const row = page.locator(`[data-alert="${id}"]`);
  await enter(page);
  await row.focus();
  await page.keyboard.press("a");
  await row.locator(".letter", { hasText: "C" }).waitFor();
  say("acknowledged");
  assert.equal(await next(), "shut");
  await page.locator(`[data-alert="${id}"].closed`).waitFor();
  const struck = await row.locator(".headline").evaluate((one) => getComputedStyle(one).textDecorationLine);
  assert.equal(struck, "line-through");
  await shot(page, "closed");
  await row.waitFor({ state: "detached" });
  assert.equal(await page.locator(".row.selected").count(), 0);
  const counted = Number(
    await page.textContent(".count.critical .waiting").then((words) => words.replace(/\D/g, "")),
  );
  say("gone");
  assert.equal(await next(), "open");
  await page.locator(`[data-alert="${id}"].new`).waitFor();
  const headline = await row.locator(".headline").textContent();
  assert.equal(await page.textContent('[data-announce="critical"]'), `新的危急告警:${headline}`);
  assert.equal(await page.title(), `(${counted + 1}) 密云城市运行监测`);
  await shot(page, "new");
  await row.focus();
  await page.locator(`[data-alert="${id}"]:not(.new)`).waitFor();
});
say("done");
