// Requests to the console.

import type { Acknowledge, Applied, City, DayView, Failure, OverviewView, Session, SignIn } from "./api.js";
import { bothOf } from "./words.js";

export type Answer<T> = { ok: true; value: T } | { ok: false; status: number; failure: Failure };

const UNREACHED: Failure = { error: "network", message: bothOf("network") };

async function ask<T>(path: string, method: string, csrf = "", body?: unknown): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (csrf !== "") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) return { ok: false, status: answer.status, failure: await failureOf(answer) };
    return { ok: true, value: (answer.status === 204 ? null : await answer.json()) as T };
  } catch {
    return { ok: false, status: 0, failure: UNREACHED };
  }
}

async function failureOf(answer: Response): Promise<Failure> {
  try {
    return (await answer.json()) as Failure;
  } catch {
    return UNREACHED; // a proxy's page, or a console that is just ending
  }
}

export const currentSession = (): Promise<Answer<Session>> => ask("/api/session", "GET");

export const signIn = (asked: SignIn): Promise<Answer<Session>> => ask("/api/session", "POST", "", asked);

export const signOut = (csrf: string): Promise<Answer<null>> => ask("/api/session", "DELETE", csrf);

export const city = (): Promise<Answer<City>> => ask("/api/city", "GET");

export const overview = (): Promise<Answer<OverviewView>> => ask("/api/overview", "GET");

export function acknowledge(id: string, asked: Acknowledge, csrf: string): Promise<Answer<Applied>> {
  return ask(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, "POST", csrf, asked);
}

export function day(station: string, point: string): Promise<Answer<DayView>> {
  return ask(`/api/stations/${encodeURIComponent(station)}/points/${encodeURIComponent(point)}/day`, "GET");
}
