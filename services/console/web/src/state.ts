// What the parts of the signed-in page share.

import type { City, Language, Role, Session } from "./api.js";
import type { Board, Filter } from "./board.js";
import type { CityClock } from "./city_clock.js";
import type { Liveness } from "./liveness.js";
import type { Selection } from "./selection.js";

export interface State {
  language: Language;
  readonly session: Session;
  readonly city: City;
  readonly board: Board;
  readonly clock: CityClock;
  readonly liveness: Liveness;
  readonly selection: Selection;
  /** Alerts whose chart is open. */
  readonly opened: Set<string>;
  filter: Filter;
}

/** What a person can ask for. */
export interface Acts {
  acknowledge(id: string): void;
  select(id: string): void;
  toggleDay(id: string): void;
  filter(filter: Filter): void;
  switchLanguage(): void;
  help(): void;
  signOut(): void;
}

/** A part of the page. `nowMs` is the page's monotonic clock. */
export interface Part {
  readonly node: HTMLElement;
  refresh(nowMs: number): void;
}

export const EVERYTHING: Filter = { severities: new Set(), system: null };

const ACTING: ReadonlySet<Role> = new Set(["operator", "supervisor", "admin"]);

/** Whether the person's role acknowledges; the console judges it again. */
export function mayAct(session: Session): boolean {
  return ACTING.has(session.role);
}
