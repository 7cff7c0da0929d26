"""What the lists and pages call what they show, in both languages."""

from services.runtime.words import FIELD, Words

HEADING: Words = {
    **FIELD,
    "value": {"zh": "数值 / 限值", "en": "value / limit"},
    "reading": {"zh": "数值", "en": "value"},
    "onset": {"zh": "起始", "en": "onset"},
    "detected": {"zh": "发现", "en": "detected"},
    "acknowledged": {"zh": "确认", "en": "acknowledged"},
    "cleared": {"zh": "恢复", "en": "cleared"},
    "closed": {"zh": "关闭", "en": "closed"},
    "suppressed": {"zh": "抑制", "en": "suppressed"},
    "marks": {"zh": "标记", "en": "marks"},
    "source": {"zh": "来源", "en": "source"},
    "basis": {"zh": "依据", "en": "judged by"},
    "event": {"zh": "日志位置", "en": "event"},
    "clear": {"zh": "恢复限", "en": "clear limit"},
    "evidence": {"zh": "判定读数", "en": "readings that decided"},
    "history": {"zh": "历程", "en": "history"},
    "inspected": {"zh": "检测时间", "en": "inspected"},
    "inspection": {"zh": "方式", "en": "how"},
    "grade": {"zh": "等级", "en": "class"},
    "finding": {"zh": "位置与发现", "en": "place and finding"},
    "message": {"zh": "消息", "en": "message"},
    "recipient": {"zh": "收件人", "en": "recipient"},
    "channel": {"zh": "渠道", "en": "by"},
    "summary": {"zh": "概要 / 未送达原因", "en": "headline / why not delivered"},
    "reject": {"zh": "编号", "en": "id"},
    "rejected": {"zh": "拒收时间", "en": "rejected"},
    "reason": {"zh": "原因", "en": "reason"},
    "from": {"zh": "出处", "en": "from"},
    "bytes": {"zh": "字节", "en": "bytes"},
    "detail": {"zh": "详情", "en": "detail"},
    "kind": {"zh": "类型", "en": "kind"},
    "unit": {"zh": "单位", "en": "unit"},
    "delays": {"zh": "延时/恢复", "en": "on/off"},
    "gate": {"zh": "条件", "en": "gate"},
    "status": {"zh": "来源", "en": "source"},
    "title": {"zh": "名称", "en": "title"},
}
"""Names of columns and of lines."""

COUNT: Words = {
    "alerts": {"zh": "{} 条告警", "en": "{} alerts"},
    "open_alerts": {"zh": "{} 条未关闭告警", "en": "{} open alerts"},
    "inspections": {"zh": "{} 条检测记录", "en": "{} inspections"},
    "messages": {"zh": "{} 条消息", "en": "{} messages"},
    "rejects": {"zh": "{} 条拒收记录", "en": "{} rejects"},
    "part": {"zh": "{all}，显示 {shown} 条", "en": "{shown} of {all}"},
}
"""How many there are, and how many of them are shown."""

FOUND: Words = {
    "too_short": {
        "zh": "“{prefix}”太短，无法确定是哪条告警 -> 至少给出编号的前 {least} 位",
        "en": "'{prefix}' is too short to mean an alert -> give {least} characters of its id",
    },
    "several": {
        "zh": "有多条告警以“{prefix}”开头 -> 多给几位",
        "en": "several alerts begin with '{prefix}' -> give more of the id",
    },
    "none": {
        "zh": "没有以“{prefix}”开头的告警 -> 以上为当前未关闭的告警；若尚未显示，查看入库是否滞后：miyun"
        " status",
        "en": "no alert begins with '{prefix}' -> those above are open now (if yours is not here yet, see"
        " whether"
        " the recorder lags: miyun status)",
    },
    "none_open": {
        "zh": "没有以“{prefix}”开头的告警，当前也没有未关闭的告警 -> 入库是否滞后见 miyun status",
        "en": "no alert begins with '{prefix}', and none is open -> see whether the recorder lags: miyun"
        " status",
    },
    "no_reject": {
        "zh": "没有编号为 {number} 的拒收记录 -> 最近的记录见 miyun rejects list",
        "en": "there is no reject {number} -> miyun rejects list shows the latest",
    },
}
"""When it is not clear what is meant."""

TAIL: Words = {
    "following": {
        "zh": "-- 以上为 {found} 条未关闭告警中的 {shown} 条；继续跟踪 --",
        "en": "-- {shown} of {found} open alerts above; following --",
    },
    "unread": {
        "zh": "miyun: alerts 分区 {partition}，偏移 {offset} 无法读取：{reason}：{detail}",
        "en": "miyun: alerts, partition {partition}, offset {offset} cannot be read: {reason}: {detail}",
    },
    "too_few": {
        "zh": "{within_s:g} 秒内只有 {printed} 次变化，应有 {count} 次（--timeout）",
        "en": "{printed} of {count} transitions within {within_s:g} s (--timeout)",
    },
}

