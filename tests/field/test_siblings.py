"""Each shared small input has five siblings of its kind: a mend is of the kind, not of the case."""

from collections import Counter

import pytest
from field.test_shared_inputs import TABLE
from support.field_log import judged
from support.field_siblings import Sibling, siblings

SIBLINGS = siblings()


@pytest.mark.parametrize("sibling", SIBLINGS, ids=lambda one: one.id)
def test_a_sibling_comes_to_what_its_kind_says(sibling: Sibling) -> None:
    """As JUDGING has it; its function in ``support.field_siblings`` says which sentence."""
    sibling.check(judged(sibling.lines))


def test_each_kind_has_five_siblings() -> None:
    """And each name stands for one of them."""
    assert Counter(sibling.of for sibling in SIBLINGS) == dict.fromkeys(TABLE, 5)
    ids = {sibling.id for sibling in SIBLINGS}
    assert len(ids) == len(SIBLINGS)
