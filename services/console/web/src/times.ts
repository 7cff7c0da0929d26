// City time on the screen. The city's offset from UTC is an argument: the browser's own zone never matters.

import type { Language } from "./api.js";
import { say } from "./words.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function local(ms: number, offsetMinutes: number): Date {
  return new Date(ms + offsetMinutes * MINUTE_MS);
}

/** Hours, minutes, seconds. */
export function timeOfDay(ms: number, offsetMinutes: number): string {
  return hourAndMinute(ms, offsetMinutes) + ":" + two(local(ms, offsetMinutes).getUTCSeconds());
}

/** Hours and minutes. */
export function hourAndMinute(ms: number, offsetMinutes: number): string {
  const at = local(ms, offsetMinutes);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

/** The date, as ISO 8601 has it. */
export function date(ms: number, offsetMinutes: number): string {
  return local(ms, offsetMinutes).toISOString().slice(0, 10);
}

/** A time with its date when that is not today's. */
export function when(ms: number, nowMs: number | null, offsetMinutes: number): string {
  const isToday = nowMs !== null && date(ms, offsetMinutes) === date(nowMs, offsetMinutes);
  const time = timeOfDay(ms, offsetMinutes);
  return isToday ? time : `${date(ms, offsetMinutes).slice(5)} ${time}`;
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
