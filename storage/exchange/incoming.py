"""Import of what `export` writes: the same rows by reference, nothing doubled; a bad row is one problem, and the good ones are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from storage import turns
from storage.activities import Activity, activity_by_ref, set_activity_tags
from storage.exchange.cells import ACTIVITY_COLUMNS, NEED_COLUMNS, BadCell, Reader
from storage.exchange.records import activity_row, need_row, plain
from storage.exchange.sheets import NotReadable, Row, read
from storage.fitting import activity_subjects, need_subjects
from storage.needs import Need, lines_of, need_by_ref, set_lines, set_tags
from storage.people import Organization
from storage.records import next_reference

_REFERENCE = re.compile(r"([NA])-(20\d\d)-(\d{4,6})")
_SEQUENCE = SQLModel.metadata.tables["sequence"]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row: its number in the file (the heads are row 1), the column, a code of `BadCell`, what stood there."""

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of record is read and kept; `keep` says whether the row was `added`, `changed` or `unchanged`."""

    letter: str
    columns: Mapping[str, Reader]
    keep: Callable[[Session, Row, datetime, int], str]


def import_(kind: str, data: bytes, file_format: str, session: Session, *, now: datetime, owner_id: int, dry_run: bool = False) -> Report:
    """Keep the rows of a file. With `dry_run` nothing stays, and the report says what would have been.

    KeyError or ValueError for a kind or format there is not; a file that cannot be read is the one problem of its report.
    """
    how = KINDS[kind]
    try:
        rows = read(data, file_format)
    except NotReadable as problem:
        return Report(problems=(RowProblem(1, "", "not_readable", str(problem)),))
    savepoint = session.begin_nested()
    report = _kept(session, how, rows, now, owner_id)
    session.flush()
    if dry_run:
        savepoint.rollback()
        session.expire_all()
    else:
        savepoint.commit()
    return report


def _kept(session: Session, how: Kind, rows: list[Row], now: datetime, owner_id: int) -> Report:
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    problems: list[RowProblem] = []
    met: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if not any(value not in (None, "", []) for value in row.values()):
            continue
        wrong = list(_problems(how, row, met))
        problems += [RowProblem(number, column, bad.code, bad.value) for column, bad in wrong[:1]]
        if not wrong:
            counts[how.keep(session, {name: reader(row.get(name)) for name, reader in how.columns.items()}, now, owner_id)] += 1
    return Report(**counts, problems=tuple(problems))


def _problems(how: Kind, row: Row, met: set[str]) -> Iterator[tuple[str, BadCell]]:
    for name, reader in how.columns.items():
        try:
            reader(row.get(name))
        except BadCell as bad:
            yield name, bad
    ref = str(row.get("ref") or "").strip()
    found = _REFERENCE.fullmatch(ref)
    if ref and (found is None or found[1] != how.letter):
        yield "ref", BadCell("bad_reference", ref)
    elif ref in met:
        yield "ref", BadCell("twice", ref)
    if ref:
        met.add(ref)


def _reference(session: Session, letter: str, ref: str | None, now: datetime) -> str:
    """The row's own reference, whose number is then never given out again, or the next one."""
    found = _REFERENCE.fullmatch(ref) if ref else None
    if found is None:
        return next_reference(session, letter, now)
    year, number = int(found[2]), int(found[3])
    here = (_SEQUENCE.c.kind == letter, _SEQUENCE.c.year == year)
    last = session.connection().execute(sa.select(_SEQUENCE.c.last).where(*here)).scalar()
    if last is None:
        session.connection().execute(sa.insert(_SEQUENCE).values(kind=letter, year=year, last=number))
    elif last < number:
        session.connection().execute(sa.update(_SEQUENCE).where(*here).values(last=number))
    return found[0]


_NEED_FIELDS = (
    "party", "title", "description", "beneficiary", "amount", "currency", "needed_by", "priority", "visibility", "status", "language",
)  # fmt: skip
_ACTIVITY_FIELDS = (
    "title", "description", "provider", "partners", "status", "commitment", "disbursed", "currency", "visibility", "language",
)  # fmt: skip
_ACTIVITY_LISTS = {"recipient": "recipients", "instrument": "instruments", "article": "articles", "assistance_type": "assistance_types"}


