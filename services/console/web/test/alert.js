// An alert as the console tells it; tests change what they are about.

export function alert(changes = {}) {
  return {
    alert_id: "a",
    seq: 1,
    rule_id: "gas.chamber_lel",
    system: "gas",
    town_code: "110118001",
    station_id: "gas-110118001-0001",
    point: "ch4_pct_lel",
    severity: "warn",
    state: "B",
    acked: false,
    held: false,
    life_safety: true,
    nature: "simulated",
    headline: { zh: "甲烷", en: "methane" },
    raised_at: 1_000_000,
    cleared_at: null,
    closed_at: null,
    value: 20,
    unit: "%LEL",
    ...changes,
  };
}
