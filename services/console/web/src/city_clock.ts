// The city's time between heartbeats. `nowMs` is a monotonic clock of the page, used for lengths only.

const LONGEST_GUESS_MS = 10_000;

/** Ticks on from the last heartbeat while the city's time moves from beat to beat; else it stands still. */
export class CityClock {
  private base: number | null = null;
  private heardAt = 0;
  private isMoving = false;
  private shown = 0;

  /** The last heartbeat's time; null: unknown. */
  get told(): number | null {
    return this.base;
  }

  /** A heartbeat's time; null: the city's time is unknown. */
  heard(cityMs: number | null, nowMs: number): void {
    this.isMoving = this.base !== null && cityMs !== this.base;
    const isNear = cityMs !== null && Math.abs(cityMs - this.shown) < LONGEST_GUESS_MS;
    if (!isNear) this.shown = 0;
    this.base = cityMs;
    this.heardAt = nowMs;
  }

  /** The city's time in epoch ms; it never goes back by the unevenness of the beats. */
  at(nowMs: number): number | null {
    if (this.base === null) return null;
    const since = Math.min(nowMs - this.heardAt, LONGEST_GUESS_MS);
    this.shown = Math.max(this.shown, this.base + (this.isMoving ? since : 0));
    return this.shown;
  }
}
