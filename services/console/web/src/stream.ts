// The feed's connection. The browser comes back by itself after a break and says what it saw last.

import type { AlertView, FeedEvents, Heartbeat, Snapshot } from "./api.js";
import { currentSession } from "./client.js";

const AGAIN_MS = 3_000;
/** After so long without a heartbeat the connection is taken for dead, though nobody has said so. */
const DEAD_AFTER_MS = 30_000;
const NO_SESSION = 401;

export interface Listener {
  snapshot(snapshot: Snapshot): void;
  alert(alert: AlertView): void;
  heartbeat(heartbeat: Heartbeat): void;
  broken(): void;
  expired(): void;
}

/** Follows the feed until it is stopped, or the session is over. */
export class Stream {
  private source: EventSource | null = null;
  private timer = 0;

  constructor(private readonly listener: Listener) {
    this.begin();
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  private begin(): void {
    const { listener } = this;
    const opened = new EventSource("/api/feed");
    this.source = opened;
    const on = <Name extends keyof FeedEvents>(name: Name, take: (data: FeedEvents[Name]) => void): void => {
      opened.addEventListener(name, (event) =>
        take(JSON.parse((event as MessageEvent<string>).data) as FeedEvents[Name]),
      );
    };
    on("snapshot", (data) => listener.snapshot(data));
    on("alert", (data) => listener.alert(data));
    on("heartbeat", (data) => {
      this.later(DEAD_AFTER_MS);
      listener.heartbeat(data);
    });
    on("expired", () => this.over());
    opened.onerror = () => {
      listener.broken();
      this.later(opened.readyState === EventSource.CLOSED ? AGAIN_MS : DEAD_AFTER_MS);
    };
    this.later(DEAD_AFTER_MS);
  }

  private later(ms: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.again(), ms);
  }

  // The browser gives up by itself when the answer is not a stream, as without a session.
  private async again(): Promise<void> {
    const before = this.source;
    const answer = await currentSession();
    if (before === null || this.source !== before) return;
    if (!answer.ok && answer.status === NO_SESSION) return this.over();
    this.stop();
    this.begin();
  }

  private over(): void {
    this.stop();
    this.listener.expired();
  }
}
