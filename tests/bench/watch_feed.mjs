// Signs in and notes when the row of each new alert was painted: {alert: epoch ms}, once there are as many as it
// is told.
import { enter, say, told, until, withPage } from "../browser/page.mjs";

await withPage(async (page) => {
  const next = told();
  await enter(page);
  await until(async () => (await page.locator(".row").count()) === Number(process.env.OPEN));
  await page.evaluate(() => {
    window.painted = {};
    const known = new Set([...document.querySelectorAll(".row")].map((row) => row.dataset.alert));
    const seen = new MutationObserver((changes) => {
      const ids = changes.flatMap((change) => [...change.addedNodes].map((node) => node.dataset?.alert));
      const fresh = ids.filter((id) => id !== undefined && !known.has(id));
      for (const id of fresh) known.add(id);
      // The frame is painted between its callbacks and the next task.
      requestAnimationFrame(() =>
        setTimeout(() => {
          for (const id of fresh) window.painted[id] = Date.now();
        }),
      );
    });
    seen.observe(document.querySelector(".rows"), { childList: true });
  });
  say("watching");
  const wanted = Number(await next());
  await until(() => page.evaluate((n) => Object.keys(window.painted).length >= n, wanted), 30_000);
  say(JSON.stringify(await page.evaluate(() => window.painted)));
});
