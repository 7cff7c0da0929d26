"""Faults of the networks themselves, as data. Amounts are judged plausible, not computed."""

from typing import Any

from simulators.faults.templates import PLACE_POINT, Template, add, state, times, to, to_size
from simulators.faults.topology import Where

SOURCE = ("heat_source",)
CHAMBERS: dict[str, Any] = {"kinds": ("gas_chamber",), "hops": 2, "later_s": 60.0}
GAS_LINGERS_PCT_LEL = 6.0
GAS_LINGERS_S = 720.0
"""Gas leaves a chamber slowly: it stays a little above the level at which detectors report each minute."""

GAS = {
    "gas_main_dug_up": Template(
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
        needs=("station_ch4_pct_lel",),
        size=30.0,
        moves=(
            to_size("station_ch4_pct_lel"),
            to_size("ch4_pct_lel", 0.4, where=Where.BESIDE, later_s=90),
        ),
    ),
    "regulator_overpressure": Template(
        needs=("outlet_pressure_kpa", "inlet_pressure_mpa"),
        size=3.8,
        moves=(to_size("outlet_pressure_kpa"),),
    ),
    "regulator_low_outlet": Template(
        needs=("outlet_pressure_kpa", "inlet_pressure_mpa"),
        size=0.8,
        moves=(to_size("outlet_pressure_kpa"), times("flow_m3h", 0.6)),
    ),
    "regulator_shut": Template(
        needs=("shutoff_valve", "outlet_pressure_kpa"),
        moves=(state("shutoff_valve", 0), to("outlet_pressure_kpa", 0.0), to("flow_m3h", 0.0)),
    ),
    "co_in_room": Template(needs=("co_room_mg_m3",), size=60.0, moves=(to_size("co_room_mg_m3"),)),
    "protection_lost": Template(needs=("potential_v_cse",), size=-0.7, moves=(to_size("potential_v_cse"),)),
}

HEATING = {
    "heating_pipe_break": Template(
        needs=("available_dp_kpa", "primary_supply_pressure_mpa"),
        size=0.09,  # MPa that the pressure loses
        moves=(
            add("primary_supply_pressure_mpa", -1.0),
            add("primary_return_pressure_mpa", -0.3),
            add("available_dp_kpa", -300.0),
            add("supply_pressure_mpa", -0.3, where=Where.FEEDING),
            add("return_pressure_mpa", -0.1, where=Where.FEEDING),
            add("makeup_t_h", 150.0, where=Where.FEEDING, kinds=SOURCE),
            add("primary_supply_pressure_mpa", -0.25, where=Where.SIBLINGS, later_s=5),
        ),
    ),
    "heating_main_break": Template(
        needs=("supply_pressure_mpa", "makeup_t_h"),
        size=0.3,  # MPa
        moves=(
            add("supply_pressure_mpa", -1.0),
            add("return_pressure_mpa", -0.5),
            add("makeup_t_h", 200.0),
            add("primary_supply_pressure_mpa", -0.8, where=Where.FED, fade=0.9, later_s=5),
            add("primary_return_pressure_mpa", -0.4, where=Where.FED, fade=0.9, later_s=5),
        ),
    ),
    "source_lost": Template(
        needs=("running", "supply_temperature_c"),
        size=30.0,  # K that the supply cools by
        moves=(
            state("running", 0),
            add("supply_temperature_c", -1.0),
            times("flow_t_h", 0.4),
            add("primary_supply_temperature_c", -0.8, where=Where.FED, later_s=120),
            times("primary_flow_t_h", 0.4, where=Where.FED),
            add("secondary_supply_temperature_c", -0.3, where=Where.FED, later_s=300),
        ),
    ),
    "secondary_too_hot": Template(
        needs=("secondary_supply_temperature_c",),
        size=83.0,
        moves=(to_size("secondary_supply_temperature_c"), add("secondary_return_temperature_c", 0.2)),
    ),
    "home_cold": Template(needs=("room_01_c",), size=17.5, moves=(to_size(PLACE_POINT),)),
}

