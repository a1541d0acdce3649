"""What a donor is told of a need, with the reasons in words and three ways to answer."""

from __future__ import annotations

from handlers.assistance.reasons import cited, coded, in_words
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies
from handlers.conversation.text import Amount, Code, T, Text
from storage.fitting import Subject
from storage.matches import Match
from storage.needs import Need

ANSWERS = ("interested", "declined", "already")


def alert(need: Need, subject: Subject, match: Match, *, answerable: bool) -> Replies:
    """The message for one person. Only donors answer; others are shown the way to the need."""
    why = Item(text=T("match.why"), details=in_words(match.reasons))
    what = Item(text=T("match.need", title=need.title), details=facts(need, subject), ref=need.ref)
    show = Action(id=press("need.show", need.ref), label=T("action.show_need"))
    heading = T("match.alert", party=Code("party", need.party), ref=need.ref)
    return (Listing(text=heading, items=(what, why), ref=need.ref, actions=answers(need.ref) if answerable else (show,)),)


def answers(need_ref: str, *, but: str | None = None) -> tuple[Action, ...]:
    """The three answers as buttons, without the one already given."""
    return tuple(
        Action(
            id=press(f"match.{answer}", need_ref),
            label=T(f"match.{answer}.button"),
            style="primary" if answer == "interested" else "plain",
        )
        for answer in ANSWERS
        if answer != but
    )


def facts(need: Need, subject: Subject) -> tuple[Text, ...]:
    """What a need says, as lines."""
    found = [T("need.fact.types", types=coded("assistance_type", subject.types))] if subject.types else []
    found += [T("need.fact.instruments", instruments=coded("instrument", subject.instruments))] if subject.instruments else []
    found += [T("need.fact.articles", articles=cited(subject.articles))] if subject.articles else []
    found += [T("need.fact.needed_by", date=need.needed_by)] if need.needed_by else []
    found += [T("need.fact.amount", amount=Amount(need.amount, need.currency))] if need.amount is not None else []
    found += [T("need.fact.beneficiary", beneficiary=need.beneficiary)] if need.beneficiary else []
    found += [T("need.fact.priority", priority=T(f"priority.{need.priority}"))] if need.priority in ("high", "urgent") else []
    return tuple(found)
