"""What ``miyun coverage`` says, in both languages."""

from services.runtime.words import Words

WHO: Words = {"monitor": {"zh": "监测", "en": "monitor"}, "recorder": {"zh": "入库", "en": "recorder"}}

SAY: Words = {
    "now": {"zh": "城市时间 {}", "en": "city time {}"},
    "no_clock": {"zh": "城市时间未知", "en": "city time unknown"},
    "lag": {"zh": "{}滞后 {} 条", "en": "{} {} records behind"},
    "lag_unknown": {"zh": "{}滞后未知({})", "en": "{} lag unknown ({})"},
    "not_begun": {"zh": "{}尚未开始", "en": "{} has not begun"},
    "our_lag": {
        "zh": "注意:平台自身处理滞后,下列缺失可能是数据尚未处理,不一定是现场中断。",
        "en": "CAUTION: we are behind ourselves; what is missing below may wait here rather than be silent.",
    },
    "our_lag_remedy": {
        "zh": "查看各服务状态:miyun status",
        "en": "see which service is behind: miyun status",
    },
    "share": {
        "zh": "按时上报的测点占应上报测点的比例(· 表示没有应上报的测点)",
        "en": "points seen in time, of those that devices have to report (· none)",
    },
    "town": {"zh": "镇街", "en": "town"},
    "system": {"zh": "系统", "en": "system"},
    "total": {"zh": "合计", "en": "total"},
    "percent": {"zh": "覆盖率", "en": "seen"},
    "points_seen": {"zh": "按时 / 应报", "en": "seen / expected"},
    "all_heard": {
        "zh": "全部正常上报:{} 个站点、{} 个测点,无缺失。",
        "en": "everything is heard: {} points of {} stations.",
    },
    "source": {"zh": "来源", "en": "source"},
    "stations": {"zh": "站点数", "en": "stations"},
    "station": {"zh": "站点", "en": "station"},
    "place": {"zh": "名称", "en": "name"},
    "point": {"zh": "测点", "en": "point"},
    "since": {"zh": "静默起始", "en": "silent since"},
    "heard": {"zh": "最后数据", "en": "last heard"},
    "more": {"zh": "……另有 {} 项(--limit)", "en": "... and {} more (--limit)"},
    "never": {"zh": "从未", "en": "never"},
}

TITLE: Words = {
    "sources": {"zh": "静默来源 {}", "en": "silent sources: {}"},
    "silent": {"zh": "静默站点 {}", "en": "silent stations: {}"},
    "points": {"zh": "静默测点 {}", "en": "silent sensors: {}"},
    "unheard": {"zh": "从未上报的站点 {}", "en": "stations never heard of: {}"},
}
"""Of each kind of what is missing, with how many."""

REMEDY: Words = {
    "sources": {
        "zh": "其下站点全部静默:先查网关或平台接口的电源、网络和服务",
        "en": "all its stations went silent: look at the gateway's power, network and service first",
    },
    "silent": {
        "zh": "只有该站静默:查现场供电、通信模块和天线",
        "en": "only this station: look at its power, modem and aerial",
    },
    "points": {
        "zh": "站点其余测点正常:查传感器及接线",
        "en": "its station speaks otherwise: look at the sensor and its wiring",
    },
    "unheard": {
        "zh": "自方案生效后没有收到过数据:确认是否已投运、站点编号与来源是否一致;否则从资产中移除",
        "en": "nothing since the plan is active: is it in service, and does its source use this id?"
        " else take it out of the assets",
    },
}
"""What to do about it."""
