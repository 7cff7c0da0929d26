"""The words of the contract and of what can be wrong, in both languages: one table for each thing.

Whoever shows something to people, on a terminal or in a message, takes its words from here.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from schemas.alerts import AlertState, TransitionReason
from schemas.base import Severity
from schemas.rejects import RejectReason

Language = Literal["zh", "en"]
ByLanguage = Mapping[Language, str]
"""The same words in Chinese and in English."""
Words = Mapping[str, ByLanguage]
REMEDY = " -> "
"""In a sentence about something wrong, what comes before what to do."""

SEVERITY: Words = {
    Severity.NOTICE: {"zh": "提示", "en": "notice"},
    Severity.WARN: {"zh": "警告", "en": "warn"},
    Severity.MAJOR: {"zh": "严重", "en": "major"},
    Severity.CRITICAL: {"zh": "危急", "en": "critical"},
}
SEVERITY_COLOUR: Mapping[str, str] = {
    Severity.NOTICE: "blue",
    Severity.WARN: "yellow",
    Severity.MAJOR: "magenta",
    Severity.CRITICAL: "red",
}
"""Of the eight colours a terminal has; magenta stands for orange."""

STATE: Words = {
    AlertState.NORMAL: {"zh": "正常", "en": "normal"},
    AlertState.UNACKNOWLEDGED: {"zh": "未确认", "en": "unacknowledged"},
    AlertState.ACKNOWLEDGED: {"zh": "已确认", "en": "acknowledged"},
    AlertState.RETURNED: {"zh": "恢复未确认", "en": "returned, unack."},
    AlertState.SHELVED: {"zh": "已搁置", "en": "shelved"},
    AlertState.SUPPRESSED_BY_DESIGN: {"zh": "设计抑制", "en": "by design"},
    AlertState.OUT_OF_SERVICE: {"zh": "停用", "en": "out of service"},
}
"""By the letter of ISA-18.2."""

ENGINE = "engine"
"""The actor of what no person did."""
ORPHANED = "orphaned"
"""The reason of a transition that only the recorder makes: a census did not know the alert."""

REASON: Words = {
    TransitionReason.RAISED: {"zh": "发生", "en": "raised"},
    TransitionReason.REOPENED: {"zh": "再次发生", "en": "reopened"},
    TransitionReason.ESCALATED: {"zh": "升级", "en": "escalated"},
    TransitionReason.DEESCALATED: {"zh": "降级", "en": "deescalated"},
    TransitionReason.SIDE_CHANGED: {"zh": "越限方向改变", "en": "other side"},
    TransitionReason.CLEARED: {"zh": "恢复", "en": "cleared"},
    TransitionReason.ACKNOWLEDGED: {"zh": "已确认", "en": "acknowledged"},
    TransitionReason.COMMENTED: {"zh": "备注", "en": "commented"},
    TransitionReason.HELD: {"zh": "数据中断", "en": "held"},
    TransitionReason.RESUMED: {"zh": "数据恢复", "en": "resumed"},
    TransitionReason.GATE_CLOSED: {"zh": "时段结束", "en": "gate closed"},
    TransitionReason.RULE_CHANGED: {"zh": "规则变更", "en": "rule changed"},
    TransitionReason.RULE_REMOVED: {"zh": "规则移除", "en": "rule removed"},
    TransitionReason.SUPERSEDED: {"zh": "被取代", "en": "superseded"},
    ORPHANED: {"zh": "无主关闭", "en": "orphaned"},
}

NATURE: Words = {
    "real": {"zh": "实况", "en": "real"},
    "simulated": {"zh": "模拟", "en": "simulated"},
    "exercise": {"zh": "演练", "en": "exercise"},
}

MARK: Words = {
    "life_safety": {"zh": "生命安全", "en": "life safety"},
    "latched": {"zh": "锁存", "en": "latched"},
    "held": {"zh": "数据中断，保持", "en": "held: data stopped"},
    "late": {"zh": "迟到数据", "en": "late data"},
    "clock_fault": {"zh": "时钟故障", "en": "clock fault"},
    "muted": {"zh": "未提示", "en": "not annunciated"},
}
"""What is remarkable about an alert, by its field."""

FIELD: Words = {
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
    "address": {"zh": "地址", "en": "address"},
    "landmark": {"zh": "位置", "en": "landmark"},
    "nature": {"zh": "性质", "en": "nature"},
    "guidance": {"zh": "处置", "en": "what to do"},
    "change": {"zh": "变化", "en": "what"},
    "at": {"zh": "时间", "en": "time"},
    "by": {"zh": "操作人", "en": "by"},
    "note": {"zh": "说明", "en": "note"},
}
"""Names of an alert's fields, as columns of a list and as lines of a page or a message."""

MESSAGE_KIND: Words = {
    "raised": {"zh": "告警", "en": "alert"},
    "escalated": {"zh": "升级", "en": "escalated"},
    "acknowledged": {"zh": "已确认", "en": "acknowledged"},
    "cleared": {"zh": "解除", "en": "all clear"},
    "ended": {"zh": "结束", "en": "ended"},
    "orphaned": {"zh": "监测已无此告警", "en": "no longer known to the monitor"},
    "missed": {"zh": "曾告警，已恢复，未确认", "en": "was active, is over, not acknowledged"},
}
"""What a message to a crew is about; missed: the end, for whom no earlier message reached."""

