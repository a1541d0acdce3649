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
from storage.exchange.cells import ACTIVITY_COLUMNS, NEED_COLUMNS, VISIBILITY, BadCell, Reader
from storage.exchange.records import activity_row, need_row, plain
from storage.exchange.sheets import NotReadable, Row, read
from storage.fitting import activity_subjects, need_subjects
from storage.needs import Need, lines_of, need_by_ref, set_lines, set_tags
from storage.people import Appointment, Organization
from storage.records import next_reference

_REFERENCE = re.compile(r"([NA])-(20\d\d)-(\d{4,6})")
_SEQUENCE = SQLModel.metadata.tables["sequence"]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row: its number in the file (the heads are row 1), the column, a code, what stood there.

    Codes: those of `BadCell`; `twice`, `not_readable`; and what a file may not do to a record that is there already: `other_owner`,
    `wider`, `own_words`.
    """

    row: int
    column: str
    code: str
    value: str = ""


class NotTaken(Exception):
    """A row that a file may not bring to a record that is there already."""

    def __init__(self, column: str, code: str, value: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.value = "" if value is None else str(value)


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
        if wrong:
            continue
        try:
            counts[how.keep(session, {name: reader(row.get(name)) for name, reader in how.columns.items()}, now, owner_id)] += 1
        except NotTaken as kept_out:
            problems.append(RowProblem(number, kept_out.column, kept_out.code, kept_out.value))
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
_ACTIVITY_DAYS = {"start": "starts_on", "end": "ends_on"}
_ACTIVITY_LISTS = {"recipient": "recipients", "instrument": "instruments", "article": "articles", "assistance_type": "assistance_types"}


_OWN_WORDS = ("title", "description", "status")


def _changed(how: Mapping[str, Reader], fields: tuple[str, ...], before: Row, row: Row) -> set[str]:
    """The columns in which a row says something else than its record, both read the same way."""
    return {name for name in fields if not _reads_as(how[name], before[name], row[name])}


def _reads_as(reader: Reader, stored: Any, said: Any) -> bool:
    try:
        return bool(reader(stored) == said)
    except BadCell:
        return False


def _guard(session: Session, record: Need | Activity, changed: set[str], row: Row, *, owner: tuple[str, ...]) -> None:
    """NotTaken where a row would change whose a record is, who sees it, or what a State said in its own words (DOMAIN: the world)."""
    for name in (name for name in owner if name in changed):
        raise NotTaken(name, "other_owner", row[name])
    if "visibility" in changed and VISIBILITY.index(row["visibility"]) > VISIBILITY.index(record.visibility):
        raise NotTaken("visibility", "wider", row["visibility"])
    said = [name for name in _OWN_WORDS if name in changed]
    if said and _is_a_focal_points(session, record.owner_id):
        raise NotTaken(said[0], "own_words", row[said[0]])


def _is_a_focal_points(session: Session, owner_id: int) -> bool:
    """Whether the owner speaks for a party, or did: what was said in its name stays said."""
    query = select(Appointment.id).where(Appointment.person_id == owner_id, Appointment.role == "focal_point")
    return session.exec(query).first() is not None


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
    changed = set(_NEED_FIELDS)
    if standing and before:
        changed = _changed(NEED_COLUMNS, _NEED_FIELDS, before, row)
        _guard(session, standing, changed, row, owner=("party",))
    said = {name: row[name] for name in _NEED_FIELDS if name in changed}
    need = standing or Need(ref=_reference(session, "N", row["ref"], now), **_new(row, now, owner_id), **said)
    _write(session, need, said)
    _need_parts(session, need.id or 0, row)
    return _noted(session, "need", need, before, _need_now(session, need), now)


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
    said = _said_of_activity(session, standing, before, row)
    activity = standing or Activity(ref=_reference(session, "A", row["ref"], now), **_new(row, now, owner_id), **said)
    _write(session, activity, said)
    for list_name, column in _ACTIVITY_LISTS.items():
        set_activity_tags(session, activity.id or 0, list_name, row[column])
    return _noted(session, "activity", activity, before, _activity_now(session, activity), now)


def _said_of_activity(session: Session, standing: Activity | None, before: Row | None, row: Row) -> Row:
    """The values a row gives: all of a new one, with whose it is; of a known one those that differ, and never whose it is."""
    fields = (*_ACTIVITY_FIELDS, "start", "end")
    if standing is None or before is None:
        party = row["reported_by"]
        whose = {"reported_by": party, "organization_id": None if party else _provider(session, row["provider"])}
        return _in_columns(row, set(fields)) | whose
    changed = _changed(ACTIVITY_COLUMNS, (*fields, "reported_by"), before, row)
    changed -= set() if row["reported_by"] else {"reported_by"}
    _guard(session, standing, changed, row, owner=("reported_by", "provider") if standing.organization_id else ("reported_by",))
    return _in_columns(row, changed)


def _in_columns(row: Row, names: set[str]) -> Row:
    return {_ACTIVITY_DAYS.get(name, name): row[name] for name in names}


def _provider(session: Session, name: str) -> int | None:
    """The organization of this name, if there is one; an activity that a party reported stays the party's."""
    return session.exec(select(Organization.id).where(Organization.name == name)).first()


def _same_activity(session: Session, row: Row) -> Activity | None:
    query = select(Activity).where(Activity.title == row["title"], Activity.provider == row["provider"], Activity.starts_on == row["start"])
    return session.exec(query.order_by(col(Activity.id))).first()


def _activity_now(session: Session, activity: Activity) -> Row:
    return activity_row(activity, activity_subjects(session, [activity.id or 0])[activity.id or 0])


def _noted(session: Session, what: str, record: Need | Activity, before: Row | None, after: Row, now: datetime) -> str:
    if before is not None and plain(before) == plain(after):
        return "unchanged"
    if before is not None:
        record.version, record.updated_at = record.version + 1, now
        session.add(record)
    outcome: dict[str, Any] = {"door": "import", "event": None, "action": f"{what}.imported", "subject": record.ref, "outcome": "done"}
    turns.note(session.connection(), at=now, person_id=None, before=before, after=after, **outcome)
    return "added" if before is None else "changed"


KINDS: Mapping[str, Kind] = {
    "needs": Kind("N", NEED_COLUMNS, _keep_need),
    "activities": Kind("A", ACTIVITY_COLUMNS, _keep_activity),
}
