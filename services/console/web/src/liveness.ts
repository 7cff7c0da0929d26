// Whether the page shows what is. `nowMs` is a monotonic clock of the page.

import type { Heartbeat, Text } from "./api.js";

export const SILENCE_MS = 15_000;

export type Live =
  | { kind: "live" }
  | { kind: "connecting" }
  | { kind: "connection" }
  | { kind: "silent"; forMs: number }
  /** `judgedMs`: where judging is behind, until when all is judged, by the city's clock. */
  | { kind: "told"; reason: Text | null; judgedMs: number | null };

/** Judged by heartbeats only: after a break the next one makes the page live again. */
export class Liveness {
  private last: Heartbeat | null = null;
  private isBroken = false;

  constructor(private heardAt: number) {}

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.last = heartbeat;
    this.heardAt = nowMs;
    this.isBroken = false;
  }

  /** The connection broke. */
  broke(): void {
    this.isBroken = true;
  }

  at(nowMs: number): Live {
    if (this.isBroken) return { kind: "connection" };
    const forMs = nowMs - this.heardAt;
    if (forMs >= SILENCE_MS) return { kind: "silent", forMs };
    if (this.last === null) return { kind: "connecting" };
    if (this.last.live) return { kind: "live" };
    return { kind: "told", reason: this.last.reason, judgedMs: this.last.judged_ms };
  }
}