WATER = {
    "plant_main_burst": Template(
        needs=("outlet_pressure_mpa", "outlet_flow_m3h"),
        size=0.045,  # MPa that the pressure loses
        moves=(
            add("outlet_pressure_mpa", -1.0),
            add("outlet_flow_m3h", 6_000.0),
            add("pressure_mpa", -0.7, where=Where.FED, hops=3, fade=0.85, fade_km=0.95),
        ),
    ),
    "water_burst": Template(
        needs=("pressure_mpa", "inflow_m3h"),
        size=0.15,  # MPa
        moves=(
            add("pressure_mpa", -0.6),
            add("inflow_m3h", 500.0),
            add("pressure_mpa", -1.0, where=Where.FED, hops=2, fade=0.9, fade_km=0.7),
            add("outlet_flow_m3h", 500.0, where=Where.FEEDING, hops=3),
            add("outlet_pressure_mpa", -0.05, where=Where.FEEDING, hops=3),
            add("pressure_mpa", -0.2, where=Where.SIBLINGS, fade_km=0.7),
        ),
    ),
    "chlorine_low": Template(needs=("chlorine_mg_l",), size=0.2, moves=(to_size("chlorine_mg_l"),)),
    "turbid_water": Template(needs=("turbidity_ntu",), size=1.4, moves=(to_size("turbidity_ntu"),)),
    "tank_low": Template(
        needs=("tank_level_ratio", "outlet_pressure_mpa"),
        size=0.12,
        moves=(to_size("tank_level_ratio"),),
    ),
}

SEWER = {
    "sewer_blockage": Template(
        needs=("level_ratio", "freeboard_m"),
        size=1.1,
        moves=(
            to_size("level_ratio"),
            add("freeboard_m", -1.6),
            to_size("level_ratio", where=Where.FEEDING, hops=3, fade=0.85, later_s=300),
            add("freeboard_m", -1.4, where=Where.FEEDING, hops=3, fade=0.7, later_s=300),
            times("level_ratio", 0.4, where=Where.FED),
        ),
    ),
    "cover_open": Template(needs=("cover",), moves=(state("cover", 1),)),
    "cover_tilted": Template(needs=("tilt_deg",), size=25.0, moves=(to_size("tilt_deg"),)),
    "gas_in_sewer": Template(
        needs=("ch4_pct_lel", "level_ratio"),
        size=35.0,
        moves=(
            to_size("ch4_pct_lel"),
            to_size("ch4_pct_lel", where=Where.FED, hops=2, fade=0.4, later_s=300),
        ),
    ),
    "h2s_in_room": Template(
        needs=("h2s_room_mg_m3", "o2_room_pct"),
        size=25.0,
        moves=(to_size("h2s_room_mg_m3"), add("o2_room_pct", -0.02)),
    ),
    "ponding": Template(needs=("ponding_cm",), size=20.0, moves=(to_size("ponding_cm"),)),
}

ROOMS = {
    "room_flooded": Template(
        needs=("flooded",),
        moves=(state("flooded", 1), to("wet_well_level_ratio", 0.97), to("freeboard_m", 0.8)),
    ),
    "pump_trip": Template(
        needs=("pump_1",),
        moves=(
            state("pump_1", 2),
            times("secondary_flow_t_h", 0.6),
            times("outlet_flow_m3h", 0.9),
            to("wet_well_level_ratio", 0.75),
        ),
    ),
    "power_lost": Template(
        needs=("power",),
        moves=(
            state("power", 0),
            state("pump_*", 0),
            times("secondary_flow_t_h", 0.02),
            times("outlet_flow_m3h", 0.1),
            to("pressure_mpa", 0.02, kinds=("village_well",)),
        ),
    ),
}

LIGHTING = {
    "cabinet_lost": Template(
        needs=("circuit_1", "voltage_a_v"),
        moves=tuple(
            state(code, 0)
            for code in ("power", "voltage_*", "current_*", "circuit_*", "lamp_*", "leakage_ma")
        ),
    ),
    "circuit_lost": Template(
        needs=("circuit_1",),
        moves=(
            state("circuit_1", 0),
            times("current_*", 0.65),
            *(state(f"lamp_{number:02}", 0) for number in range(1, 21, 4)),
        ),
    ),
    "leakage_current": Template(needs=("leakage_ma",), size=350.0, moves=(to_size("leakage_ma"),)),
    "door_open": Template(needs=("door",), moves=(state("door", 1),)),
    "lit_by_day": Template(
        needs=("circuit_1", "current_a_a"),
        size=20.0,
        moves=(state("circuit_*", 1), state("lamp_*", 1), to_size("current_*")),
    ),
    "voltage_low": Template(needs=("voltage_a_v",), size=184.0, moves=(to_size("voltage_*"),)),
}

PHYSICAL: dict[str, Template] = {**GAS, **HEATING, **WATER, **SEWER, **ROOMS, **LIGHTING}
