"""Functions and files stay as small as in the code people hold up: 4 to 10 lines at the median, at most 27 at the 90th percentile."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median, quantiles

from tests.meta.tree import modules, shown

MEDIAN_LINES = 12
NINETIETH_LINES = 27
FILE_LINES = 320
LIKELY = 200
"""Fewer functions than this, and the test has read the wrong folder."""


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 1


def functions() -> list[tuple[int, str]]:
    """Body length and place of every function of the four floors, the longest first."""
    found = [
        (body_lines(node), f"{shown(module.path)}:{node.lineno} {node.name}")
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(found, reverse=True)


def worst(measured: list[tuple[int, str]]) -> str:
    return "\n".join(f"{lines:4} {where}" for lines, where in measured[:15])


def file_lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_functions_are_short() -> None:
    measured = functions()
    lengths = [lines for lines, _ in measured]
    assert len(lengths) > LIKELY
    assert median(lengths) <= MEDIAN_LINES, worst(measured)
    assert quantiles(lengths, n=10)[-1] <= NINETIETH_LINES, worst(measured)


def test_files_are_short() -> None:
    measured = sorted(((file_lines(module.path), shown(module.path)) for module in modules().values()), reverse=True)
    assert measured
    assert [
        f"{lines} {where}" for lines, where in measured if lines > FILE_LINES and "/versions/" not in where
    ] == []  # a migration is a list
