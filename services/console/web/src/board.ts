// What the feed shows: open alerts, which are new, which leave, what became of acknowledgements. No DOM here.

import type { AlertView, Severity, Text } from "./api.js";

export const SEVERITIES: readonly Severity[] = ["critical", "major", "warn", "notice"];
export const LINGER_MS = 6_000;

export type Ack = { kind: "pending" } | { kind: "applied" } | { kind: "refused"; message: Text };

export interface Entry {
  alert: AlertView;
  /** It asked for attention, and nobody here has looked at it since. */
  isNew: boolean;
  /** When a closed alert leaves the list; null: it is open. */
  leavesAt: number | null;
  ack: Ack | null;
}

export interface Filter {
  /** Empty: all. */
  severities: ReadonlySet<Severity>;
  /** null: all. */
  system: string | null;
}

export interface Count {
  open: number;
  unacknowledged: number;
}

export class Board {
  /** Nothing is known before the first snapshot. */
  hasBegun = false;
  private readonly entries = new Map<string, Entry>();

  /** Take all open alerts; returns those that ask for attention now. */
  begin(alerts: readonly AlertView[], nowMs: number): AlertView[] {
    const there = new Set(alerts.map((alert) => alert.alert_id));
    for (const entry of this.entries.values()) {
      if (!there.has(entry.alert.alert_id)) entry.leavesAt ??= nowMs + LINGER_MS;
    }
    const asking = alerts.filter((alert) => this.put(alert, nowMs, this.hasBegun));
    this.hasBegun = true;
    return asking;
  }

  /** Take a transition; true: the alert asks for attention now. What is older than the known is dropped. */
  take(alert: AlertView, nowMs: number): boolean {
    const known = this.entries.get(alert.alert_id);
    if (known !== undefined && alert.seq <= known.alert.seq && !isOrphaned(known.alert, alert)) return false;
    if (known === undefined && alert.closed_at !== null) return false;
    return this.put(alert, nowMs, true);
  }

  get(id: string): Entry | undefined {
    return this.entries.get(id);
  }

  looked(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.isNew = false;
  }

  acknowledging(id: string, ack: Ack): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.ack = ack;
  }

  /** Drop closed alerts whose time is over. */
  sweep(nowMs: number): void {
    for (const [id, entry] of this.entries) {
      if (entry.leavesAt !== null && entry.leavesAt <= nowMs) this.entries.delete(id);
    }
  }

  /** Most urgent first, then newest; closed ones stand where they stood until they leave. */
  rows(filter: Filter): Entry[] {
    return [...this.entries.values()].filter((entry) => fits(entry.alert, filter)).sort(inOrder);
  }

  counts(): Record<Severity, Count> {
    const counts = Object.fromEntries(
      SEVERITIES.map((severity) => [severity, { open: 0, unacknowledged: 0 }]),
    ) as Record<Severity, Count>;
    for (const { alert, leavesAt } of this.entries.values()) {
      if (leavesAt !== null) continue;
      counts[alert.severity].open += 1;
      if (!alert.acked) counts[alert.severity].unacknowledged += 1;
    }
    return counts;
  }

  private put(alert: AlertView, nowMs: number, isNews: boolean): boolean {
    const known = this.entries.get(alert.alert_id);
    const asks = isNews && asksForAttention(known?.alert, alert);
    const mayForget = known?.ack?.kind !== "pending" && known?.alert.acked === true && !alert.acked;
    this.entries.set(alert.alert_id, {
      alert,
      isNew: !alert.acked && (asks || known?.isNew === true),
      leavesAt: alert.closed_at === null ? null : (known?.leavesAt ?? nowMs + LINGER_MS),
      ack: mayForget ? null : (known?.ack ?? null),
    });
    return asks;
  }
}

/** Whether a person should look at a change: raised, reopened or more severe, and not acknowledged. */
function asksForAttention(before: AlertView | undefined, after: AlertView): boolean {
  if (after.acked || after.closed_at !== null || after.state !== "B") return false;
  if (before === undefined || before.state !== "B") return true;
  return SEVERITIES.indexOf(after.severity) < SEVERITIES.indexOf(before.severity);
}

/** Whether a census has closed the alert: the monitor does not know it any more, so its number stays. */
function isOrphaned(before: AlertView, after: AlertView): boolean {
  return after.seq === before.seq && before.closed_at === null && after.closed_at !== null;
}

function fits(alert: AlertView, filter: Filter): boolean {
  const isOfSeverity = filter.severities.size === 0 || filter.severities.has(alert.severity);
  return isOfSeverity && (filter.system === null || filter.system === alert.system);
}

function inOrder(one: Entry, other: Entry): number {
  return (
    SEVERITIES.indexOf(one.alert.severity) - SEVERITIES.indexOf(other.alert.severity) ||
    other.alert.raised_at - one.alert.raised_at ||
    (one.alert.alert_id < other.alert.alert_id ? -1 : 1)
  );
}
