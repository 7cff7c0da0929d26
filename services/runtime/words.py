"""The words on the screen for the words of the contract, in both languages."""

from collections.abc import Mapping
from typing import Literal

from schemas.alerts import AlertState, TransitionReason
from schemas.base import Severity

Language = Literal["zh", "en"]
Words = Mapping[str, Mapping[Language, str]]

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

ORPHANED = "orphaned"
"""The reason of a transition that only the recorder makes: a census did not know the alert."""

REASON: Words = {
    TransitionReason.RAISED: {"zh": "发生", "en": "raised"},
    TransitionReason.REOPENED: {"zh": "再次发生", "en": "reopened"},
    TransitionReason.ESCALATED: {"zh": "升级", "en": "escalated"},
    TransitionReason.DEESCALATED: {"zh": "降级", "en": "deescalated"},
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


def word(words: Words, key: str, language: Language) -> str:
    """The word for ``key``, or ``key`` itself for one that this release does not know."""
    return words[key][language] if key in words else key
