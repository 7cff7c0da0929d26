"""Rules as a table that people read."""

from collections.abc import Sequence

from rich.table import Table

from schemas.base import SEVERITIES
from schemas.plan import Delay, Rule, Side

HEADS = {
    True: ("规则", "名称", "单位", "提示", "警告", "严重", "危急", "延时", "条件", "来源"),
    False: ("rule", "title", "unit", *SEVERITIES, "delays", "gate", "status"),
}


def rules_table(rules: Sequence[Rule], *, chinese: bool) -> Table:
    """One row a rule; ``LS`` behind its name marks life safety."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, head in enumerate(HEADS[chinese]):
        table.add_column(head, overflow="fold", no_wrap=number in (0, 2))
    for rule in rules:
        table.add_row(
            f"{rule.rule_id}{' LS' if rule.life_safety else ''}",
            rule.title.zh if chinese else rule.title.en,
            rule.unit,
            *(_limits(rule, severity) for severity in SEVERITIES),
            _delays(rule),
            rule.gate or "",
            rule.source_status,
        )
    return table


def _limits(rule: Rule, severity: str) -> str:
    return " ".join(
        f"{'≥' if c.side is Side.ABOVE else '<'}{c.limit:g}"
        for c in rule.comparators
        if c.severity == severity
    )


def _delays(rule: Rule) -> str:
    shown = {f"{_text(c.on)}/{_text(c.off)}" for c in rule.comparators}
    return " ".join(sorted(shown))


def _text(delay: Delay) -> str:
    if delay.samples > 1:
        return f"{delay.samples}x"
    seconds = delay.ms / 1000
    return f"{seconds / 60:g}min" if seconds >= 120 else f"{seconds:g}s"
