"""Faults of instruments and of reporting, as data; a scene names the point that has them."""

from simulators.faults.templates import PLACE_POINT, Move, Template
from simulators.networks.effects import How

INSTRUMENTAL: dict[str, Template] = {
    "stuck": Template(
        zh="仪表读数卡死",
        en="an instrument is stuck",
        moves=(Move(code=PLACE_POINT, how=How.STUCK),),
    ),
    "drift": Template(
        zh="仪表漂移",
        en="an instrument drifts",
        size=1.0,  # added at the end of its rise
        moves=(Move(code=PLACE_POINT, how=How.ADD),),
    ),
    "spikes": Template(
        zh="仪表跳变",
        en="an instrument has spikes",
        size=1.0,
        moves=(Move(code=PLACE_POINT, how=How.SPIKES),),
    ),
    "noisy": Template(
        zh="仪表噪声过大",
        en="an instrument is noisy",
        size=1.0,
        moves=(Move(code=PLACE_POINT, how=How.NOISE),),
    ),
    "no_value": Template(
        zh="仪表无读数",
        en="an instrument gives no value",
        moves=(Move(code=PLACE_POINT, how=How.NOTHING),),
    ),
    "bad_quality": Template(
        zh="仪表自检不合格",
        en="an instrument says that its values are bad",
        moves=(Move(code=PLACE_POINT, how=How.BAD),),
    ),
    "battery_low": Template(
        zh="电池电量不足",
        en="a battery runs low",
        needs=("battery_pct",),
        size=15.0,
        moves=(Move(code=PLACE_POINT, how=How.TO),),
    ),
    "dropout": Template(zh="测点中断上报", en="a point is not reported", report="point_silent"),
    "station_silent": Template(zh="站点离线", en="a station is silent", report="station_silent"),
    "gateway_down": Template(
        zh="采集网关中断,整个来源离线",
        en="a gateway is down and all stations of its source are silent",
        report="source_silent",
    ),
    "clock_ahead": Template(
        zh="设备时钟快 8 小时",
        en="a device's clock is hours ahead",
        size=8.0,  # hours
        report="clock_ahead",
    ),
    "clock_reset": Template(
        zh="设备时钟复位到 1970 年", en="a device's clock counts from 1970", report="clock_reset"
    ),
    "repeated_frames": Template(
        zh="设备重复上报",
        en="a device sends each frame more than once",
        size=2.0,  # copies
        report="repeated",
    ),
}
