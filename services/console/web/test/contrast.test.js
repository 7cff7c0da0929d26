// WCAG 2.2 AA in both colour schemes: 4.5 for text, 3 for shapes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const css = readFileSync(new URL("../styles.css", import.meta.url), "utf8");
const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => variables(body));
const [dark, changed] = blocks;
const schemes = { dark, light: { ...dark, ...changed } };
const GROUNDS = ["ground", "raised", "selected"];
const TEXT = ["text", "quiet", "critical", "major", "warn", "notice", "good"];

function variables(body) {
  return Object.fromEntries(
    [...body.matchAll(/--([\w-]+): (#\w+);/g)].map(([, name, colour]) => [name, colour]),
  );
}

function luminance(hex) {
  const whole = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
  const [r, g, b] = whole.match(/../g).map((pair) => {
    const part = Number.parseInt(pair, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

for (const [scheme, colours] of Object.entries(schemes)) {
  test(`${scheme}: words can be read on every ground`, () => {
    for (const ground of GROUNDS) {
      for (const text of TEXT) {
        const ratio = contrast(colours[text], colours[ground]);
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
    for (const [text, ground] of [
      ["on-accent", "accent"],
      ["on-banner", "banner"],
    ]) {
      assert.ok(contrast(colours[text], colours[ground]) >= 4.5, `${text} on ${ground}`);
    }
  });
  test(`${scheme}: marks stand out from their shapes, the line from its band`, () => {
    for (const severity of ["critical", "major"]) {
      assert.ok(contrast(colours["on-severity"], colours[severity]) >= 3, severity);
    }
    assert.ok(contrast(colours.text, colours.band) >= 3);
  });
}
