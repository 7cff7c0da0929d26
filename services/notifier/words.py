"""The words of messages, lists and the catcher's page, in both languages."""

from services.notifier.decisions import Kind
from services.runtime.words import Words

KIND: Words = {
    Kind.RAISED: {"zh": "告警", "en": "alert"},
    Kind.ESCALATED: {"zh": "升级", "en": "escalated"},
    Kind.ACKNOWLEDGED: {"zh": "已确认", "en": "acknowledged"},
    Kind.CLEARED: {"zh": "解除", "en": "all clear"},
    Kind.ENDED: {"zh": "结束", "en": "ended"},
}
NATURE: Words = {
    "simulated": {"zh": "【演练/模拟】", "en": "[DRILL/SIMULATED] "},
    "exercise": {"zh": "【演练】", "en": "[DRILL] "},
    "real": {"zh": "", "en": ""},
}
"""What a subject begins with when nothing has really happened."""
NATURE_SAID: Words = {
    "simulated": {"zh": "模拟数据,现场并无此事", "en": "simulated: nothing of this has happened"},
    "exercise": {"zh": "演练,现场并无此事", "en": "exercise: nothing of this has happened"},
    "real": {"zh": "", "en": ""},
}
LINE: Words = {
    "severity": {"zh": "级别", "en": "severity"},
    "change": {"zh": "变化", "en": "what"},
    "at": {"zh": "时间", "en": "time"},
    "raised": {"zh": "发生", "en": "raised"},
    "by": {"zh": "操作人", "en": "by"},
    "note": {"zh": "说明", "en": "note"},
    "address": {"zh": "地址", "en": "address"},
    "landmark": {"zh": "位置", "en": "landmark"},
    "guidance": {"zh": "处置", "en": "what to do"},
    "nature": {"zh": "性质", "en": "nature"},
    "alert": {"zh": "编号", "en": "alert"},
    "life_safety": {"zh": "生命安全", "en": "life safety"},
}
"""How the lines of a message begin."""
HEADING: Words = {
    "at": {"zh": "时间", "en": "time"},
    "alert": {"zh": "编号", "en": "alert"},
    "kind": {"zh": "消息", "en": "message"},
    "recipient": {"zh": "收件人", "en": "recipient"},
    "channel": {"zh": "渠道", "en": "by"},
    "state": {"zh": "状态", "en": "state"},
    "attempts": {"zh": "次数", "en": "tries"},
    "said": {"zh": "概要 / 未送达原因", "en": "headline / why not delivered"},
}
STATE: Words = {
    "waiting": {"zh": "待发", "en": "waiting"},
    "sending": {"zh": "发送中", "en": "sending"},
    "sent": {"zh": "已送达", "en": "sent"},
    "failed": {"zh": "未送达", "en": "failed"},
}
"""Of a message in the outbox."""
