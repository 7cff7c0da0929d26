"""The glossary: one word for a thing and one thing for a word, in both languages."""

import re
from collections import Counter

from services.cli.generated import english, words_of_the_trade

TERMS = [term for group in words_of_the_trade().values() for term in group["terms"]]
FIELDS = {"zh", "en", "type", "means", "instead_of"}
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_it_has_the_words_of_the_trade() -> None:
    """At least sixty, among them those that newcomers ask for first."""
    assert len(TERMS) >= 60
    wanted = {
        "reject",
        "consumer lag",
        "liveness",
        "orphan",
        "deduplicate",
        "backfill",
        "fan-out",
        "retention",
    }
    assert wanted <= {term["en"] for term in TERMS}


def test_a_word_stands_once() -> None:
    """In each language, and so does a type; a word that is not used has a meaning nowhere."""
    for name in ("zh", "en", "type"):
        counted = Counter(term[name] for term in TERMS if name in term)
        assert [word for word, times in counted.items() if times > 1] == []
    unused = {word for term in TERMS for word in term.get("instead_of", [])}
    other_things = {"channel", "delay", "event", "message"}
    """Not the word for this thing, but the word for another one."""
    assert unused & {term["en"] for term in TERMS} == other_things


def test_each_term_says_what_it_means() -> None:
    """In both languages; a type that it names exists and is documented."""
    for term in TERMS:
        assert set(term) <= FIELDS, term
        assert set(term["means"]) <= {"zh", "en"}, term
        assert CHINESE.search(term["zh"]), term
        assert CHINESE.search(term["means"]["zh"]), term
        assert len(english(term)) > 10, term
        assert not CHINESE.search(english(term)), term
