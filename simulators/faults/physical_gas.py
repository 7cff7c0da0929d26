"""Faults of the gas network, as data. Amounts are judged plausible, not computed."""

from typing import Any

from simulators.faults.templates import Template, add, state, times, to, to_size
from simulators.faults.topology import Where

CHAMBERS: dict[str, Any] = {"kinds": ("gas_chamber",), "hops": 2, "later_s": 60.0}
GAS_LINGERS_PCT_LEL = 6.0
GAS_LINGERS_S = 720.0
"""Gas leaves a chamber slowly: it stays a little above the level at which detectors report each minute."""

GAS = {
    "gas_main_dug_up": Template(
        zh="燃气管道被挖断,燃气沿土壤进入相邻井室",
        en="a gas main is dug up and gas spreads through the soil into chambers beside",
        needs=("ch4_pct_lel", "ethane_ppm"),
        size=60.0,
        moves=(
            to("ch4_pct_lel", GAS_LINGERS_PCT_LEL, lingers_s=GAS_LINGERS_S),
            to_size("ch4_pct_lel"),
            to_size("ethane_ppm", 5.0),
            to("ch4_pct_lel", GAS_LINGERS_PCT_LEL, lingers_s=GAS_LINGERS_S, where=Where.BESIDE, **CHAMBERS),
            to_size("ch4_pct_lel", where=Where.BESIDE, fade=0.45, **CHAMBERS),
            to_size("ethane_ppm", 5.0, where=Where.BESIDE, fade=0.45, **CHAMBERS),
            add("inlet_pressure_mpa", -0.0002, where=Where.NEAREST),
            times("flow_m3h", 1.15, where=Where.NEAREST),
        ),
    ),
    "regulator_leak": Template(
        zh="调压站内燃气泄漏",
        en="gas leaks inside a regulator station",
        needs=("station_ch4_pct_lel",),
        size=30.0,
        moves=(
            to_size("station_ch4_pct_lel"),
            to_size("ch4_pct_lel", 0.4, where=Where.BESIDE, later_s=90),
        ),
    ),
    "regulator_overpressure": Template(
        zh="调压器失效,出口超压",
        en="a regulator fails and its outlet pressure is too high",
        needs=("outlet_pressure_kpa", "inlet_pressure_mpa"),
        size=3.8,
        moves=(to_size("outlet_pressure_kpa"),),
    ),
    "regulator_low_outlet": Template(
        zh="调压器失效,出口压力过低",
        en="a regulator fails and its outlet pressure is too low",
        needs=("outlet_pressure_kpa", "inlet_pressure_mpa"),
        size=0.8,
        moves=(to_size("outlet_pressure_kpa"), times("flow_m3h", 0.6)),
    ),
    "regulator_shut": Template(
        zh="调压站切断阀误动作关闭",
        en="the shut-off valve of a regulator station closes",
        needs=("shutoff_valve", "outlet_pressure_kpa"),
        moves=(state("shutoff_valve", 0), to("outlet_pressure_kpa", 0.0), to("flow_m3h", 0.0)),
    ),
    "co_in_room": Template(
        zh="值班室一氧化碳积聚",
        en="carbon monoxide gathers in a duty room",
        needs=("co_room_mg_m3",),
        size=60.0,
        moves=(to_size("co_room_mg_m3"),),
    ),
    "protection_lost": Template(
        zh="阴极保护失效",
        en="a gas main loses its cathodic protection",
        needs=("potential_v_cse",),
        size=-0.7,
        moves=(to_size("potential_v_cse"),),
    ),
}
