import assert from "node:assert/strict";
import { enter, selectedId, shot, until, withPage } from "./page.mjs";

await withPage(async (page) => {
  await enter(page);
  await page.keyboard.press("j");
  const id = await until(() => selectedId(page));
  const chinese = await page.textContent(".row.selected .headline");
  await page.keyboard.press("l");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.equal(await selectedId(page), id);
  const english = await page.textContent(".row.selected .headline");
  assert.notEqual(english, chinese);
  assert.doesNotMatch(
    await page.evaluate(() => {
      const others = document.querySelectorAll(".other_language");
      others.forEach((one) => one.remove());
      return document.body.innerText;
    }),
    /[\u4e00-\u9fff]/,
  );
  await shot(page, "english");
  await page.reload();
  await page.waitForSelector(".row");
  assert.equal(await page.getAttribute("html", "lang"), "en");
});
