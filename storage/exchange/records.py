"""Needs and activities as outsiders know them (DESIGN 8): the keys, their order, and what `export` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from storage.activities import Activity
from storage.exchange.sheets import Row, write
from storage.fitting import Subject, activity_subjects, need_subjects
from storage.needs import Need, NeedLine

NEED_HEADS = (
    "ref", "party", "title", "description", "instruments", "articles", "lines", "beneficiary", "amount", "currency", "needed_by",
    "priority", "visibility", "status", "language", "created_at", "updated_at",
)  # fmt: skip
ACTIVITY_HEADS = (
    "ref", "title", "description", "provider", "partners", "recipients", "instruments", "articles", "assistance_types", "status",
    "start", "end", "commitment", "disbursed", "currency", "visibility", "language", "created_at", "updated_at", "reported_by",
)  # fmt: skip
BATCH = 500
"""Records whose tags are read at once: a database takes only so many parameters."""


def export_needs(session: Session) -> list[Row]:
    """Every need, oldest first."""
    rows: list[Row] = []
    needs = session.exec(select(Need).order_by(col(Need.id))).all()
    for start in range(0, len(needs), BATCH):
        batch = needs[start : start + BATCH]
        ids = [need.id or 0 for need in batch]
        about, lines = need_subjects(session, ids), _lines(session, ids)
        rows += [need_row(need, about[need.id or 0], lines.get(need.id or 0, [])) for need in batch]
    return rows


def _lines(session: Session, need_ids: list[int]) -> dict[int, list[NeedLine]]:
    found: dict[int, list[NeedLine]] = {}
    for line in session.exec(select(NeedLine).where(col(NeedLine.need_id).in_(need_ids)).order_by(col(NeedLine.id))).all():
        found.setdefault(line.need_id, []).append(line)
    return found


def need_row(need: Need, subject: Subject, lines: list[NeedLine]) -> Row:
    """One need under `NEED_HEADS`."""
    return {
        "ref": need.ref, "party": need.party, "title": need.title, "description": need.description,
        "instruments": list(subject.instruments), "articles": list(subject.articles),
        "lines": [{"assistance_type": line.assistance_type, "status": line.status} for line in lines],
        "beneficiary": need.beneficiary, "amount": figure(need.amount), "currency": need.currency, "needed_by": day(need.needed_by),
        "priority": need.priority, "visibility": need.visibility, "status": need.status, "language": need.language,
        "created_at": need.created_at.isoformat(), "updated_at": need.updated_at.isoformat(),
    }  # fmt: skip


def export_activities(session: Session) -> list[Row]:
    """Every activity, oldest first."""
    rows: list[Row] = []
    activities = session.exec(select(Activity).order_by(col(Activity.id))).all()
    for start in range(0, len(activities), BATCH):
        batch = activities[start : start + BATCH]
        about = activity_subjects(session, [activity.id or 0 for activity in batch])
        rows += [activity_row(activity, about[activity.id or 0]) for activity in batch]
    return rows


def activity_row(activity: Activity, subject: Subject) -> Row:
    """One activity under `ACTIVITY_HEADS`."""
    return {
        "ref": activity.ref, "title": activity.title, "description": activity.description, "provider": activity.provider,
        "partners": activity.partners, "recipients": list(subject.places), "instruments": list(subject.instruments),
        "articles": list(subject.articles), "assistance_types": list(subject.types), "status": activity.status,
        "start": day(activity.starts_on), "end": day(activity.ends_on), "commitment": figure(activity.commitment),
        "disbursed": figure(activity.disbursed), "currency": activity.currency, "visibility": activity.visibility,
        "language": activity.language, "created_at": activity.created_at.isoformat(), "updated_at": activity.updated_at.isoformat(),
        "reported_by": activity.reported_by,
    }  # fmt: skip


def figure(value: Decimal | None) -> int | float | None:
    """An amount as a JSON number, whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


EXPORTS: Mapping[str, tuple[Callable[[Session], list[Row]], tuple[str, ...]]] = {
    "needs": (export_needs, NEED_HEADS),
    "activities": (export_activities, ACTIVITY_HEADS),
}


def export(kind: str, file_format: str, session: Session) -> bytes:
    """All records of a kind (`needs`, `activities`) as a file. KeyError or ValueError for a kind or format there is not."""
    rows, heads = EXPORTS[kind]
    return write(rows(session), heads, file_format)


def plain(row: Row) -> dict[str, Any]:
    """A row without what only says when it was kept: what decides whether an imported row changes anything."""
    return {name: value for name, value in row.items() if name not in ("created_at", "updated_at")}
