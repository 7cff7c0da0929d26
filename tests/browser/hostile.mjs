// Whatever the alerts say, both pages are there: the good ones are among the rows, nothing scrolls sideways.
import assert from "node:assert/strict";
import { enterUnheard, PHONE, shot, withPage } from "./page.mjs";

const good = JSON.parse(process.env.GOOD);

await withPage(async (page) => {
  await enterUnheard(page);
  const rows = await page.locator(".row").evaluateAll((all) => all.map((row) => row.dataset.alert));
  assert.deepEqual(
    good.filter((id) => !rows.includes(id)),
    [],
  );
  await shot(page, "hostile");
  await page.setViewportSize(PHONE);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  await page.click('a[href="/overview"]');
  await page.locator("#open_by_town tbody tr").first().waitFor();
  await shot(page, "hostile-overview");
});
