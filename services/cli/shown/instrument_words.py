"""The words of ``miyun coverage --instruments``, in both languages."""

from services.runtime.words import Words

INSTRUMENTS: Words = {
    "none": {
        "zh": "自 {} 起没有发现仪表、时钟或来源异常。",
        "en": "no instrument, clock or source has misbehaved since {}.",
    },
    "some": {
        "zh": "自 {1} 起，{0} 个站点的仪表、时钟或来源有异常",
        "en": "instruments, clocks and sources that misbehave at {} stations, since {}",
    },
    "station": {"zh": "站点", "en": "station"},
    "name": {"zh": "名称", "en": "name"},
    "point": {"zh": "测点", "en": "point"},
    "source": {"zh": "来源", "en": "source"},
    "since": {"zh": "起始", "en": "since"},
    "last": {"zh": "最近一次", "en": "last"},
    "still": {"zh": "持续中", "en": "goes on"},
    "times": {"zh": "次数", "en": "times"},
    "detail": {"zh": "详情", "en": "detail"},
    "more": {"zh": "……另有 {} 项（--limit）", "en": "... and {} more (--limit)"},
}

HOW: Words = {
    "any.clock_fault": {"zh": "设备时钟错误", "en": "wrong device clock"},
    "any.quality": {"zh": "读数不可用", "en": "readings of no use"},
    "any.flatline": {"zh": "读数卡死", "en": "readings that do not move"},
    "any.no_data": {"zh": "数据中断", "en": "no data"},
    "any.battery": {"zh": "电池电量低", "en": "battery low"},
    "any.calibration": {"zh": "校准过期", "en": "calibration overdue"},
    "conflicting_sources": {"zh": "两台设备共用一个编号", "en": "two devices under one id"},
    "source_repeats": {"zh": "来源只重复旧数据", "en": "a source that only repeats itself"},
    "overloaded": {"zh": "站点数据过多", "en": "more than is kept of a station"},
}
"""By rule or finding; what is rejected has its words by its reason."""

REMEDY: Words = {
    "any.clock_fault": {
        "zh": "校准设备时钟并核对时区；同一来源多个站点同时出错时先查网关",
        "en": "set the device's clock and its zone; where a whole source is wrong, look at its gateway first",
    },
    "clock_fault": {
        "zh": "时间戳无法归位，只研判了其中的生命安全读数：校准时钟，必要时人工补录",
        "en": "stamps that belong nowhere; only what life depends on was judged: set the clock",
    },
    "conflicting_sources": {
        "zh": "两台设备使用同一站点编号：核对现场设备编号",
        "en": "two devices send under one station's id: compare their configuration on site",
    },
    "conflicting_scan": {
        "zh": "同一时刻有两个数值，按较危险者研判：查是否重号，或设备重启后时间重叠",
        "en": "two values of one instant, the worse is judged: two devices under one id, or a clock set back",
    },
    "any.quality": {
        "zh": "测点不参与研判，原有告警保持：查探头、接线和供电，期间人工复测",
        "en": "it is not judged, its alerts are held: look at probe and cable, measure by hand meanwhile",
    },
    "out_of_range": {
        "zh": "读数超出量程：断线、总线故障，或以 65535、-9999 之类的约定值表示无读数",
        "en": "beyond the range: a cut cable, a dead bus, or a sentinel such as 65535 or -9999",
    },
    "no_state": {
        "zh": "状态量的取值不在台账中：核对设备点表",
        "en": "a state that the register does not have: compare the device's point table",
    },
    "odd_value": {
        "zh": "数值不是数字或测点编码无效，仅该值被拒收：查网关的数据映射",
        "en": "no number, or no code; that value alone was refused: look at the gateway's mapping",
    },
    "any.flatline": {
        "zh": "读数长时间不变：现场试验探头是否卡死",
        "en": "it has not moved for too long: test the probe on site",
    },
    "any.no_data": {
        "zh": "哪些测点、站点、来源静默见 miyun coverage",
        "en": "miyun coverage tells silent sensors, stations and sources apart",
    },
    "source_repeats": {
        "zh": "来源仍在发送，但都是旧数据：查网关的采集程序",
        "en": "it sends, but nothing new: look at what the gateway reads from",
    },
    "beyond_horizon": {
        "zh": "数据迟到超过一天，未计入统计：查补传队列",
        "en": "more than a day late, and not counted: look at what the gateway still has to send",
    },
    "unknown_point": {
        "zh": "测点不在台账中：补登记，或从网关中去除",
        "en": "a point that the register does not have: add it, or take it out of the gateway",
    },
    "unknown_station": {
        "zh": "站点编号不在台账中：核对编号",
        "en": "a station that the register does not have: compare the id",
    },
    "not_json": {"zh": "报文不是 JSON：查网关程序", "en": "no JSON: look at the gateway's program"},
    "invalid": {
        "zh": "报文格式不符：用 miyun judge 试发一条",
        "en": "not of the format: try a record by miyun judge",
    },
    "duplicate_scan": {
        "zh": "重复上报，不影响研判：查网关重发设置",
        "en": "sent again, which harms nothing: look at how the gateway repeats",
    },
    "duplicate_frame": {
        "zh": "重复上报，不影响研判：查网关重发设置",
        "en": "sent again, which harms nothing: look at how the gateway repeats",
    },
    "any.battery": {"zh": "列入换电池计划", "en": "plan its change"},
    "any.calibration": {"zh": "送检或现场校准，并更新台账", "en": "have it calibrated, enter the new date"},
}
"""What to do, by what is wrong; in the order in which it is shown: what may hide a danger comes first."""
