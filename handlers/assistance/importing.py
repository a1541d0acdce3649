"""What was wrong with the rows of an imported file, one line each."""

from __future__ import annotations

from handlers.conversation.text import T, Text
from storage.exchange.incoming import RowProblem


def in_words(problem: RowProblem) -> Text:
    """`Row 7, needed_by: “soon” is not a date such as 2027-06-30.`"""
    what = T("import.missing") if problem.code == "missing" else T(f"import.{problem.code}", value=problem.value)
    return T("import.line", row=str(problem.row), column=problem.column or "–", what=what)
