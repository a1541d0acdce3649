"""A record is changed by its owner only, never over somebody else's change unseen, and whoever it concerns is told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from handlers.assistance import activities, match_answers, needs
from handlers.assistance.changes import changes_with
from handlers.conversation.dispatch import Dispatcher
from handlers.conversation.reply import Listing, Receipt, Refusal, Replies, Review
from handlers.people.reception import reception
from handlers.understanding.ears import Ears
from storage.activities import Activity
from storage.needs import Need
from storage.records import Audit
from tests.assistance import CAPABILITIES, Register, in_english, primary

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    register = Register(database_url)
    forms = (needs.SPEC, activities.SPEC)
    register.dispatcher = Dispatcher(
        database=register.database, capabilities=(*CAPABILITIES, changes_with(forms)), hearing=Ears(),
        reception=reception((), lambda intent: None), now=lambda session: register.now,
    )  # fmt: skip
    register.focal_point("ke", "KE")
    register.focal_point("ke2", "KE", standing="deputy")
    register.focal_point("sn", "SN", language="fr")
    register.donor("no", "Norad")
    assert match_answers.CAPABILITY in CAPABILITIES
    yield register
    register.database.close()


def follow(register: Register, handle: str, **filters: object) -> None:
    nothing: dict[str, object] = {"places": [], "instruments": [], "articles": [], "assistance_types": []}
    register.fill(handle, "subscription", **{**nothing, **filters}, frequency="at_once")


def need(register: Register) -> str:
    replies = register.through("ke", register.say("ke", NEED))
    receipt = register.press("ke", primary(replies[-1]).id)[0]
    assert isinstance(receipt, Receipt)
    return receipt.ref


def saved(register: Register, handle: str, replies: Replies) -> Replies:
    assert isinstance(replies[-1], Review), in_english(replies)
    return register.press(handle, primary(replies[-1]).id)


@pytest.mark.parametrize(
    ("language", "sentence", "field", "value"),
    [
        ("en", "change {ref} budget to 250000", "amount", "250000"),
        ("en", "Change the budget of {ref} to half a million", "amount", "500000"),
        ("en", "please note", None, None),
        ("fr", "modifier le budget de {ref} à 250 000", "amount", "250000"),
        ("fr", "changer la date de {ref} au 1er mars 2028", "needed_by", "2028-03-01"),
        ("es", "cambiar el presupuesto de {ref} a 250.000", "amount", "250000"),
        ("es", "cambiar la prioridad de {ref} a urgente", "priority", "urgent"),
        ("ru", "измени бюджет {ref} на 250 000", "amount", "250000"),
        ("ru", "изменить срок {ref} на 1 марта 2028 года", "needed_by", "2028-03-01"),
        ("ar", "غيّر ميزانية {ref} إلى 250000", "amount", "250000"),
        ("ar", "عدّل تاريخ {ref} إلى 1 آذار/مارس 2028", "needed_by", "2028-03-01"),
        ("zh", "将{ref}的预算改为25万", "amount", "250000"),
        ("zh", "把 {ref} 的日期改为2028年3月1日", "needed_by", "2028-03-01"),
        ("zh", "修改{ref}预算为250000", "amount", "250000"),
    ],
)
def test_one_sentence_changes_one_answer_in_every_language(
    register: Register, language: str, sentence: str, field: str | None, value: str | None
) -> None:
    ref = need(register)
    register.focal_point("speaker", "KE", language=language, convention="UNCAC")
    register.focal_point("speaker", "KE", language=language, standing="deputy")
    replies = register.say("speaker", sentence.format(ref=ref))
    if field is None:
        assert not isinstance(replies[-1], Review)
        return
    saved(register, "speaker", replies)
    [row] = register.rows(Need)
    shown = {"amount": f"{row.amount:f}".removesuffix(".00"), "needed_by": str(row.needed_by), "priority": row.priority}
    assert shown[field] == value
    [audit] = [audit for audit in register.rows(Audit) if audit.action == "need.changed"]
    assert audit.subject == ref
    assert audit.before
    assert audit.after
    assert audit.before.keys() == audit.after.keys()
    assert audit.before != audit.after


def test_nobody_writes_over_what_they_have_not_seen(register: Register) -> None:
    ref = need(register)
    mine = register.say("ke", f"change {ref} budget to 250000")
    saved(register, "ke2", register.say("ke2", f"change {ref} priority to urgent"))
    stopped = saved(register, "ke", mine)
    assert isinstance(stopped[-1], Review)
    assert "somebody else" in in_english(stopped)
    assert register.rows(Need)[0].amount == 200_000
    saved(register, "ke", stopped)
    [row] = register.rows(Need)
    assert (row.amount, row.priority, row.version) == (Decimal(250_000), "urgent", 3)


def test_a_record_that_was_withdrawn_meanwhile_is_not_changed(register: Register) -> None:
    ref = need(register)
    mine = register.say("ke", f"change {ref} budget to 250000")
    register.press("ke2", f"need.withdraw:{ref}")
    [refused] = saved(register, "ke", mine)
    assert isinstance(refused, Refusal)
    assert refused.code == "need_not_open"
    assert register.rows(Need)[0].amount == 200_000


def test_who_answered_is_told_what_changed_and_who_was_not_told_yet_reads_it_as_it_is(register: Register) -> None:
    register.donor("de", "GIZ")
    for donor in ("no", "de"):
        follow(register, donor, instruments=["TIP"])
    ref = need(register)
    register.press("no", f"match.interested:{ref}")
    saved(register, "ke", register.say("ke", f"change {ref} budget to 250000"))
    assert "USD 200,000 → USD 250,000" in in_english([replies for kind, replies in register.told("no") if kind == "news"])
    alerts = [in_english(replies) for kind, replies in register.told("de") if kind == "alert"]
    assert len(alerts) == 1
    assert "USD 250,000" in alerts[0]
    assert "USD 200,000" not in alerts[0].replace("about USD 200,000", "")


def test_a_change_finds_whom_it_concerns_now_and_calls_back_whom_it_does_not(register: Register) -> None:
    register.donor("de", "GIZ")
    follow(register, "no", assistance_types=["legislative_drafting"])
    follow(register, "de", assistance_types=["training"])
    ref = need(register)
    assert [len(register.told(handle)) for handle in ("no", "de")] == [1, 0]
    saved(register, "ke", register.say("ke", f"change {ref} types of assistance to training"))
    assert [len(register.told(handle)) for handle in ("no", "de")] == [0, 1]


def test_only_the_owner_changes_and_only_who_sees_it_reads_its_history(register: Register) -> None:
    ref = need(register)
    for handle, code in (("sn", "other_partys"), ("no", "not_allowed")):
        [refused] = register.say(handle, f"change {ref} budget to 1")
        assert isinstance(refused, Refusal)
        assert refused.code == code
    [history] = register.press("no", f"record.history:{ref}")
    assert isinstance(history, Listing)
    saved(register, "ke", register.say("ke", f"change {ref} visibility to secretariat"))
    [hidden] = register.press("no", f"record.history:{ref}")
    assert isinstance(hidden, Refusal)
    assert hidden.code == "no_such_record"
    [unknown] = register.press("ke", "record.history:Q-2026-0001")
    assert isinstance(unknown, Refusal)


def test_an_activity_is_changed_by_its_organization(register: Register) -> None:
    register.fill(
        "no", "activity", title="Training for judges", recipients=["KE"], assistance_types=["training"], instruments=["TIP"], status="1"
    )
    [activity] = register.rows(Activity)
    replies = register.say("no", f"change {activity.ref} status to being implemented")
    assert "Planned → Being implemented" in in_english(replies)
    saved(register, "no", replies)
    [changed] = register.rows(Activity)
    assert (changed.status, changed.version) == ("2", 2)
    [refused] = register.say("ke", f"change {activity.ref} title to Mine")
    assert isinstance(refused, Refusal)
    assert "changed" in in_english(register.say("no", "what changed?"))