def _new(row: Row, now: datetime, owner_id: int) -> Row:
    return {"owner_id": owner_id, "created_at": row["created_at"] or now, "updated_at": row["updated_at"] or now}


def _write(session: Session, record: Need | Activity, said: Row) -> None:
    for name, value in said.items():
        setattr(record, name, value)
    session.add(record)
    session.flush()


def _keep_need(session: Session, row: Row, now: datetime, owner_id: int) -> str:
    standing = need_by_ref(session, row["ref"]) if row["ref"] else _same_need(session, row)
    before = _need_now(session, standing) if standing else None
    said = {name: row[name] for name in _NEED_FIELDS}
    need = standing or Need(ref=_reference(session, "N", row["ref"], now), **_new(row, now, owner_id), **said)
    _write(session, need, said)
    _need_parts(session, need.id or 0, row)
    return _noted(session, "need", need, before, _need_now(session, need), now, owner_id)


def _need_parts(session: Session, need_id: int, row: Row) -> None:
    set_tags(session, need_id, "instrument", row["instruments"])
    set_tags(session, need_id, "article", row["articles"])
    set_lines(session, need_id, [line["assistance_type"] for line in row["lines"]])
    states = {line["assistance_type"]: line["status"] for line in row["lines"]}
    for line in lines_of(session, need_id):
        line.status = states[line.assistance_type]
        session.add(line)
    session.flush()


def _same_need(session: Session, row: Row) -> Need | None:
    """A row without a reference is the need that says the same, if there is one: a file imported twice adds nothing."""
    query = select(Need).where(Need.party == row["party"], Need.title == row["title"], Need.needed_by == row["needed_by"])
    return session.exec(query.order_by(col(Need.id))).first()


def _need_now(session: Session, need: Need) -> Row:
    return need_row(need, need_subjects(session, [need.id or 0])[need.id or 0], list(lines_of(session, need.id or 0)))


def _keep_activity(session: Session, row: Row, now: datetime, owner_id: int) -> str:
    standing = activity_by_ref(session, row["ref"]) if row["ref"] else _same_activity(session, row)
    before = _activity_now(session, standing) if standing else None
    provider = session.exec(select(Organization.id).where(Organization.name == row["provider"])).first()
    said = {name: row[name] for name in _ACTIVITY_FIELDS} | {"starts_on": row["start"], "ends_on": row["end"], "organization_id": provider}
    activity = standing or Activity(ref=_reference(session, "A", row["ref"], now), **_new(row, now, owner_id), **said)
    _write(session, activity, said)
    for list_name, column in _ACTIVITY_LISTS.items():
        set_activity_tags(session, activity.id or 0, list_name, row[column])
    return _noted(session, "activity", activity, before, _activity_now(session, activity), now, owner_id)


def _same_activity(session: Session, row: Row) -> Activity | None:
    query = select(Activity).where(Activity.title == row["title"], Activity.provider == row["provider"], Activity.starts_on == row["start"])
    return session.exec(query.order_by(col(Activity.id))).first()


def _activity_now(session: Session, activity: Activity) -> Row:
    return activity_row(activity, activity_subjects(session, [activity.id or 0])[activity.id or 0])


def _noted(session: Session, what: str, record: Need | Activity, before: Row | None, after: Row, now: datetime, owner_id: int) -> str:
    if before is not None and plain(before) == plain(after):
        return "unchanged"
    if before is not None:
        record.version, record.updated_at = record.version + 1, now
        session.add(record)
    outcome: dict[str, Any] = {"door": "import", "event": None, "action": f"{what}.imported", "subject": record.ref, "outcome": "done"}
    turns.note(session.connection(), at=now, person_id=owner_id, before=before, after=after, **outcome)
    return "added" if before is None else "changed"


KINDS: Mapping[str, Kind] = {
    "needs": Kind("N", NEED_COLUMNS, _keep_need),
    "activities": Kind("A", ACTIVITY_COLUMNS, _keep_activity),
}
