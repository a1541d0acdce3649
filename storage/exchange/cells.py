"""Cells of an imported row, read and checked one by one; what is wrong is a code with its column, never a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from storage.exchange.sheets import JOINED
from storage.reference import LANGUAGES, code_list

MOST = Decimal(10**12)
NEED_LINE_STATES = ("requested", "offered", "committed", "delivering", "delivered", "confirmed")


class BadCell(Exception):
    """Codes: `missing`, `unknown_code`, `not_a_number`, `not_a_date`, `too_long`, `not_a_choice`, `bad_reference`."""

    def __init__(self, code: str, value: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = str(value)


Reader = Callable[[Any], Any]


def text(most: int, *, required: bool = False) -> Reader:
    def read(cell: Any) -> str | None:
        said = "" if cell is None else str(cell).strip()
        if not said and required:
            raise BadCell("missing")
        if len(said) > most:
            raise BadCell("too_long", f"{len(said)} > {most}")
        return said or None

    return read


def one_of(*values: str, default: str | None = None) -> Reader:
    def read(cell: Any) -> str | None:
        said = "" if cell is None else str(cell).strip()
        if not said and default is not None:
            return default
        if said not in values:
            raise BadCell("not_a_choice" if said else "missing", said)
        return said

    return read


def code(list_name: str, *, required: bool = False) -> Reader:
    def read(cell: Any) -> str | None:
        said = "" if cell is None else str(cell).strip()
        if not said and not required:
            return None
        if said not in code_list(list_name):
            raise BadCell("unknown_code" if said else "missing", said)
        return said

    return read


def codes(list_name: str, *, required: bool = False) -> Reader:
    def read(cell: Any) -> list[str]:
        said = parts(cell)
        unknown = next((one for one in said if one not in code_list(list_name)), None)
        if unknown is not None or (required and not said):
            raise BadCell("unknown_code" if said else "missing", unknown or "")
        return sorted(set(said))

    return read


def parts(cell: Any) -> list[str]:
    """A list, or a cell whose items are parted by `;`."""
    items = cell if isinstance(cell, list) else str(cell or "").split(JOINED.strip())
    return [str(item).strip() for item in items if str(item).strip()]


def lines(cell: Any) -> list[dict[str, str]]:
    """Lines of a need: objects, or `type:status` cells; a type alone is `requested`."""
    given = cell if isinstance(cell, list) else parts(cell)
    found = [_line(item) for item in given]
    if not found:
        raise BadCell("missing")
    return list({line["assistance_type"]: line for line in found}.values())


def _line(item: Any) -> dict[str, str]:
    kind, _, state = str(item).partition(":") if not isinstance(item, dict) else (item.get("assistance_type"), "", item.get("status"))
    line = {"assistance_type": str(kind or "").strip(), "status": str(state or "requested").strip()}
    if line["assistance_type"] not in code_list("assistance_type"):
        raise BadCell("unknown_code", line["assistance_type"])
    if line["status"] not in NEED_LINE_STATES:
        raise BadCell("not_a_choice", line["status"])
    return line


def amount(cell: Any) -> Decimal | None:
    if cell is None or cell == "":
        return None
    try:
        value = Decimal(str(cell).strip())
    except InvalidOperation as problem:
        raise BadCell("not_a_number", cell) from problem
    if not value.is_finite() or not 0 <= value <= MOST:
        raise BadCell("not_a_number", cell)
    return value.quantize(Decimal("0.01"))


def day(cell: Any) -> date | None:
    if cell is None or cell == "":
        return None
    try:
        return date.fromisoformat(str(cell).strip()[:10])
    except ValueError as problem:
        raise BadCell("not_a_date", cell) from problem


def instant(cell: Any) -> datetime | None:
    if cell is None or cell == "":
        return None
    try:
        value = datetime.fromisoformat(str(cell).strip())
    except ValueError as problem:
        raise BadCell("not_a_date", cell) from problem
    return value if value.tzinfo else value.replace(tzinfo=UTC)


VISIBILITY = ("secretariat", "donors", "parties", "public")
"""From the narrowest to the widest."""

_VISIBLE = one_of(*VISIBILITY, default="parties")
_WHEN: Mapping[str, Reader] = {"created_at": instant, "updated_at": instant}

NEED_COLUMNS: Mapping[str, Reader] = {
    "ref": text(20), "party": code("party", required=True), "title": text(200, required=True), "description": text(20_000),
    "instruments": codes("instrument", required=True), "articles": codes("article"), "lines": lines, "beneficiary": text(200),
    "amount": amount, "currency": code("currency"), "needed_by": day,
    "priority": one_of("low", "medium", "high", "urgent", default="medium"), "visibility": _VISIBLE,
    "status": one_of("open", "met", "withdrawn", default="open"), "language": one_of(*LANGUAGES, default="en"), **_WHEN,
}  # fmt: skip
ACTIVITY_COLUMNS: Mapping[str, Reader] = {
    "ref": text(20), "title": text(200, required=True), "description": text(20_000), "provider": text(200, required=True),
    "partners": text(500), "recipients": codes("place", required=True), "instruments": codes("instrument", required=True),
    "articles": codes("article"), "assistance_types": codes("assistance_type", required=True), "status": one_of(*"123456", default="1"),
    "start": day, "end": day, "commitment": amount, "disbursed": amount, "currency": code("currency"), "visibility": _VISIBLE,
    "language": one_of(*LANGUAGES, default="en"), "reported_by": code("party"), **_WHEN,
}  # fmt: skip
