"""Changing what was registered, in one sentence or by its form, and seeing what was changed by whom."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.conversation import controls, edits, filling
from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability, FormSpec
from handlers.conversation.changing import field_and_value
from handlers.conversation.context import Context
from handlers.conversation.lately import last_reference, means_it
from handlers.conversation.press import press
from handlers.conversation.references import reference_in, without_reference
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import T, Text
from storage import history as kept
from storage import turns
from storage.records import Audit

MOST_SHOWN = 10

Specs = Mapping[str, FormSpec]


def ways_to_change(ref: str) -> tuple[Action, ...]:
    """The buttons under a record of one's own."""
    return (Action(id=press("record.change", ref), label=T("action.change_record")), history_of(ref))


def history_of(ref: str) -> Action:
    return Action(id=press("record.history", ref), label=T("action.history"))


def changes_with(forms: tuple[FormSpec, ...]) -> Capability:
    """Of a house with these forms: every record that one of them makes and reads again."""
    specs = {spec.kept.letters: spec for spec in forms if spec.kept}
    return Capability(
        name="changes",
        commands={
            "change": lambda context, rest: _change_named(context, specs, rest),
            "history": lambda context, rest: _history_named(context, specs, rest),
        },
        presses={
            "record.change": lambda context, args: _begin(context, specs, args[0] if args else ""),
            "record.history": lambda context, args: history(context, specs, args[0] if args else ""),
        },
    )


def _spec(specs: Specs, ref: str) -> FormSpec:
    spec = specs.get(ref.partition("-")[0].upper())
    if spec is None:
        raise Refused("no_such_record", ref=ref.upper())
    return spec


def _begin(context: Context, specs: Specs, ref: str, said: str = "") -> Replies:
    """Open a record's form at its review; what was said with it is changed there at once."""
    spec = _spec(specs, ref)
    assert spec.kept is not None
    draft = filling.begin_change(context, spec, spec.kept.change(context, ref))
    named = field_and_value(spec.form, said, language=context.actor.language) if said else None
    if named is None:
        return filling.show(context, spec, draft)
    return controls.set_answer(context, spec, draft, *named)


def _change_named(context: Context, specs: Specs, rest: str) -> Replies | None:
    """`change N-2026-0007 budget to 250000`; without a reference the record spoken of last, where one of its fields is named."""
    ref = reference_in(rest)
    if ref is not None:
        return _begin(context, specs, ref, rest)
    if turns.open_draft(context.connection, context.actor.id, context.place) is not None:
        return None  # what is half filled in is what is meant, or nothing
    ref = last_reference(context, specs)
    if ref is None:
        return None
    if (
        without_reference(rest)
        and not means_it(rest)
        and field_and_value(_spec(specs, ref).form, rest, language=context.actor.language) is None
    ):
        return None
    return _begin(context, specs, ref, rest)


def _history_named(context: Context, specs: Specs, rest: str) -> Replies:
    ref = reference_in(rest) or last_reference(context, specs)
    return history(context, specs, ref) if ref else (Say(text=T("change.which")),)


def history(context: Context, specs: Specs, ref: str) -> Replies:
    """What became of a record since it was registered, the latest first, for whoever may see the record."""
    spec = _spec(specs, ref)
    assert spec.kept is not None
    record = spec.kept.see(context, ref)
    rows = kept.history_of(context.session, record.ref, limit=MOST_SHOWN)
    items = tuple(_entry(context, spec, audit, name) for audit, name in rows)
    return (Listing(text=T("change.history", ref=record.ref, n=len(items)), items=items, ref=record.ref),)


def _entry(context: Context, spec: FormSpec, audit: Audit, name: str) -> Item:
    what = T(f"audited.{audit.action.partition('.')[2]}")
    heading = T("change.entry", when=audit.at, who=name or T("word.none"), what=what)
    return Item(text=heading, details=_details(context, spec, audit))


def _details(context: Context, spec: FormSpec, audit: Audit) -> tuple[Text, ...]:
    if not audit.before or not audit.after:
        return ()
    return edits.changed(spec.form, audit.before, audit.after, spec.sources(context, audit.after))
