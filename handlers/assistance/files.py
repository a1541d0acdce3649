"""Files of a record: a national plan, a note verbale. Sent with a message, they belong to the form that is open or the record spoken of."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability, FormSpec
from handlers.conversation.context import Context
from handlers.conversation.lately import last_reference
from handlers.conversation.press import number_in, press
from handlers.conversation.references import reference_in
from handlers.conversation.reply import Action, Item, Refusal, Replies, Reply, Say
from handlers.conversation.text import Series, T, Text
from handlers.conversation.turn import File, Sent
from storage import turns
from storage.attachments import Attachment, attached_to, attached_to_draft

MOST_OF_A_RECORD = 20

Specs = Mapping[str, FormSpec]


def files_with(forms: tuple[FormSpec, ...]) -> Capability:
    """Of a house with these forms: every record that one of them makes and reads again may have files."""
    specs = {spec.kept.letters: spec for spec in forms if spec.kept}
    return Capability(
        name="files",
        sent=lambda context, sent: _taken(context, specs, sent),
        presses={"file.remove": lambda context, args: _removed(context, specs, args)},
    )


def listed(context: Context, ref: str, *, own: bool) -> tuple[Item, ...]:
    """The files of a record, each with the way to get it, and for its owner to take it away."""
    return tuple(_entry(row, own=own) for row in attached_to(context.session, ref))


def _entry(row: Attachment, *, own: bool) -> Item:
    get = Action(id=press("file.get", row.id or 0), label=T("file.get"))
    remove = (Action(id=press("file.remove", row.id or 0), label=T("file.remove"), style="danger"),) if own else ()
    return Item(text=T("file.entry", name=row.name, size=_size(row.size)), actions=(get, *remove))


def _size(size: int) -> Text:
    return T("file.kilobytes", n=max(1, round(size / 1024))) if size < 1024 * 1024 else T("file.megabytes", n=round(size / 1024 / 1024))


def attachment_seen(context: Context, specs: Specs, attachment_id: int) -> Attachment:
    """An attachment whose record this person may see; Refused alike where there is none and where they may not."""
    row = context.session.get(Attachment, attachment_id)
    spec = specs.get((row.ref or "").partition("-")[0]) if row and row.removed_at is None else None
    if row is None or spec is None or spec.kept is None or row.ref is None:
        raise Refused("no_such_file")
    spec.kept.see(context, row.ref)
    return row


def _taken(context: Context, specs: Specs, sent: Sent) -> Replies:
    """Attach what was kept and say what was not, one line each."""
    wrong: tuple[Reply, ...] = tuple(_not_kept(file) for file in sent.files if file.problem)
    kept = [file for file in sent.files if not file.problem]
    return (*wrong, *(_attached(context, specs, sent.text, kept) if kept else ()))


def _not_kept(file: File) -> Refusal:
    return Refusal(code=file.problem or "", text=T(f"refused.{file.problem}", name=file.name))


def _attached(context: Context, specs: Specs, text: str, files: list[File]) -> Replies:
    draft = turns.open_draft(context.connection, context.actor.id, context.place)
    if draft is not None and draft.form in {spec.name for spec in specs.values()} and reference_in(text) is None:
        _keep(context, files, len(attached_to_draft(context.session, draft.id)), draft_id=draft.id)
        return (Say(text=T("file.with_form", names=_names(files))),)
    ref = reference_in(text) or last_reference(context, specs)
    spec = specs.get(ref.partition("-")[0]) if ref else None
    if ref is None or spec is None or spec.kept is None:
        raise Refused("file_of_what")
    record = spec.kept.change(context, ref)
    _keep(context, files, len(attached_to(context.session, record.ref)), ref=record.ref)
    context.audit(f"{spec.name}.attached", record.ref, after={"files": [file.name for file in files]})
    show = Action(id=press(f"{spec.name}.show", record.ref), label=T(f"action.show_{spec.name}"))
    return (Say(text=T("file.attached", names=_names(files), ref=record.ref), actions=(show,)),)


def _keep(context: Context, files: list[File], already: int, *, ref: str | None = None, draft_id: str | None = None) -> None:
    if already + len(files) > MOST_OF_A_RECORD:
        raise Refused("file_too_many", n=MOST_OF_A_RECORD)
    for file in files:
        whose: dict[str, object] = {"ref": ref, "draft_id": draft_id, "owner_id": context.actor.id, "created_at": context.now}
        row = Attachment.model_validate({"name": file.name, "digest": file.digest, "size": file.size, **whose})
        context.session.add(row)
    context.session.flush()


def _names(files: list[File]) -> Series:
    return Series(tuple(file.name for file in files))


def _removed(context: Context, specs: Specs, args: tuple[str, ...]) -> Replies:
    row = attachment_seen(context, specs, number_in(args) or 0)
    spec = specs[(row.ref or "").partition("-")[0]]
    assert spec.kept is not None
    record = spec.kept.change(context, row.ref or "")
    row.removed_at = context.now
    context.session.add(row)
    context.audit(f"{spec.name}.detached", record.ref, before={"files": [row.name]})
    return (Say(text=T("file.removed", name=row.name, ref=record.ref)),)
