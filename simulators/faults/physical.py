"""Faults of the networks themselves, as data. Amounts are judged plausible, not computed."""

from simulators.faults.physical_gas import GAS
from simulators.faults.templates import PLACE_POINT, Template, add, state, times, to, to_size
from simulators.faults.topology import Where

SOURCE = ("heat_source",)

HEATING = {
    "heating_pipe_break": Template(
        zh="供热一次网管道破裂",
        en="a pipe of the primary heating network breaks",
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
        zh="热源出口主干管破裂",
        en="the main of a heat source breaks",
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
        zh="热源停运",
        en="a heat source stops",
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
        zh="换热站二次供水超温",
        en="a heat exchanger station supplies too hot",
        needs=("secondary_supply_temperature_c",),
        size=83.0,
        moves=(to_size("secondary_supply_temperature_c"), add("secondary_return_temperature_c", 0.2)),
    ),
    "home_cold": Template(
        zh="住户室温偏低",
        en="a home stays cold",
        needs=("room_01_c",),
        size=17.5,
        moves=(to_size(PLACE_POINT),),
    ),
}

WATER = {
    "plant_main_burst": Template(
        zh="出厂干管爆管",
        en="the main of a water plant bursts",
        needs=("outlet_pressure_mpa", "outlet_flow_m3h"),
        size=0.045,  # MPa that the pressure loses
        moves=(
            add("outlet_pressure_mpa", -1.0),
            add("outlet_flow_m3h", 6_000.0),
            add("pressure_mpa", -0.7, where=Where.FED, hops=3, fade=0.85, fade_km=0.95),
        ),
    ),
    "water_burst": Template(
        zh="供水管道爆管",
        en="a water pipe bursts",
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
    "chlorine_low": Template(
        zh="余氯偏低",
        en="too little residual chlorine",
        needs=("chlorine_mg_l",),
        size=0.2,
        moves=(to_size("chlorine_mg_l"),),
    ),
    "turbid_water": Template(
        zh="出厂水浊度升高",
        en="a plant's water is turbid",
        needs=("turbidity_ntu",),
        size=1.4,
        moves=(to_size("turbidity_ntu"),),
    ),
    "tank_low": Template(
        zh="清水池水位过低",
        en="a clear-water tank runs low",
        needs=("tank_level_ratio", "outlet_pressure_mpa"),
        size=0.12,
        moves=(to_size("tank_level_ratio"),),
    ),
}

SEWER = {
    "sewer_blockage": Template(
        zh="污水管道堵塞,上游壅水",
        en="a sewer is blocked and backs up",
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
    "cover_open": Template(
        zh="井盖被打开",
        en="a manhole's cover is off",
        needs=("cover",),
        moves=(state("cover", 1),),
    ),
    "cover_tilted": Template(
        zh="井盖倾斜",
        en="a manhole's cover is tilted",
        needs=("tilt_deg",),
        size=25.0,
        moves=(to_size("tilt_deg"),),
    ),
    "gas_in_sewer": Template(
        zh="燃气窜入污水管道",
        en="gas gets into a sewer",
        needs=("ch4_pct_lel", "level_ratio"),
        size=35.0,
        moves=(
            to_size("ch4_pct_lel"),
            to_size("ch4_pct_lel", where=Where.FED, hops=2, fade=0.4, later_s=300),
        ),
    ),
    "h2s_in_room": Template(
        zh="泵房硫化氢积聚",
        en="hydrogen sulphide gathers in a pump room",
        needs=("h2s_room_mg_m3", "o2_room_pct"),
        size=25.0,
        moves=(to_size("h2s_room_mg_m3"), add("o2_room_pct", -0.02)),
    ),
    "ponding": Template(
        zh="下穿道积水",
        en="water stands in an underpass",
        needs=("ponding_cm",),
        size=20.0,
        moves=(to_size("ponding_cm"),),
    ),
}

ROOMS = {
    "room_flooded": Template(
        zh="站房积水",
        en="a station's room is flooded",
        needs=("flooded",),
        moves=(state("flooded", 1), to("wet_well_level_ratio", 0.97), to("freeboard_m", 0.8)),
    ),
    "pump_trip": Template(
        zh="水泵故障停机",
        en="a pump trips",
        needs=("pump_1",),
        moves=(
            state("pump_1", 2),
            times("secondary_flow_t_h", 0.6),
            times("outlet_flow_m3h", 0.9),
            to("wet_well_level_ratio", 0.75),
        ),
    ),
    "power_lost": Template(
        zh="站点停电",
        en="a station loses its power",
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
        zh="路灯箱变失电,所带回路全部熄灭",
        en="a lighting cabinet is dead and all its lamps are dark",
        needs=("circuit_1", "voltage_a_v"),
        moves=tuple(
            state(code, 0)
            for code in ("power", "voltage_*", "current_*", "circuit_*", "lamp_*", "leakage_ma")
        ),
    ),
    "circuit_lost": Template(
        zh="路灯回路跳闸",
        en="a lighting circuit trips",
        needs=("circuit_1",),
        moves=(
            state("circuit_1", 0),
            times("current_*", 0.65),
            *(state(f"lamp_{number:02}", 0) for number in range(1, 21, 4)),
        ),
    ),
    "leakage_current": Template(
        zh="路灯漏电",
        en="a lamp circuit leaks current to earth",
        needs=("leakage_ma",),
        size=350.0,
        moves=(to_size("leakage_ma"),),
    ),
    "door_open": Template(
        zh="箱门被打开",
        en="a cabinet's door is open",
        needs=("door",),
        moves=(state("door", 1),),
    ),
    "lit_by_day": Template(
        zh="路灯白天亮灯",
        en="lamps burn by day",
        needs=("circuit_1", "current_a_a"),
        size=20.0,
        moves=(state("circuit_*", 1), state("lamp_*", 1), to_size("current_*")),
    ),
    "voltage_low": Template(
        zh="供电电压偏低",
        en="a cabinet's voltage is low",
        needs=("voltage_a_v",),
        size=184.0,
        moves=(to_size("voltage_*"),),
    ),
}

PHYSICAL: dict[str, Template] = {**GAS, **HEATING, **WATER, **SEWER, **ROOMS, **LIGHTING}
