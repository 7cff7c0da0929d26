// Takes the pictures of docs/tour.md from the demo city that runs here, a few minutes after `make up`:
//   make tour-pictures        (needs Chromium, which `make test` installs)
// It acknowledges the most urgent alert, as the tour tells its reader to.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { chromium } = createRequire(new URL("../../services/console/web/package.json", import.meta.url))(
  "playwright-core",
);
const { MIYUN_CONSOLE_URL, MIYUN_CATCHER_URL, MIYUN_KEYS_DIR, CHROMIUM = "/usr/bin/chromium" } = process.env;
const password = readFileSync(`${MIYUN_KEYS_DIR}/operator.password`, "utf8").trim();

const browser = await chromium.launch({ executablePath: CHROMIUM });
const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, colorScheme: "light" });
const page = await context.newPage();
const shoot = (name, options = {}) =>
  page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, import.meta.url)), ...options });

await page.goto(MIYUN_CONSOLE_URL);
await page.fill("#name", "operator");
await page.fill("#password", password);
await page.click(".other_language");
await page.fill("#name", "operator");
await page.fill("#password", password);
await shoot("sign-in");
await page.press("#password", "Enter");
await page.locator(".row.critical").first().waitFor();
await page.waitForSelector('.city-time[data-live="live"]');
await shoot("feed");

await page.keyboard.press("j");
await page.keyboard.press("o");
await page.locator("svg.chart").waitFor();
await page.waitForTimeout(500);
await shoot("chart");
await page.keyboard.press("o");
await page.keyboard.press("a");
await page.locator(".row.selected .ack.applied, .row.selected .ack.refused").waitFor();
await shoot("acknowledged");
await page.click(".other_language");
await page.waitForTimeout(500);
await shoot("feed-zh");
await page.click(".other_language");

await page.goto(`${MIYUN_CATCHER_URL}/?lang=en`);
await page.locator("article", { hasText: "operator" }).first().waitFor();
await shoot("crews-mail");

await page.goto(`${MIYUN_CONSOLE_URL}/overview`);
await page.locator("#open_by_town tbody tr").first().waitFor();
await shoot("overview", { fullPage: true });
await browser.close();
