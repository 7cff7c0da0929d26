// The overview's lists as tables. A zero is faint: what is there stands out.

import type { AcknowledgementView, CoverageView, DayCount, Language, PlaceCount, Severity } from "./api.js";
import { SEVERITIES } from "./board.js";
import { element } from "./element.js";
import { symbol } from "./symbol.js";
import { duration } from "./times.js";
import { SEVERITY, say, type Word } from "./words.js";

type Cell = HTMLElement | string | number;

export function places(
  rows: readonly PlaceCount[],
  kind: "system" | "town",
  language: Language,
): HTMLElement {
  return table(
    [
      say(language, kind),
      ...SEVERITIES.map((severity) => severityHead(severity, language)),
      say(language, "unacked"),
    ],
    rows.map((row) => [
      row.name[language],
      ...SEVERITIES.map((severity) => count(row[severity], severity)),
      count(row.unacknowledged),
    ]),
    rows.map((row) => row.code),
  );
}

export function acknowledgement(rows: readonly AcknowledgementView[], language: Language): HTMLElement {
  return bySeverity(rows, ["raised_n", "acknowledged_n", "median", "p90"], language, (row) => [
    row.raised,
    row.acknowledged,
    row.median_s === null ? "–" : duration(row.median_s, language),
    row.p90_s === null ? "–" : duration(row.p90_s, language),
  ]);
}

export function day(rows: readonly DayCount[], language: Language): HTMLElement {
  return bySeverity(rows, ["raised_n", "escalated_n", "acknowledged_n", "closed_n"], language, (row) => [
    row.raised,
    row.escalated,
    row.acknowledged,
    row.closed,
  ]);
}

export function coverage(rows: readonly CoverageView[], language: Language): HTMLElement {
  return table(
    [say(language, "system"), ...heads(["stations_n", "silent_n", "seen_of", "share"], language)],
    rows.map((row) => [
      row.name[language],
      row.stations,
      count(row.silent, "major"),
      `${row.seen} / ${row.expected}`,
      element("span", { class: row.percent < 100 ? "share missing" : "share" }, `${row.percent}%`),
    ]),
    rows.map((row) => row.code),
  );
}

function bySeverity<Row extends { severity: Severity }>(
  rows: readonly Row[],
  words: Word[],
  language: Language,
  cells: (row: Row) => Cell[],
): HTMLElement {
  return table(
    [say(language, "severity"), ...heads(words, language)],
    rows.map((row) => [severityHead(row.severity, language), ...cells(row)]),
    rows.map((row) => row.severity),
  );
}

function heads(words: Word[], language: Language): string[] {
  return words.map((word) => say(language, word));
}

function severityHead(severity: Severity, language: Language): HTMLElement {
  const word = element("span", { class: "word" }, SEVERITY[severity][language]);
  return element("span", { class: `severity ${severity}` }, symbol(severity), word);
}

/** In the colour of its severity, if it has one. */
function count(n: number, severity: Severity | "" = ""): HTMLElement {
  return element("span", { class: n === 0 ? "none" : `some ${severity}` }, String(n));
}

function table(head: Cell[], rows: Cell[][], keys: string[]): HTMLElement {
  const line = (tag: "th" | "td", cells: Cell[]): HTMLElement[] =>
    cells.map((cell, place) =>
      element(
        place === 0 ? "th" : tag,
        { scope: tag === "th" ? "col" : place === 0 ? "row" : false },
        typeof cell === "number" ? String(cell) : cell,
      ),
    );
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...line("th", head))),
    element(
      "tbody",
      {},
      ...rows.map((cells, place) => element("tr", { "data-key": keys[place] ?? "" }, ...line("td", cells))),
    ),
  );
}
