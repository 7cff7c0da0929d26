"""``miyun rules list``: the rules of a city's files as a table."""

from collections.abc import Iterator, Sequence

from schemas.base import SEVERITIES, Bilingual
from schemas.city.files import City
from schemas.city.rules import RuleFile, VariantFile
from schemas.plan import Comparator, Delay, Rule, RuleKind, Side
from services.cli.shown.lists import headings
from services.cli.shown.words import PURPOSE, RULE_KIND, SOURCE_STATUS, WINDOW
from services.plans.compile.comparators import comparators, own_levels
from services.plans.compile.compiler import compile_city
from services.plans.compile.kinds import HALF
from services.plans.compile.selectors import watches
from services.runtime import screen
from services.runtime.words import SEVERITY, Language, word

BEFORE, AFTER = ("rule", "kind"), ("unit", "delays", "gate", "status", "title")
CLASSES = ("I", "II", "III", "IV", "V")
"""Classes of an inspection; V stands for the worst defects."""


def show_rules(city: City, language: Language) -> None:
    """Print a row per rule, and below it, indented, one per variant: where it holds, and the limits there.

    LS marks life safety; the source says how well the decisive limit is known. No row is folded: half a limit
    is worse than a long line.
    """
    files = {placed.item.id: placed.item for placed in city.rules}
    rows: list[screen.TableRow] = []
    for rule in compile_city(city, keys=()).rules:
        rows += _rows(rule, files[rule.rule_id], _state_words(files[rule.rule_id], city), language)
    severities = [SEVERITY[severity][language] for severity in SEVERITIES]
    heads = [*headings(BEFORE, language), "LS", *severities, *headings(AFTER, language)]
    screen.show(screen.table(heads, rows, whole=True), whole=True)


def _rows(
    rule: Rule, file: RuleFile, words: dict[int, Bilingual], language: Language
) -> Iterator[screen.TableRow]:
    yield (
        rule.rule_id,
        word(RULE_KIND, rule.kind, language) + PURPOSE[rule.purpose][language],
        "LS" if rule.life_safety else "",
        *(_limits(rule, rule.comparators, severity, words, language) for severity in SEVERITIES),
        rule.unit,
        _delays(rule.comparators, language),
        _conditions(rule, language),
        word(SOURCE_STATUS, rule.source_status, language),
        getattr(rule.title, language),
    )
    for variant in file.variants:
        special = comparators(file, own_levels(file.levels, variant.levels))
        limits = (_limits(rule, special, severity, words, language) for severity in SEVERITIES)
        yield (_where(variant), "", "", *limits, rule.unit, _delays(special, language), "", "", "")


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


def _limits(
    rule: Rule, limits: Sequence[Comparator], severity: str, words: dict[int, Bilingual], language: Language
) -> str:
    return " ".join(_limit(rule, one, words, language) for one in limits if one.severity == severity)


def _limit(rule: Rule, comparator: Comparator, words: dict[int, Bilingual], language: Language) -> str:
    """A state by its word, a class by its numeral, else a number."""
    above = comparator.side is Side.ABOVE
    if rule.kind is RuleKind.STATE:
        state = round(comparator.limit + (HALF if above else -HALF))
        return str(state) if state not in words else str(getattr(words[state], language))
    if rule.kind is RuleKind.GRADE:
        return CLASSES[round(comparator.limit) - 1]
    return f"{'≥' if above else '<'}{comparator.limit:g}"


def _delays(limits: Sequence[Comparator], language: Language) -> str:
    """``on/off``; where levels differ, each with the severity from which it holds."""
    shown: list[tuple[str, str]] = []
    for comparator in limits:
        text = f"{_delay(comparator.on)}/{_delay(comparator.off)}"
        if not shown or shown[-1][1] != text:
            shown.append((SEVERITY[comparator.severity][language], text))
    return shown[0][1] if len(shown) == 1 else " ".join(f"{name} {text}" for name, text in shown)


def _conditions(rule: Rule, language: Language) -> str:
    """When it judges, and over which window."""
    windows = {} if rule.rate is None else {str(rule.rate.direction): rule.rate.window_ms}
    windows |= {} if rule.mean_ms is None else {"mean": rule.mean_ms}
    told = (WINDOW[key][language].format(screen.duration(ms)) for key, ms in windows.items())
    return " ".join(filter(None, (rule.gate, *told)))


def _delay(delay: Delay) -> str:
    samples = f"{delay.samples}x" if delay.samples > 1 else ""
    if not delay.ms:
        return samples or "1x"
    return f"{samples}+{screen.duration(delay.ms)}" if samples else screen.duration(delay.ms)
