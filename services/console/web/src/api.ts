// What the console's interface says and takes. Times are epoch ms.

import type { AlertView, CityView, DayView, OpenAlerts, SessionView, Bilingual } from "./wire.js";

export type * from "./wire.js";
export type Session = SessionView;
export type Snapshot = OpenAlerts;
export type Text = Bilingual;
export type City = CityView;
export type Role = SessionView["role"];
export type Language = SessionView["language"];
export type Severity = AlertView["severity"];
/** Bucket, mean, min, max. */
export type Minute = DayView["minutes"][number];
