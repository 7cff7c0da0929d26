"""The size of the product and of what proves it: it gets smaller, not less documented and not less tested.

Looked at are the files of ``PRODUCT`` and ``tests`` that git tracks, or would if they were added. No Python
or SQL is generated today: what is (``schemas/json``, ``openapi.json``, ``wire.ts``, Grafana's board, pages of
``docs/``) is of other kinds and does not count.

- A *line* of Python has a token that is no comment and no string standing alone. Tables of words do not
  count: assignments at the top level of a module that hold a Chinese character and call nothing.
- A *line* of SQL is neither blank nor a comment (``--``).
- A *docstring* stands at the head of a module, class or function, or right below an assignment to a name.
- An *assertion* is an ``assert`` statement, or a call of ``pytest.raises``, ``warns`` or ``fail``.
"""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("schemas", "services", "simulators", "deploy", "tools")
BASE_COMMIT = "615371e"
BASE_LINES, BASE_DOCSTRINGS, BASE_ASSERTIONS = 20_581, 2_171, 1_820
"""What this file counted at that commit, without itself."""
MOST_LINES = 23_900
"""Raised only for what a part brings, and lowered when one lands: "One house" ended at 19,541 lines, a
thousand fewer than it began with; "Nothing hides a danger" adds what judges clocks, gaps, order and lateness,
what bounds and prunes, ``miyun judge``, and a city whose instruments, clocks and links misbehave."""
CHINESE = re.compile("[\u4e00-\u9fff]")
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def test_the_product_does_not_grow() -> None:
    """Its lines of Python and SQL are at most ``MOST_LINES``."""
    python = sum(len(lines_of_python(source)) for source in sources(".py", *PRODUCT))
    sql = sum(len(lines_of_sql(source)) for source in sources(".sql", *PRODUCT))
    counted = f"{python} of Python + {sql} of SQL = {python + sql} lines; {BASE_LINES} at {BASE_COMMIT}"
    print(counted)
    assert python + sql <= MOST_LINES, f"{counted}; at most {MOST_LINES} now"


def test_the_product_is_as_well_documented() -> None:
    """It has at least the docstrings that it had."""
    count = sum(docstrings(ast.parse(source)) for source in sources(".py", *PRODUCT))
    print(f"{count} docstrings")
    assert count >= BASE_DOCSTRINGS, f"{count} docstrings; {BASE_DOCSTRINGS} at {BASE_COMMIT}"


def test_the_product_is_as_well_tested() -> None:
    """Its tests assert at least as often as they did."""
    count = sum(assertions(ast.parse(source)) for source in sources(".py", "tests"))
    print(f"{count} assertions")
    assert count >= BASE_ASSERTIONS, f"{count} assertions; {BASE_ASSERTIONS} at {BASE_COMMIT}"


def test_what_counts() -> None:
    """Each of the words above, in a small module."""
    source = '''"""Docstring."""

WORDS = {
    "gas": {"zh": "燃气", "en": "gas"},
}
LIMIT = 3  # 上限
"""Docstring."""


def call(text: str = "燃气") -> None:
    """Docstring,
    of two lines."""
    "no docstring"
    call(
        """two
lines"""
    )
'''
    assert sorted(lines_of_python(source)) == [6, 10, 14, 15, 16, 17]
    assert docstrings(ast.parse(source)) == 3
    assert lines_of_sql("-- why\n\nSELECT 1 -- how\n  -- what\n") == ["SELECT 1 -- how"]
    assert (
        assertions(ast.parse("assert a\nwith pytest.raises(E):\n    f()\nassert_it(pytest.approx(1))")) == 2
    )


def sources(suffix: str, *folders: str) -> Iterator[str]:
    """The text of each file of this kind."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    told = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in sorted({ROOT / name for name in told.split("\0") if name.endswith(suffix)}):
        if path.exists():
            yield path.read_text(encoding="utf-8")


def lines_of_python(source: str) -> set[int]:
    """The numbers of the lines that count."""
    left_out: set[int] = set()
    module = ast.parse(source)
    for node in ast.walk(module):
        if stands_alone(node) or (node in module.body and is_table_of_words(node)):
            left_out.update(range(node.lineno, node.end_lineno + 1))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = (range(token.start[0], token.end[0] + 1) for token in tokens if token.type not in NO_CODE)
    return {line for lines in code for line in lines} - left_out


def lines_of_sql(source: str) -> list[str]:
    """The lines that count."""
    lines = (line.strip() for line in source.splitlines())
    return [line for line in lines if line and not line.startswith("--")]


def stands_alone(node: ast.AST) -> bool:
    """Whether it is a string that nothing takes."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_table_of_words(statement: ast.AST) -> bool:
    """An assignment that holds a Chinese character and calls nothing."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return False
    held = list(ast.walk(statement.value))
    texts = (one.value for one in held if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return any(map(CHINESE.search, texts)) and not any(isinstance(one, ast.Call) for one in held)


def docstrings(module: ast.Module) -> int:
    """How many there are."""
    count = 0
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            count += ast.get_docstring(node, clean=False) is not None
        if isinstance(node, ast.Module | ast.ClassDef):
            pairs = zip(node.body, node.body[1:], strict=False)
            count += sum(
                isinstance(first, ast.Assign | ast.AnnAssign) and stands_alone(second)
                for first, second in pairs
            )
    return count


def assertions(module: ast.Module) -> int:
    """How many there are."""
    return sum(
        isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("pytest.raises", "pytest.warns", "pytest.fail")
        )
        for node in ast.walk(module)
    )
