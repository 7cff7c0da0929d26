"""What the recorder's lists and pages call their columns and marks, in both languages."""

from services.runtime.words import Words

HEADING: Words = {
    "alert": {"zh": "编号", "en": "alert"},
    "raised": {"zh": "发生", "en": "raised"},
    "severity": {"zh": "级别", "en": "severity"},
    "state": {"zh": "状态", "en": "state"},
    "headline": {"zh": "概要", "en": "headline"},
    "rule": {"zh": "规则", "en": "rule"},
    "station": {"zh": "站点", "en": "station"},
    "point": {"zh": "测点", "en": "point"},
    "system": {"zh": "系统", "en": "system"},
    "town": {"zh": "镇街", "en": "town"},
    "owner": {"zh": "权属单位", "en": "owner"},
    "nature": {"zh": "性质", "en": "nature"},
    "value": {"zh": "数值 / 限值", "en": "value / limit"},
    "onset": {"zh": "起始", "en": "onset"},
    "detected": {"zh": "发现", "en": "detected"},
    "acknowledged": {"zh": "确认", "en": "acknowledged"},
    "cleared": {"zh": "恢复", "en": "cleared"},
    "closed": {"zh": "关闭", "en": "closed"},
    "suppressed": {"zh": "抑制", "en": "suppressed"},
    "marks": {"zh": "标记", "en": "marks"},
    "guidance": {"zh": "处置", "en": "what to do"},
    "basis": {"zh": "依据", "en": "judged by"},
    "event": {"zh": "日志位置", "en": "event"},
    "clear": {"zh": "恢复限", "en": "clear limit"},
    "evidence": {"zh": "判定读数", "en": "readings that decided"},
    "history": {"zh": "历程", "en": "history"},
    "at": {"zh": "时间", "en": "time"},
    "what": {"zh": "变化", "en": "what"},
    "by": {"zh": "操作人", "en": "by"},
    "note": {"zh": "说明", "en": "note"},
    "inspected": {"zh": "检测时间", "en": "inspected"},
    "inspection": {"zh": "方式", "en": "how"},
    "grade": {"zh": "等级", "en": "class"},
    "finding": {"zh": "位置与发现", "en": "place and finding"},
}
"""Names of columns and of lines."""

MARK: Words = {
    "life_safety": {"zh": "生命安全", "en": "life safety"},
    "latched": {"zh": "锁存", "en": "latched"},
    "held": {"zh": "数据中断,保持", "en": "held: data stopped"},
    "late": {"zh": "迟到数据", "en": "late data"},
    "clock_fault": {"zh": "时钟故障", "en": "clock fault"},
    "muted": {"zh": "未提示", "en": "not annunciated"},
}
"""What is remarkable about an alert, by its column."""

INSPECTION: Words = {
    "cctv": {"zh": "管道视频检测", "en": "CCTV"},
    "patrol": {"zh": "巡查", "en": "patrol"},
}
"""How it was inspected, by ``kind``."""
