import assert from "node:assert/strict";
import { shot, signIn, withPage } from "./page.mjs";

await withPage(async (page) => {
  await page.waitForSelector(".sign-in");
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
  await signIn(page, "op", "not the password");
  await page.waitForFunction(() => document.querySelector(".failure").textContent === "用户名或密码不正确。");
  await shot(page, "sign-in-wrong");
  await page.click(".sign-in .other_language");
  assert.equal(await page.textContent(".sign-in button.primary"), "Sign in");
  await page.click(".sign-in .other_language");
  await signIn(page);
  await page.waitForSelector(".row");
  assert.match(await page.textContent(".who"), /^op · 值班员$/);
  const cookies = await page.context().cookies();
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]),
    [[true, "Strict"]],
  );
  await page.reload();
  await page.waitForSelector(".row");
  await page.click(".sign_out");
  await page.waitForSelector(".sign-in");
  await page.reload();
  await page.waitForSelector(".sign-in");
});