REFUSED: Words = {
    "already_acknowledged": {"zh": "该告警已被确认。", "en": "Somebody has acknowledged it already."},
    "already_closed": {"zh": "该告警已关闭。", "en": "The alert is closed."},
    "bad_signature": {
        "zh": "签名与当前方案中的密钥不符。",
        "en": "The signature does not fit the key in the active plan.",
    },
    "comment_too_long": {
        "zh": "备注最长 2 kB（约 680 个汉字）。",
        "en": "A comment takes 2 kB (some 680 Chinese characters).",
    },
    "empty_comment": {"zh": "备注没有内容。", "en": "The comment has no text."},
    "expired": {
        "zh": "命令超过五分钟才到达监测引擎。",
        "en": "The command took longer than five minutes to reach the monitor.",
    },
    "issued_in_future": {
        "zh": "签名时间比日志时间晚一分钟以上。",
        "en": "It was signed more than a minute after the log's time.",
    },
    "key_not_valid": {"zh": "签名密钥当前无效。", "en": "The key it is signed with is not valid now."},
    "repeated_command": {"zh": "该命令已执行过。", "en": "This very command was taken before."},
    "stale_view": {
        "zh": "告警在您查看之后又有变化，请看过最新内容再确认。",
        "en": "The alert has asked for attention again since you saw it: look at it and repeat.",
    },
    "unknown_alert": {
        "zh": "监测引擎没有这条告警（早已关闭，或属于另一条日志）。",
        "en": "The monitor has no such alert (it closed some time ago, or belongs to another log).",
    },
    "unknown_key": {
        "zh": "当前方案不包含签名密钥。",
        "en": "The active plan does not hold the key it is signed with.",
    },
    "view_from_the_future": {
        "zh": "数据库中的告警比日志中的新：两者不属于同一条日志。",
        "en": "The database shows a newer alert than this log has: they are not of one log.",
    },
}
"""Why the monitor refuses a command, by ``CommandOutcome.reason``."""

REJECT: Words = {
    RejectReason.UNKNOWN_KIND: {"zh": "类型未知", "en": "unknown kind"},
    RejectReason.OVERSIZE: {"zh": "记录过大", "en": "too large"},
    RejectReason.KEYLESS: {"zh": "缺少键", "en": "no key"},
    RejectReason.NOT_JSON: {"zh": "不是 JSON", "en": "not JSON"},
    RejectReason.INVALID: {"zh": "格式不符", "en": "not of the format"},
    RejectReason.KEY_MISMATCH: {"zh": "键与站点不符", "en": "key of another station"},
    RejectReason.WRONG_PARTITION: {"zh": "分区不符", "en": "wrong partition"},
    RejectReason.NO_EVENT_TIME: {"zh": "缺少事件时间", "en": "no event time"},
    RejectReason.NO_PLAN: {"zh": "没有生效方案", "en": "no plan is active"},
    RejectReason.UNKNOWN_PLAN: {"zh": "方案未知", "en": "unknown plan"},
    RejectReason.UNKNOWN_STATION: {"zh": "站点未知", "en": "unknown station"},
    RejectReason.UNKNOWN_POINT: {"zh": "测点未知", "en": "unknown point"},
    RejectReason.OUT_OF_RANGE: {"zh": "超出量程", "en": "out of range"},
    RejectReason.CLOCK_FAULT: {"zh": "设备时钟故障", "en": "device clock at fault"},
    RejectReason.DUPLICATE_FRAME: {"zh": "重复帧", "en": "repeated frame"},
    RejectReason.DUPLICATE_SCAN: {"zh": "重复采样", "en": "repeated scan"},
    RejectReason.CONFLICTING_SCAN: {"zh": "同一时刻数值不一", "en": "another value at the same time"},
    RejectReason.BEYOND_HORIZON: {"zh": "数据过旧", "en": "too old"},
    RejectReason.ODD_VALUE: {"zh": "内容异常", "en": "odd content"},
    RejectReason.NO_STATE: {"zh": "无此状态", "en": "no such state"},
    RejectReason.BAD_SIGNATURE: {"zh": "签名无效", "en": "bad signature"},
    RejectReason.NOT_HANDLED: {"zh": "类型不处理", "en": "a kind that nothing judges"},
    RejectReason.ENGINE_FAILURE: {"zh": "引擎出错", "en": "failure of the engine"},
    RejectReason.DATA_ERROR: {"zh": "数据库拒收", "en": "refused by the database"},
}
"""Why a record, a scan or a value was not taken."""

