// What the console's interface says and takes. Times are epoch ms.

import type { AlertView, CityView, DayView, OpenAlerts, SessionView, TextView } from "./wire.js";

export type * from "./wire.js";
export type Session = SessionView;
export type Snapshot = OpenAlerts;
export type Text = TextView;
export type City = CityView;
export type Role = SessionView["role"];
export type Language = SessionView["language"];
export type Severity = AlertView["severity"];
/** Bucket, mean, min, max. */
export type Minute = DayView["minutes"][number];
