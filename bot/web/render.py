"""Replies as markup. Escaping, directions and widgets live here and in `fields`; no rule does."""

from __future__ import annotations

from typing import assert_never

from bot.web.fields import View, answering, problem_line, sheet_field
from bot.web.html import Html, element, joined, spoken, standing_alone
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Ask, FormSheet, Item, Line, Listing, Receipt, Refusal, Replies, Reply, Review, Say
from handlers.conversation.text import T, Text


def rendered(replies: Replies, view: View) -> Html:
    """Every reply of one turn, in order."""
    return joined(_reply(reply, view) for reply in replies)


def _reply(reply: Reply, view: View) -> Html:
    match reply:
        case Say():
            return _block("say", _paragraph("text", reply.text, view), actions(reply.actions, view))
        case Ask():
            return _ask(reply, view)
        case Review():
            return _review(reply, view)
        case Receipt():
            return _receipt(reply, view)
        case Listing():
            return _listing(reply, view)
        case FormSheet():
            return _form(reply, view)
        case Refusal():
            return _refusal(reply, view)
        case _:
            assert_never(reply)


def _block(kind: str, *inside: str | None, **attributes: str) -> Html:
    return element("section", *inside, class_=f"reply {kind}", **attributes)


def _question(kind: str, view: View, *inside: str | None) -> Html:
    """A block that asks: used up as a whole, and over once it was answered or left."""
    return _block(f"{kind} over" if view.closed else kind, *inside, data_spend="", data_question="")


def _paragraph(kind: str, text: Text, view: View) -> Html:
    return element("p", spoken(text, view.reader), class_=kind)


def actions(given: tuple[Action, ...], view: View, *, question: bool = False) -> Html | None:
    """Buttons in a row. Once one was used, or the question they belong to is over, they only tell what was chosen."""
    if not given:
        return None
    over = (question and view.closed) or any(action.id in view.pressed for action in given)
    buttons = [_button(action, view, over=over) for action in given]
    return element("div", *buttons, class_="actions", role="group", aria_label=view.word("actions"), data_spend=not question)


def _button(action: Action, view: View, *, over: bool) -> Html:
    chosen = action.id in view.pressed
    return element(
        "button", spoken(action.label, view.reader), element("span", f" {view.word('chosen')}", class_="unseen") if chosen else None,
        type="button", class_=f"action {action.style}{' chosen' if chosen else ''}", data_press=action.id, disabled=over,
    )  # fmt: skip


def _ask(ask: Ask, view: View) -> Html:
    optional = element("span", f" {view.word('optional')}", class_="optional") if ask.optional else None
    return _question(
        "ask",
        view,
        *(_paragraph("lead", lead, view) for lead in ask.lead),
        problem_line(ask.problem, view),
        element("p", spoken(ask.text, view.reader), optional, class_="question"),
        None if view.closed else answering(ask, view),
        _closed_choices(ask, view) if view.closed else None,
        actions(ask.actions, view, question=True),
    )


def _closed_choices(ask: Ask, view: View) -> Html | None:
    """The choices of a question that is over, the one that was taken marked."""
    taken = [choice for choice in ask.choices if press_of(ask, choice.value) in view.pressed]
    told = element("span", f" {view.word('chosen')}", class_="unseen")
    labels = [element("li", spoken(choice.label, view.reader), told, class_="chosen") for choice in taken]
    return element("ul", *labels, class_="taken") if labels else None


def press_of(ask: Ask, value: str) -> str:
    """The press that picks a value, whole or (too long for one) cut: then nothing is marked."""
    try:
        return press("form.pick", ask.draft, ask.field, value)
    except ValueError:
        return ""


def _review(review: Review, view: View) -> Html:
    notes = [element("p", spoken(note, view.reader), class_="note") for note in review.notes]
    return _question(
        "review",
        view,
        _paragraph("heading", review.text, view),
        _facts(review.fields, view, editing=None if view.closed else review.draft),
        *notes,
        actions(review.actions, view, question=True),
    )


def _facts(lines: tuple[Line, ...], view: View, *, editing: str | None = None) -> Html | None:
    if not lines:
        return None
    return element("dl", *(_fact(line, view, editing) for line in lines), class_="facts")


def _fact(line: Line, view: View, editing: str | None) -> Html:
    label = spoken(line.label, view.reader)
    change = None
    if editing:
        name = element("span", f" {view.say(line.label)}", class_="unseen")
        edit = press("form.edit", editing, line.name)
        change = element("button", view.word("change"), name, type="button", class_="edit", data_press=edit)
    value = element("dd", standing_alone("span", line.value, view.reader, class_="value"), change)
    return element("div", element("dt", label), value)


def _receipt(receipt: Receipt, view: View) -> Html:
    ref = element("p", element("span", view.word("reference"), class_="small"), element("bdi", receipt.ref), class_="ref")
    text = _paragraph("text", receipt.text, view)
    return _block("receipt", ref if receipt.ref else None, text, _facts(receipt.fields, view), actions(receipt.actions, view))


def _listing(listing: Listing, view: View) -> Html:
    items = element("ul", *(_item(item, view) for item in listing.items), class_="items") if listing.items else None
    ref = element("p", element("bdi", listing.ref), class_="small ref") if listing.ref else None
    return _block("list", ref, _paragraph("heading", listing.text, view), items, actions(listing.actions, view))


def _item(item: Item, view: View) -> Html:
    ref = element("bdi", item.ref, class_="small") if item.ref else None
    details = [element("p", spoken(detail, view.reader), class_="detail") for detail in item.details]
    title = element("p", spoken(item.text, view.reader), " " if ref else None, ref, class_="title")
    return element("li", title, *details, actions(item.actions, view))


def _form(form: FormSheet, view: View) -> Html:
    fields = [sheet_field(sheet, form.draft, view) for sheet in form.sheets]
    wrong = sum(1 for sheet in form.sheets if sheet.problem)
    told = element("p", spoken(T("door.page.problems", n=wrong), view.reader), class_="problem", role="alert") if wrong else None
    send = element("button", view.word("continue"), type="submit", class_="action primary", disabled=view.closed)
    closing = element("div", send, actions(form.actions, view, question=True), class_="closing")
    inside = element("fieldset", *fields, class_="bare", disabled=view.closed)
    return _question(
        "form",
        view,
        _paragraph("heading", form.text, view),
        told,
        element("form", inside, closing, class_="fields", data_draft=form.draft, novalidate=True),
    )


def _refusal(refusal: Refusal, view: View) -> Html:
    mark = element("span", "i", class_="mark", aria_hidden="true")
    text = element("p", mark, element("span", spoken(refusal.text, view.reader)), class_="text")
    return _block("refused", text, actions(refusal.actions, view), data_code=refusal.code)
