// What the console's interface says and takes, by the names of the wire. Times are epoch ms.

export type Severity = "notice" | "warn" | "major" | "critical";
export type Role = "viewer" | "operator" | "crew" | "supervisor" | "admin";
export type Language = "zh" | "en";

export interface Text {
  zh: string;
  en: string;
}

export interface Failure {
  error: string;
  message: Text;
}

export interface SignIn {
  name: string;
  password: string;
}

export interface Session {
  person: string;
  role: Role;
  csrf: string;
  language: Language;
}

export interface SystemView {
  system: string;
  name: Text;
}

export interface City {
  namespace: string;
  utc_offset_minutes: number;
  systems: SystemView[];
}

export interface AlertView {
  alert_id: string;
  seq: number;
  rule_id: string;
  system: string;
  town_code: string;
  station_id: string;
  point: string;
  severity: Severity;
  state: string;
  acked: boolean;
  held: boolean;
  life_safety: boolean;
  nature: "real" | "simulated" | "exercise";
  headline: Text;
  raised_at: number;
  cleared_at: number | null;
  closed_at: number | null;
  value: number | null;
  unit: string;
}

export interface Snapshot {
  city_ms: number | null;
  alerts: AlertView[];
}

export interface Heartbeat {
  city_ms: number | null;
  live: boolean;
  reason: Text | null;
}

export interface Acknowledge {
  seen_seq: number;
}

export interface Applied {
  result: "applied";
}

export interface LimitView {
  severity: Severity;
  side: "above" | "below";
  limit: number;
}

/** Bucket, mean, min, max. */
export type Minute = [number, number | null, number | null, number | null];

export interface DayView {
  station: Text;
  point: Text;
  unit: string;
  limits: LimitView[];
  minutes: Minute[];
  from_ms: number;
  to_ms: number;
}

export interface OpenCount { severity: Severity; open: number; unacknowledged: number; longest_wait_s: number | null }
export interface PlaceCount { code: string; name: Text; critical: number; major: number; warn: number; notice: number; unacknowledged: number }
export interface AcknowledgementView { severity: Severity; raised: number; acknowledged: number; median_s: number | null; p90_s: number | null }
export interface CoverageView { code: string; name: Text; stations: number; silent: number; expected: number; seen: number; percent: number }
export interface DayCount { severity: Severity; raised: number; escalated: number; acknowledged: number; closed: number }
export interface HourCount { hour: number; critical: number; major: number; warn: number; notice: number }
export interface OverviewView { city_ms: number | null; at: number | null; day_began_at: number | null; severities: OpenCount[]; systems: PlaceCount[]; towns: PlaceCount[]; acknowledgement: AcknowledgementView[]; coverage: CoverageView[]; day: DayCount[]; hours: HourCount[] }
