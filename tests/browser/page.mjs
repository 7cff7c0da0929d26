// A browser in front of the console, for one test. What it is told stands in the environment; see browser.py.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import assert from "node:assert/strict";

const web = createRequire(new URL("../../services/console/web/package.json", import.meta.url));
const { chromium } = web("playwright-core");
const { CONSOLE_URL, CONSOLE_PASSWORD, CHROMIUM, SHOTS } = process.env;
export const DESKTOP = { width: 1280, height: 720 };
export const PHONE = { width: 390, height: 844 };
/** Statuses that a test provokes are not faults of the page. */
const EXPECTED = /status of 40[13]|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_NETWORK/;

/** Run `steps` with a page; a fault in the page's console, such as a breach of the CSP, fails the test. */
export async function withPage(steps, { viewport = DESKTOP, ...context } = {}) {
  const browser = await chromium.launch({ executablePath: CHROMIUM });
  const faults = [];
  try {
    const opened = await browser.newContext({
      viewport,
      locale: "zh-CN",
      timezoneId: "America/New_York",
      ...context,
    });
    const page = await opened.newPage();
    page.setDefaultTimeout(30_000); // for what hangs: the first chart of a plan arranges all of it
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !EXPECTED.test(message.text())) faults.push(message.text());
    });
    await page.goto(CONSOLE_URL);
    await steps(page).catch(async (error) => {
      await shot(page, `failed-${basename(process.argv[1])}`);
      throw error;
    });
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

export async function signIn(page, name = "op", password = CONSOLE_PASSWORD) {
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.press("#password", "Enter");
}

/** Sign in and wait for rows, live or not. */
export async function enterUnheard(page, name = "op") {
  await signIn(page, name);
  await page.waitForSelector(".row");
}

/** Sign in and wait for rows and a heartbeat. */
export async function enter(page, name = "op") {
  await enterUnheard(page, name);
  await page.waitForSelector('.city-time[data-live="live"]');
}

export async function shot(page, name, fullPage = false) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
}

/** Tell the test outside that it may go on. */
export function say(word) {
  process.stdout.write(`${word}\n`);
}

/** Until `check` returns something truthy. */
export async function until(check, withinMs = 10_000) {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(performance.now() < end, `not within ${withinMs} ms: ${check}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}

export function selectedId(page) {
  return page.evaluate(() => document.querySelector(".row.selected")?.dataset.alert ?? null);
}

/** A function for the next word of the test outside. */
export function told() {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdin.unref?.();
  return async () => (await lines.next()).value;
}
