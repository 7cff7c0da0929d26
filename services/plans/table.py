"""Rules as a table that people read."""

from collections.abc import Iterator, Sequence
from typing import Literal
from unicodedata import east_asian_width

from schemas.base import SEVERITIES, Bilingual, SourceStatus
from schemas.city.files import City
from schemas.city.rules import RuleFile, VariantFile
from schemas.kinds import OF_STATES, Measure, Side
from schemas.plan import Comparator, Delay, Rule
from services.plans.compile.comparators import HALF, comparators, own_levels
from services.plans.compile.selectors import watches
from services.rules.kinds import own

Language = Literal["zh", "en"]
HEADS: dict[Language, tuple[str, ...]] = {
    "zh": ("规则", "类型", "LS", "提示", "警告", "严重", "危急", "单位", "延时/恢复", "条件", "来源", "名称"),
    "en": ("rule", "kind", "LS", *SEVERITIES, "unit", "on/off", "gate", "source", "title"),
}
PURPOSES = {"alarm": "", "entry": "(进入)", "assessment": "(考核)"}
SOURCES: dict[SourceStatus, str] = {
    "cited": "有出处",
    "secondary": "转引",
    "unverified": "未核实",
    "judgement": "工程判断",
}
CLASSES = ("I", "II", "III", "IV", "V")
"""Classes of an inspection; V stands for the worst defects."""


def rules_table(rules: Sequence[Rule], city: City, lang: Language) -> list[str]:
    """One line a rule, never folded: half a limit is worse than a long line.

    Below a rule, indented, a line for each variant: where it holds, and the limits there. LS marks life
    safety; the source says how well the decisive limit is known.
    """
    files = {placed.item.id: placed.item for placed in city.rules}
    rows = [HEADS[lang]]
    for rule in rules:
        rows += _rows(rule, files[rule.rule_id], _state_words(files[rule.rule_id], city), lang)
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _rows(
    rule: Rule, file: RuleFile, words: dict[int, Bilingual], lang: Language
) -> Iterator[tuple[str, ...]]:
    chinese = lang == "zh"
    yield (
        rule.rule_id,
        rule.kind.facts.zh + PURPOSES[rule.purpose] if chinese else _kind(rule),
        "LS" if rule.life_safety else "",
        *(_limits(rule, rule.comparators, severity, words, lang) for severity in SEVERITIES),
        rule.unit,
        _delays(rule.comparators, lang),
        _conditions(rule, lang),
        SOURCES[rule.source_status] if chinese else rule.source_status,
        rule.title.zh if chinese else rule.title.en,
    )
    for variant in file.variants:
        special = comparators(file, own_levels(file.levels, variant.levels))
        limits = (_limits(rule, special, severity, words, lang) for severity in SEVERITIES)
        yield (_where(variant), "", "", *limits, rule.unit, _delays(special, lang), "", "", "")


def _kind(rule: Rule) -> str:
    word = rule.kind.facts.en or rule.kind.value
    return word if rule.purpose == "alarm" else f"{word} ({rule.purpose})"


def _where(variant: VariantFile) -> str:
    """Types and traits, and whether the point is one of life safety."""
    safety = {True: "LS", False: "!LS", None: ""}[variant.life_safety]
    named = (" | ".join(variant.stations), *variant.traits, safety)
    return "  " + " & ".join(one for one in named if one)


def _state_words(rule: RuleFile, city: City) -> dict[int, Bilingual]:
    """Words for the states of what the rule watches; of several points the first's."""
    found: dict[int, Bilingual] = {}
    for placed in city.station_types:
        for point in placed.item.points:
            if watches(rule, placed.item, point):
                found = dict(point.states) | found
    return found


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _limits(
    rule: Rule, limits: Sequence[Comparator], severity: str, words: dict[int, Bilingual], lang: Language
) -> str:
    return " ".join(_limit(rule, one, words, lang) for one in limits if one.severity == severity)


def _limit(rule: Rule, comparator: Comparator, words: dict[int, Bilingual], lang: Language) -> str:
    """A state by its word, a class by its numeral, else a number."""
    above = comparator.side is Side.ABOVE
    if rule.kind in OF_STATES:
        state = round(comparator.limit + (HALF if above else -HALF))
        return str(state) if state not in words else getattr(words[state], lang)
    if rule.measure is Measure.GRADE:
        return CLASSES[round(comparator.limit) - 1]
    return f"{'≥' if above else '<'}{comparator.limit:g}"


def _delays(limits: Sequence[Comparator], lang: Language) -> str:
    """``on/off``; where levels differ, each with the severity from which it holds."""
    names = dict(zip(SEVERITIES, HEADS[lang][3:7], strict=True))
    shown: list[tuple[str, str]] = []
    for comparator in limits:
        text = f"{_text(comparator.on)}/{_text(comparator.off)}"
        if not shown or shown[-1][1] != text:
            shown.append((names[comparator.severity], text))
    return shown[0][1] if len(shown) == 1 else " ".join(f"{name} {text}" for name, text in shown)


def _conditions(rule: Rule, lang: Language) -> str:
    """When it judges, and over which window."""
    words = [rule.gate or ""]
    if rule.rate is not None:
        window = _duration(rule.rate.window_ms)
        chinese = "上升" if rule.rate.direction == "rise" else "下降"
        words.append(f"{window}内{chinese}" if lang == "zh" else f"{rule.rate.direction} in {window}")
    if rule.mean_ms is not None:
        window = _duration(rule.mean_ms)
        words.append(f"{window}均值" if lang == "zh" else f"mean of {window}")
    if (condition := own(rule.kind, "condition")) is not None:
        zh, en = condition(rule)
        words.append(zh if lang == "zh" else en)
    return " ".join(word for word in words if word)


def _text(delay: Delay) -> str:
    samples = f"{delay.samples}x" if delay.samples > 1 else ""
    if not delay.ms:
        return samples or "1x"
    return f"{samples}+{_duration(delay.ms)}" if samples else _duration(delay.ms)


def _duration(ms: int) -> str:
    seconds = ms / 1000
    return f"{seconds / 60:g}min" if seconds >= 120 else f"{seconds:g}s"