PAGE: Words = {
    "flapping": {"zh": "反复 {} 次", "en": "flapping {}"},
    "judged_by": {"zh": "方案 {plan}，日志 {epoch}", "en": "plan {plan}, log {epoch}"},
    "header": {"zh": "记录头 {}", "en": "header {}"},
    "origin": {
        "zh": "{topic}，分区 {partition}，偏移 {offset}",
        "en": "{topic}, partition {partition}, offset {offset}",
    },
    "original": {"zh": "原始记录，{bytes} 字节：", "en": "original, {bytes} bytes:"},
    "original_cut": {
        "zh": "原始记录，{bytes} 字节，只存储了前 {stored} 字节：",
        "en": "original, {bytes} bytes, the first {stored} stored:",
    },
    "more": {
        "zh": "…… 另有 {} 个字符或字节：--raw 输出存储的全部内容",
        "en": "… {} more characters or bytes: --raw prints all that is stored",
    },
}
"""Of the pages of an alert and a reject."""

INSPECTION: Words = {
    "cctv": {"zh": "管道视频检测", "en": "CCTV"},
    "patrol": {"zh": "巡查", "en": "patrol"},
}
"""How it was inspected, by ``kind``."""

DELIVERY: Words = {
    "waiting": {"zh": "待发", "en": "waiting"},
    "sending": {"zh": "发送中", "en": "sending"},
    "sent": {"zh": "已送达", "en": "sent"},
    "failed": {"zh": "未送达", "en": "failed"},
    "dropped": {"zh": "未发", "en": "not sent"},
}
"""State of a message in the outbox."""

DROPPED: Words = {
    "over": {"zh": "发送前告警已结束", "en": "the alert was over before it could be sent"},
    "not_told": {"zh": "此前未向其送达该告警", "en": "no message of the alert had reached them"},
    "overtaken": {"zh": "已被后续消息取代", "en": "a later message of the alert took its place"},
}
"""Why a message was not sent, by its reason."""

PURPOSE: Words = {
    "alarm": {"zh": "", "en": ""},
    "entry": {"zh": "（进入）", "en": " (entry)"},
    "assessment": {"zh": "（考核）", "en": " (assessment)"},
}

SOURCE_STATUS: Words = {
    "cited": {"zh": "有出处", "en": "cited"},
    "secondary": {"zh": "转引", "en": "secondary"},
    "unverified": {"zh": "未核实", "en": "unverified"},
    "judgement": {"zh": "工程判断", "en": "judgement"},
}
"""How well a limit is known."""

WINDOW: Words = {
    "rise": {"zh": "{}内上升", "en": "rise in {}"},
    "drop": {"zh": "{}内下降", "en": "drop in {}"},
    "mean": {"zh": "{}均值", "en": "mean of {}"},
}
"""Over which time a rule looks."""

WHO: Words = {"monitor": {"zh": "监测", "en": "monitor"}, "recorder": {"zh": "入库", "en": "recorder"}}

COVERAGE: Words = {
    "now": {"zh": "城市时间 {}", "en": "city time {}"},
    "no_clock": {"zh": "城市时间未知", "en": "city time unknown"},
    "lag": {"zh": "{}滞后 {} 条", "en": "{} {} records behind"},
    "lag_unknown": {"zh": "{}滞后未知（{}）", "en": "{} lag unknown ({})"},
    "not_begun": {"zh": "{}尚未开始", "en": "{} has not begun"},
    "our_lag": {
        "zh": "注意：平台自身处理滞后，下列缺失可能是数据尚未处理，不一定是现场中断。",
        "en": "CAUTION: we are behind ourselves; what is missing below may wait here rather than be silent.",
    },
    "our_lag_remedy": {
        "zh": "查看各服务状态：miyun status",
        "en": "see which service is behind: miyun status",
    },
    "share": {
        "zh": "按时上报的测点占应上报测点的比例（· 表示没有应上报的测点）",
        "en": "points seen in time, of those that devices have to report (· none)",
    },
    "town": {"zh": "镇街", "en": "town"},
    "system": {"zh": "系统", "en": "system"},
    "total": {"zh": "合计", "en": "total"},
    "percent": {"zh": "覆盖率", "en": "seen"},
    "points_seen": {"zh": "按时 / 应报", "en": "seen / expected"},
    "all_heard": {
        "zh": "全部正常上报：{stations} 个站点、{points} 个测点，无缺失。",
        "en": "everything is heard: {points} points of {stations} stations.",
    },
    "source": {"zh": "来源", "en": "source"},
    "stations": {"zh": "站点数", "en": "stations"},
    "station": {"zh": "站点", "en": "station"},
    "place": {"zh": "名称", "en": "name"},
    "point": {"zh": "测点", "en": "point"},
    "since": {"zh": "静默起始", "en": "silent since"},
    "heard": {"zh": "最后数据", "en": "last heard"},
    "more": {"zh": "……另有 {} 项（--limit）", "en": "... and {} more (--limit)"},
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
        "zh": "其下站点全部静默：先查网关或平台接口的电源、网络和服务",
        "en": "all its stations went silent: look at the gateway's power, network and service first",
    },
    "silent": {
        "zh": "只有该站静默：查现场供电、通信模块和天线",
        "en": "only this station: look at its power, modem and aerial",
    },
    "points": {
        "zh": "站点其余测点正常：查传感器及接线",
        "en": "its station speaks otherwise: look at the sensor and its wiring",
    },
    "unheard": {
        "zh": "自方案生效后没有收到过数据：确认是否已投运、站点编号与来源是否一致；否则从资产中移除",
        "en": "nothing since the plan is active: is it in service, and does its source use this id?"
        " else take it out of the assets",
    },
}
"""What to do about it."""