TROUBLE: Words = {
    "broker_away": {
        "zh": "消息系统 {at} 无法连接（{why}） -> 启动系统（make up），或设置 MIYUN_KAFKA_BOOTSTRAP",
        "en": "the broker {at} cannot be used ({why}) -> start the stack (make up) or set"
        " MIYUN_KAFKA_BOOTSTRAP",
    },
    "database_away": {
        "zh": "数据库 {at} 无法连接（{why}） -> 启动系统（make up），或设置 MIYUN_DATABASE_URL",
        "en": "the database {at} cannot be used ({why}) -> start the stack (make up) or set"
        " MIYUN_DATABASE_URL",
    },
    "database_refused": {
        "zh": "数据库拒绝了请求（{why}） -> 逐项检查用 miyun doctor",
        "en": "the database refused ({why}) -> miyun doctor checks everything",
    },
    "nothing_stored": {
        "zh": "命名空间 {namespace} 尚未存储任何数据 -> 启动入库服务（make up，或 miyun recorder run）"
        "，或设置 MIYUN_NAMESPACE",
        "en": "nothing is stored in namespace {namespace} yet -> start its recorder (make up, or miyun"
        " recorder"
        " run), or set MIYUN_NAMESPACE",
    },
    "schema_older": {
        "zh": "数据库模式 {namespace} 来自旧版本（缺少迁移 {names}）"
        " -> 入库服务启动时会更新它（make up，或 miyun recorder run）",
        "en": "schema {namespace} is of an older release (it lacks {names})"
        " -> its recorder brings it up to date at its start (make up, or miyun recorder run)",
    },
    "schema_newer": {
        "zh": "数据库模式 {namespace} 来自更新的版本（迁移 {names}）"
        " -> 用建立它的版本运行，或另选 MIYUN_NAMESPACE",
        "en": "schema {namespace} was made by a newer release (migrations {names})"
        " -> run that release, or choose another MIYUN_NAMESPACE",
    },
    "no_topic": {
        "zh": "没有主题 {topic}，命名空间是新的，或名称有误（--namespace，MIYUN_NAMESPACE）"
        " -> make up 或 miyun rules publish 会建立主题",
        "en": "there is no topic {topic}; the namespace is new or misspelt (--namespace, MIYUN_NAMESPACE)"
        " -> make up, or else miyun rules publish, makes its topics",
    },
    "no_city_time": {
        "zh": "命名空间 {namespace} 的日志还没有时间；clock=log 时，时间来自模拟器或重放"
        " -> make up，或 miyun simulate run",
        "en": "the log of namespace {namespace} carries no time yet; under clock=log time comes from the"
        " simulator or from a replay -> make up, or miyun simulate run",
    },
    "no_output_key": {
        "zh": "记录带有监测服务的签名，但没有 {file}"
        " -> 从监测服务所在主机的 MIYUN_KEYS_DIR 复制 outputs*（权限 0600），或改正 MIYUN_KEYS_DIR",
        "en": "records are signed by the monitor, but there is no {file}"
        " -> copy outputs* (mode 0600) from MIYUN_KEYS_DIR of the monitor's host, or correct MIYUN_KEYS_DIR",
    },
    "no_answer": {
        "zh": "系统未在限时内答复 -> 是哪一部分见 miyun doctor",
        "en": "the stack did not answer in time -> miyun doctor says which part",
    },
    "no_plan": {
        "zh": "没有生效的方案 -> miyun rules publish",
        "en": "no plan is active -> miyun rules publish",
    },
}
"""What can be in the way of a command: what is the matter, and what to do."""

WHY: Words = {
    "refused": {"zh": "连接被拒绝", "en": "connection refused"},
    "no_broker": {"zh": "没有应答", "en": "no broker answers"},
}
"""Of what cannot be reached."""


class ExplainedError(Exception):
    """Its message says what is the matter and what to do, as one line; ``text`` in both languages."""

    exit_code = 1
    """Of a process or a command that it ends."""
    prefix = "miyun: "
    """What the line begins with."""

    def __init__(self, message: str | ByLanguage) -> None:
        self.text: ByLanguage = {"zh": message, "en": message} if isinstance(message, str) else message
        super().__init__(one_line(self.text, "en"))


def word(words: Words, key: str, language: Language) -> str:
    """The word for ``key``, or ``key`` itself for one that this release does not know."""
    return words[key][language] if key in words else key


def sentence(words: Words, key: str, /, **parts: object) -> ByLanguage:
    """``words[key]`` with its ``{parts}`` filled in; a part that is a text of both languages by language."""
    return {
        language: text.format_map(
            {name: part[language] if isinstance(part, Mapping) else part for name, part in parts.items()}
        )
        for language, text in words[key].items()
    }


def listed(parts: Iterable[ByLanguage]) -> ByLanguage:
    """The parts, one after the other."""
    found = list(parts)
    return {
        "zh": joined((part["zh"] for part in found), "zh"),
        "en": joined((part["en"] for part in found), "en"),
    }


def joined(parts: Iterable[str], language: Language) -> str:
    """The parts in a language, one after the other."""
    return ("，" if language == "zh" else ", ").join(parts)


def one_line(text: ByLanguage, language: Language) -> str:
    """Return what is the matter and what to do as one line."""
    what, arrow, remedy = text[language].partition(REMEDY)
    colon = "：" if language == "zh" else ": "
    return f"{what.rstrip('.。')}{colon}{remedy}" if arrow else what
