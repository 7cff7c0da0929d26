"""The words of messages and of the notifier's commands, in both languages."""

from services.runtime.words import Words

DRILL: Words = {
    "simulated": {"zh": "【演练/模拟】", "en": "[DRILL/SIMULATED] "},
    "exercise": {"zh": "【演练】", "en": "[DRILL] "},
    "real": {"zh": "", "en": ""},
}
"""What a subject begins with when nothing has really happened, by the alert's nature."""
NOT_REAL: Words = {
    "simulated": {"zh": "模拟数据，现场并无此事", "en": "simulated: nothing of this has happened"},
    "exercise": {"zh": "演练，现场并无此事", "en": "exercise: nothing of this has happened"},
    "real": {"zh": "", "en": ""},
}
"""And what its body says of that."""
LATE: Words = {
    "line": {"zh": "迟到数据", "en": "late data"},
    "seen": {"zh": "{} 才收到", "en": "received only at {}"},
    "gathered": {"zh": "迟到告警 {} 条", "en": "late alerts: {}"},
    "about": {
        "zh": "以下数据迟到。时间为当时的时间，状态为发送时所知：",
        "en": "These data came late. Times are those of the events, states as known when this was sent:",
    },
    "active": {"zh": "{began} 起，仍未恢复", "en": "since {began}, still active"},
    "acknowledged": {"zh": "{began} 起，仍未恢复，已确认", "en": "since {began}, still active, acknowledged"},
    "over": {"zh": "{began} 至 {ended}，已结束", "en": "from {began} to {ended}, over"},
}
"""What messages say of data that came late."""
UNHEARD: Words = {
    "missed": {
        "zh": "此前的告警消息未能送达；现已恢复，尚无人确认，请现场核实",
        "en": "no earlier message of it reached you; it is over, nobody has acknowledged: check on site",
    },
    "orphaned": {
        "zh": "监测系统已无此告警，未见其恢复；请现场核实",
        "en": "the monitor does not know the alert any more; nobody saw its condition end: check on site",
    },
}
"""What messages say that follow from no transition that people heard of."""
ADOPT: Words = {
    "decided": {
        "zh": "alerts，分区 {partition}：已处理到日志 {epoch} 的 {next}",
        "en": "alerts, partition {partition}: decided on up to {next} of log {epoch}",
    },
    "running": {
        "zh": "命名空间 {namespace} 的通知服务正在运行 -> 先停止它",
        "en": "a notifier of namespace {namespace} runs -> stop it first",
    },
    "nothing_done": {
        "zh": "未做任何更改：加 --yes 后像首次启动那样从头重读该主题",
        "en": "nothing done: with --yes the topic is read from its start again, as at a first start",
    },
    "forgotten": {
        "zh": "已清除；请重新启动通知服务。已发出的消息不会再次发送",
        "en": "forgotten; start the notifier again. What was sent already is not sent again",
    },
}
CATCHER: Words = {
    "title": {"zh": "收到的消息", "en": "Messages caught"},
    "about": {
        "zh": "本机接收器：值班人员本应收到的消息都在这里，不会发出本机。",
        "en": "The local catcher: what crews would be sent is here, and does not leave this machine.",
    },
    "none": {"zh": "还没有消息。", "en": "No message yet."},
    "count": {
        "zh": "共 {held} 条，丢弃重复 {repeats} 条",
        "en": "{held} messages, {repeats} repeats dropped",
    },
    "to": {"zh": "收件人", "en": "to"},
    "at": {"zh": "时间", "en": "time"},
    "other": {"zh": '<a href="?lang=en">English</a>', "en": '<a href="?lang=zh">中文</a>'},
}
"""The catcher's page."""
