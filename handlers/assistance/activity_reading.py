"""An activity as it is read again: by whom, and as the answers of its form."""

from __future__ import annotations

from handlers.assistance.activity_form import ReportedAs
from handlers.assistance.overlaps import owner_of
from handlers.conversation.access import Refused, sees
from handlers.conversation.capability import Kept
from handlers.conversation.context import Context
from handlers.conversation.edits import Record
from handlers.conversation.forms import Answers
from storage.activities import Activity, activity_by_ref
from storage.fitting import activity_subjects
from storage.records import locked


def seen(context: Context, ref: str) -> Activity:
    """An activity by its reference; Refused (`no_such_record`) alike where there is none and where this person may not see it."""
    activity = activity_by_ref(context.session, ref)
    if activity is None or not sees(context.actor, activity.visibility, owner_of(activity)):
        raise Refused("no_such_record", ref=ref.upper())
    return activity


def open_to_change(context: Context, ref: str) -> Activity:
    """An activity of one's own, as it stands once nobody else can change it."""
    activity = seen(context, ref)
    context.require("activity.write", owner_of(activity))
    return locked(context.session, Activity, activity.id or 0) or activity


def answers_of(context: Context, activity: Activity) -> Answers:
    """What an activity says, as the answers of its form."""
    subject = activity_subjects(context.session, [activity.id or 0])[activity.id or 0]
    received = activity.reported_by is not None
    return {
        "reported_as": (ReportedAs.recipient if received else ReportedAs.provider).value,
        "organization": None if activity.organization_id is None else str(activity.organization_id),
        "provider": activity.provider if received else None, "title": activity.title, "recipients": list(subject.places),
        "assistance_types": list(subject.types), "instruments": list(subject.instruments), "status": activity.status,
        "starts_on": activity.starts_on.isoformat() if activity.starts_on else None,
        "ends_on": activity.ends_on.isoformat() if activity.ends_on else None,
        "commitment": None if activity.commitment is None else f"{activity.commitment.normalize():f}", "currency": activity.currency,
        "articles": list(subject.articles), "partners": activity.partners, "description": activity.description,
        "visibility": activity.visibility,
    }  # fmt: skip


def _record(context: Context, activity: Activity) -> Record:
    return Record(activity.ref, answers_of(context, activity), activity.version)


KEPT = Kept(
    "A",
    see=lambda context, ref: _record(context, seen(context, ref)),
    change=lambda context, ref: _record(context, open_to_change(context, ref)),
)
