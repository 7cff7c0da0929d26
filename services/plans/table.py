"""Rules as a table that people read."""

from collections.abc import Sequence
from typing import Literal
from unicodedata import east_asian_width

from schemas.base import SEVERITIES, SourceStatus
from schemas.plan import Delay, Rule, RuleKind, Side

Language = Literal["zh", "en"]
HEADS: dict[Language, tuple[str, ...]] = {
    "zh": ("规则", "类型", "LS", "提示", "警告", "严重", "危急", "单位", "延时/恢复", "条件", "来源", "名称"),
    "en": ("rule", "kind", "LS", *SEVERITIES, "unit", "on/off", "gate", "source", "title"),
}
KINDS: dict[RuleKind, str] = {RuleKind.HIGH: "上限", RuleKind.LOW: "下限", RuleKind.BAND: "区间"}
SOURCES: dict[SourceStatus, str] = {
    "cited": "有出处",
    "secondary": "转引",
    "unverified": "未核实",
    "judgement": "工程判断",
}


def rules_table(rules: Sequence[Rule], lang: Language) -> list[str]:
    """One line a rule, never folded: half a limit is worse than a long line.

    LS marks life safety; the source says how well the decisive limit is known.
    """
    rows = [HEADS[lang], *(_row(rule, lang) for rule in rules)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _row(rule: Rule, lang: Language) -> tuple[str, ...]:
    chinese = lang == "zh"
    return (
        rule.rule_id,
        KINDS[rule.kind] if chinese else rule.kind.value,
        "LS" if rule.life_safety else "",
        *(_limits(rule, severity) for severity in SEVERITIES),
        rule.unit,
        _delays(rule, lang),
        rule.gate or "",
        SOURCES[rule.source_status] if chinese else rule.source_status,
        rule.title.zh if chinese else rule.title.en,
    )


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _limits(rule: Rule, severity: str) -> str:
    return " ".join(
        f"{'≥' if c.side is Side.ABOVE else '<'}{c.limit:g}"
        for c in rule.comparators
        if c.severity == severity
    )


def _delays(rule: Rule, lang: Language) -> str:
    """``on/off``; where levels differ, each with the severity from which it holds."""
    names = dict(zip(SEVERITIES, HEADS[lang][3:7], strict=True))
    shown: list[tuple[str, str]] = []
    for comparator in rule.comparators:
        text = f"{_text(comparator.on)}/{_text(comparator.off)}"
        if not shown or shown[-1][1] != text:
            shown.append((names[comparator.severity], text))
    return shown[0][1] if len(shown) == 1 else " ".join(f"{name} {text}" for name, text in shown)


def _text(delay: Delay) -> str:
    samples = f"{delay.samples}x" if delay.samples > 1 else ""
    seconds = delay.ms / 1000
    if not seconds:
        return samples or "1x"
    minutes = f"{seconds / 60:g}min" if seconds >= 120 else f"{seconds:g}s"
    return f"{samples}+{minutes}" if samples else minutes
