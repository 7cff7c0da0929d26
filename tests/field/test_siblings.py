"""Each shared small input has five siblings of its kind: a mend is of the kind, not of the case."""

from collections import Counter
from typing import Any

import pytest
from field.not_yet import NOT_YET
from field.test_shared_inputs import TABLE
from support.field_log import judged
from support.field_siblings import Sibling, siblings

SIBLINGS = siblings()


def cases() -> list[Any]:
    """Each sibling; those that are not met yet are expected to fail."""
    return [
        pytest.param(one, id=one.id, marks=[pytest.mark.xfail(strict=True)] * (one.id in NOT_YET))
        for one in SIBLINGS
    ]


@pytest.mark.parametrize("sibling", cases())
def test_a_sibling_comes_to_what_its_kind_says(sibling: Sibling) -> None:
    """As JUDGING has it; its function in ``support.field_siblings`` says which sentence."""
    sibling.check(judged(sibling.lines))


def test_each_kind_has_five_siblings() -> None:
    """And each name stands for one of them; what is not met yet is one of them or a file."""
    assert Counter(sibling.of for sibling in SIBLINGS) == dict.fromkeys(TABLE, 5)
    ids = {sibling.id for sibling in SIBLINGS}
    assert len(ids) == len(SIBLINGS)
    assert ids | set(TABLE) >= NOT_YET
