// Nothing scrolls sideways on a phone, with a chart open and in either language.
import assert from "node:assert/strict";
import { enter, PHONE, shot, withPage } from "./page.mjs";

async function fits(page) {
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= inner, `${wide} > ${inner}`);
}

await withPage(
  async (page) => {
    await fits(page);
    await enter(page);
    await fits(page);
    await shot(page, "phone");
    await page.locator(".row .show-day").first().click();
    await page.locator("svg.chart, .day .empty").first().waitFor();
    await fits(page);
    await page.locator(".day").first().scrollIntoViewIfNeeded();
    await shot(page, "phone-chart");
    await page.click(".other_language");
    await fits(page);
    await shot(page, "phone-english", true);
  },
  { viewport: PHONE, hasTouch: true },
);
