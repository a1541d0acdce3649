"""Any row survives a file in each format, and no text becomes a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from storage.exchange.sheets import FORMATS, RUN_BY_SPREADSHEETS, flat, read, write

HEADS = ("title", "list", "amount")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=40)
DANGEROUS = st.builds(lambda lead, rest: lead + rest, st.sampled_from([*"=+-@'", "''=", "'@"]), TEXT)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXT | DANGEROUS,
            "list": st.lists(st.sampled_from(["TIP", "UNTOC.29"])),
            "amount": st.none() | st.integers(0, 10**12),
        }
    ),
    max_size=4,
)


@pytest.mark.parametrize("file_format", FORMATS)
@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_what_is_written_reads_back(file_format: str, rows: list[dict[str, object]]) -> None:
    back = read(write(rows, HEADS, file_format), file_format)
    assert [[flat(row[head]) for head in HEADS] for row in back] == [[flat(row[head]) for head in HEADS] for row in rows]


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_no_text_becomes_a_formula(rows: list[dict[str, object]]) -> None:
    table = list(csv.reader(io.StringIO(write(rows, HEADS, "csv").decode("utf-8-sig"), newline="")))
    assert [cell for row in table for cell in row if cell.startswith(RUN_BY_SPREADSHEETS)] == []
    sheet = load_workbook(io.BytesIO(write(rows, HEADS, "xlsx"))).worksheets[0]
    assert [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
