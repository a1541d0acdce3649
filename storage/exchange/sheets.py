"""Rows in and out of files: JSON, CSV and XLSX, with the same heads in each.

A cell that a spreadsheet would run as a formula gets a leading apostrophe, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

FORMATS = ("json", "csv", "xlsx")
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
JOINED = "; "

Row = dict[str, Any]


class NotReadable(Exception):
    """The file is not what its format says."""


def write(rows: Iterable[Mapping[str, Any]], heads: Sequence[str], file_format: str) -> bytes:
    """A file with one row a record; lists are joined by `; ` except in JSON. ValueError for a format there is not."""
    match file_format:
        case "json":
            return (json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2) + "\n").encode()
        case "csv":
            return _csv([heads, *([guarded(flat(row.get(head))) for head in heads] for row in rows)])
        case "xlsx":
            return _xlsx([heads, *([_cell(row.get(head)) for head in heads] for row in rows)])
    raise ValueError(file_format)


def read(data: bytes, file_format: str) -> list[Row]:
    """The rows of a file as `write` makes them. NotReadable; ValueError for a format there is not."""
    match file_format:
        case "json":
            return _from_json(data)
        case "csv":
            return _from_csv(data)
        case "xlsx":
            return _from_xlsx(data)
    raise ValueError(file_format)


def flat(value: Any) -> str:
    """A value as one cell."""
    if isinstance(value, list | tuple):
        return JOINED.join(flat(item) for item in value)
    if isinstance(value, dict):
        return ":".join(str(part) for part in value.values())
    return "" if value is None else str(value)


def guarded(cell: str) -> str:
    """A cell no spreadsheet runs. One that begins with an apostrophe gets another, so that it comes back as it was."""
    return f"'{cell}" if cell.startswith((*RUN_BY_SPREADSHEETS, "'")) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*RUN_BY_SPREADSHEETS, "'")) else cell


def _csv(table: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", flat(value))) or None


def _xlsx(table: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Liaison")
    for row in table:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _from_json(data: bytes) -> list[Row]:
    try:
        rows = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise NotReadable("json") from problem
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotReadable("json")
    return rows


def _from_csv(data: bytes) -> list[Row]:
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (ValueError, csv.Error) as problem:
        raise NotReadable("csv") from problem
    return _under_heads(lines)


def _from_xlsx(data: bytes) -> list[Row]:
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [list(row) for row in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, BadZipFile, KeyError, IndexError, OSError, ValueError) as problem:
        raise NotReadable("xlsx") from problem
    return _under_heads(lines)


def _under_heads(lines: Sequence[Sequence[Any]]) -> list[Row]:
    if not lines:
        return []
    heads = [str(head or "").strip() for head in lines[0]]
    return [{head: _value(line[n]) if n < len(line) else None for n, head in enumerate(heads) if head} for line in lines[1:]]


def _value(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.tzinfo is None and cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return unguarded(cell) if isinstance(cell, str) else cell
