// By keyboard alone, from the sign-in on; a viewer is told why not.
import assert from "node:assert/strict";
import { enter, selectedId, shot, until, withPage } from "./page.mjs";

await withPage(async (page) => {
  await enter(page);
  await page.keyboard.press("j");
  const id = await until(() => selectedId(page));
  const row = page.locator(`[data-alert="${id}"]`);
  assert.equal(await row.locator(".letter").textContent(), "B");
  await page.keyboard.press("a");
  await page.waitForFunction(
    (id) => document.querySelector(`[data-alert="${id}"] .ack`).textContent === "✓ 确认已生效",
    id,
  );
  await page.waitForFunction(
    (id) => document.querySelector(`[data-alert="${id}"] .letter`).textContent === "C",
    id,
  );
  assert.match(await row.locator(".state").textContent(), /C 已确认/);
  assert.equal(await row.locator("button.acknowledge").isVisible(), false);
  assert.equal(await selectedId(page), id);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.alert), id);
  await shot(page, "acknowledged");
  await page.keyboard.press("a");
  await page.waitForFunction((id) => document.querySelector(`[data-alert="${id}"] .ack.refused`), id);
  await page.keyboard.press("j");
  assert.notEqual(await selectedId(page), id);
  const next = await selectedId(page);
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (id) => document.querySelector(`[data-alert="${id}"] .letter`)?.textContent !== "B",
    next,
  );
  await page.keyboard.press("k");
  assert.equal(await selectedId(page), id);
  await page.keyboard.press("?");
  assert.ok(await page.locator("dialog[open]").isVisible());
  await shot(page, "help");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
});

await withPage(async (page) => {
  await enter(page, "guest");
  assert.equal(await page.locator("button.acknowledge:visible").count(), 0);
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await page.waitForFunction(
    () => document.querySelector(".row.selected .ack")?.textContent === "✗ 确认未生效:您的角色不能确认告警。",
  );
});
