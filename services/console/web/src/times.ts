// City time on the screen. The city's zone (its IANA name) is an argument: the browser's own never matters.

import type { Language } from "./api.js";
import { say } from "./words.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function two(number: number): string {
  return String(number).padStart(2, "0");
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks were ahead of UTC at a time, in milliseconds. */
export function offsetMs(ms: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    formats.set(zone, format);
  }
  const name = format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [null, "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS);
}

function local(ms: number, zone: string): Date {
  return new Date(ms + offsetMs(ms, zone));
}

/** Hours, minutes, seconds. */
export function timeOfDay(ms: number, zone: string): string {
  return hourAndMinute(ms, zone) + ":" + two(local(ms, zone).getUTCSeconds());
}

/** Hours and minutes. */
export function hourAndMinute(ms: number, zone: string): string {
  const at = local(ms, zone);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** The date, as ISO 8601 has it. */
export function date(ms: number, zone: string): string {
  return local(ms, zone).toISOString().slice(0, 10);
}

/** A time with its date when that is not today's. */
export function when(ms: number, nowMs: number | null, zone: string): string {
  const isToday = nowMs !== null && date(ms, zone) === date(nowMs, zone);
  const time = timeOfDay(ms, zone);
  return isToday ? time : `${date(ms, zone).slice(5)} ${time}`;
}

/** How long something has lasted, in two units at most; a negative length counts as none. */
export function age(lengthMs: number, language: Language): string {
  const length = Math.max(0, lengthMs);
  if (length < MINUTE_MS) return say(language, "seconds", { n: Math.floor(length / 1000) });
  if (length < HOUR_MS) return say(language, "minutes", { n: Math.floor(length / MINUTE_MS) });
  if (length < DAY_MS) {
    const minutes = Math.floor((length % HOUR_MS) / MINUTE_MS);
    return say(language, "hours", { n: Math.floor(length / HOUR_MS), m: minutes });
  }
  const hours = Math.floor((length % DAY_MS) / HOUR_MS);
  return say(language, "days", { n: Math.floor(length / DAY_MS), m: hours });
}

/** A length in seconds: to the second under ten minutes. */
export function duration(seconds: number, language: Language): string {
  const whole = Math.round(seconds);
  if (whole >= 600) return age(whole * 1000, language);
  return whole < 60 ? say(language, "seconds", { n: whole }) : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** A value with at most four significant figures, never in powers of ten. */
export function figure(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return rounded.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 6 });
}
