"""What ``miyun ack`` and ``miyun comment`` say: what became of the command, and what to do."""

from schemas.rejects import RejectReason
from services.runtime.words import Words

_DO: Words = {
    "publish_key": {
        "zh": "随方案发布本机密钥：miyun rules publish",
        "en": "publish this installation's keys with the plan: miyun rules publish",
    },
    "nothing": {"zh": "无需再做任何事", "en": "nothing is left to do"},
}

COMMAND: Words = {"ack": {"zh": "确认", "en": "ack"}, "comment": {"zh": "备注", "en": "comment"}}

ADVICE: Words = {
    "repeated_command": _DO["nothing"],
    "unknown_alert": {
        "zh": "查看未关闭的告警：miyun alerts list",
        "en": "look at the open ones: miyun alerts list",
    },
    "empty_comment": {"zh": "写上内容", "en": "give one"},
    "comment_too_long": {"zh": "缩短备注", "en": "shorten it"},
    "stale_view": {"zh": "miyun alerts show {alert}", "en": "miyun alerts show {alert}"},
    "view_from_the_future": {"zh": "miyun doctor", "en": "run miyun doctor"},
    "already_closed": _DO["nothing"],
    "already_acknowledged": {
        "zh": "操作人见 miyun alerts show {alert}",
        "en": "miyun alerts show {alert} says who",
    },
    "unknown_key": _DO["publish_key"],
    "key_not_valid": _DO["publish_key"],
    "bad_signature": _DO["publish_key"],
    "issued_in_future": {"zh": "检查日志的时钟", "en": "check its clock"},
    "expired": {"zh": "查看 miyun status 后重试", "en": "see miyun status, repeat"},
    RejectReason.NO_PLAN: {"zh": "miyun rules publish", "en": "miyun rules publish"},
    RejectReason.UNKNOWN_STATION: {
        "zh": "生效方案的站点见 miyun coverage",
        "en": "miyun coverage shows the stations of the active plan",
    },
    "any": {"zh": "miyun doctor", "en": "miyun doctor"},
}
"""By the reason of a refusal or a rejection: what to do."""

ANSWER: Words = {
    "applied": {
        "zh": "{name}已生效，操作人 {actor}（命令 {id}）",
        "en": "{name} applied by {actor} (command {id})",
    },
    "refused": {
        "zh": "{name}未生效。{why} -> {advice}",
        "en": "{name} not applied. {why} -> {advice}",
    },
    "rejected": {
        "zh": "{name}被拒收：{why}（{detail}） -> {advice}",
        "en": "{name} rejected: {why} ({detail}) -> {advice}",
    },
    "none": {
        "zh": "{within_s:g} 秒内没有答复。命令已写入日志（分区 {partition}，偏移 {offset}），"
        "监测引擎处理到时会执行"
        " -> miyun status",
        "en": "no answer within {within_s:g} s. The command stands in the log (partition {partition}, offset"
        " {offset}) and will be judged when the monitor gets there -> miyun status",
    },
    "no_key": {
        "zh": "密钥 cli 无法使用：{why}",
        "en": "the key of `cli` cannot be used: {why}",
    },
}
"""What became of a command."""
