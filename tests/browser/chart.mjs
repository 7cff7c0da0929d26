// A row's last day, by o and by click; limits are drawn in for a point that has some.
import assert from "node:assert/strict";
import { enter, selectedId, shot, until, withPage } from "./page.mjs";

const limited = process.env.LIMITED; // an alert whose point has limits in its unit

async function isSeen(page, chart) {
  const box = await chart.boundingBox();
  return box.y >= 0 && box.y + box.height <= page.viewportSize().height;
}

/** So low that a chart does not fit below its row as it stands. */
const LOW = { width: 1280, height: 560 };

await withPage(
  async (page) => {
    await enter(page);
    await page.locator(`[data-alert="${limited}"] .headline`).click();
    const day = page.locator(`[data-alert="${limited}"] .day`);
    const chart = day.locator("svg.chart");
    await chart.waitFor();
    assert.equal(await selectedId(page), limited);
    assert.ok((await chart.locator("path.mean").getAttribute("d")).length > 50);
    assert.match(await chart.getAttribute("aria-label"), /最近一天:最小/);
    assert.match(await chart.locator(".limit text").first().textContent(), /(提示|警告|严重|危急) [≥≤] -?\d/);
    assert.ok(await isSeen(page, chart), "an opened chart is scrolled into view");
    await until(async () => {
      await chart.hover({ position: { x: 400, y: 80 } }); // the list is live: a row above may have moved it
      return /\d\d:\d\d {2}-?\d/.test(await day.locator(".day-told").textContent());
    });
    await shot(page, "chart");
    await page.keyboard.press("o");
    await until(async () => (await page.locator(".day").count()) === 0);
    await page.keyboard.press("o");
    await chart.waitFor();
  },
  { viewport: LOW },
);
