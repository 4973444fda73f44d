"""Nothing secret is compared with `==`: how long that takes tells how much of a guess was right."""

from __future__ import annotations

import ast
import re

import pytest

from tests.stack import ROOT

SECRET = re.compile(r"(^|_)(secret|token|password|csrf|nonce|verifier|signature|mac|return_code|code_hash|hash)s?($|_)")
"""Names of what somebody could guess. Such things are compared by `hmac.compare_digest`, or found by their HMAC."""

FILES = [file for folder in ("services", "shared", "deploy") for file in sorted((ROOT / folder).rglob("*.py"))]


def compared(source: str) -> list[str]:
    """Names of secrets that are compared with `==` or `!=`, also as a part of something, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(how, ast.Eq | ast.NotEq) for how in node.ops):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Constant) for side in sides):
                continue  # with a word from the code, which is no secret
            names = [name for side in sides if (name := last_name(side)) and SECRET.search(name)]
            found += [f"{node.lineno}: {name}" for name in names]
    return found


def last_name(node: ast.expr) -> str:
    """`b` of `b`, `a.b`, `a["b"]` and `a.b()`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=func):
            return last_name(func)
    return ""


def test_no_secret_is_compared_in_a_time_that_tells() -> None:
    wrong = [f"{file.relative_to(ROOT)}:{one}" for file in FILES for one in compared(file.read_text())]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    ["token == given", "if state['csrf'] != form.csrf: ...", "a.code_hash == digest(code)", "x and (password == y)"],
)
def test_one_would_be_found(source: str) -> None:
    assert compared(source)


def test_what_is_no_secret_is_left_alone() -> None:
    assert not compared("status == 200\nkind == 'token'\none.id == other.id\nhmac.compare_digest(token, given)")
