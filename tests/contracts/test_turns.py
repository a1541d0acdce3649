"""One turn, one transaction, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import col, select

from handlers.conversation.press import press
from handlers.conversation.reply import Ask, Receipt, Refusal, Review, Say
from handlers.conversation.turn import Answered, Pressed, Said, Turn, What, Where, Who
from storage.needs import Need
from storage.outbox import Outbox
from storage.records import Audit
from storage.reference import instruments
from tests.house import Desk, desk_on, text_of

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as desk:
        desk.add("sec", "secretariat")
        desk.add("ke", "focal_point", party="KE")
        desk.add("donor", "donor", organization="Norad")
        yield desk


def _needs(desk: Desk) -> list[Need]:
    with desk.house.database.reading() as session:
        return list(session.exec(select(Need).order_by(col(Need.id))).all())


def _registered(desk: Desk) -> Review:
    asked = desk.say("ke", NEED).replies[-1]
    assert isinstance(asked, Ask)
    review = desk.press("ke", press("form.skip_rest", asked.draft)).replies[-1]
    assert isinstance(review, Review)
    return review


def _primary(review: Review) -> str:
    [save] = [action.id for action in review.actions if action.style == "primary"]
    return save


def test_a_need_said_in_one_sentence_is_registered(desk: Desk) -> None:
    receipt = desk.press("ke", _primary(_registered(desk))).replies[0]
    assert isinstance(receipt, Receipt)
    assert receipt.ref == "N-2026-0001"
    [need] = _needs(desk)
    assert (need.party, str(need.needed_by), need.amount, need.currency) == ("KE", "2027-06-30", Decimal(200000), "USD")


def test_every_message_twice_leaves_one_record(desk: Desk) -> None:
    first = desk.say("ke", NEED, event="m1")
    again = desk.say("ke", NEED, event="m1")
    assert again.again
    assert again.replies == first.replies
    asked = first.replies[-1]
    assert isinstance(asked, Ask)
    for _ in range(2):
        review = desk.press("ke", press("form.skip_rest", asked.draft), event="m2").replies[-1]
    assert isinstance(review, Review)
    receipts = [desk.press("ke", _primary(review), event="m3").replies for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert len(_needs(desk)) == 1


def test_a_save_pressed_twice_as_two_events_saves_once(desk: Desk) -> None:
    save = _primary(_registered(desk))
    desk.press("ke", save)
    [refusal] = desk.press("ke", save).replies
    assert isinstance(refusal, Refusal)
    assert refusal.code == "form_saved"
    assert len(_needs(desk)) == 1


def test_an_old_review_does_not_save_what_changed_since(desk: Desk) -> None:
    old = _registered(desk)
    desk.press("ke", press("form.edit", old.draft, "title"))
    desk.say("ke", "Another title")
    shown = desk.press("ke", _primary(old)).replies[-1]
    assert isinstance(shown, Review)
    assert not _needs(desk)


def test_a_refusal_undoes_the_turn_and_stays_on_record(desk: Desk) -> None:
    [refusal] = desk.say("donor", NEED).replies
    assert isinstance(refusal, Refusal)
    with desk.house.database.reading() as session:
        [row] = session.exec(select(Audit).where(Audit.outcome == "refused")).all()
    assert row.action == f"refused.{refusal.code}"
    assert not _needs(desk)


def test_somebody_elses_form_is_refused(desk: Desk) -> None:
    review = _registered(desk)
    [refusal] = desk.press("donor", _primary(review)).replies
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_your_form"
    assert not _needs(desk)


def test_cancel_can_be_undone(desk: Desk) -> None:
    review = _registered(desk)
    said = desk.say("ke", "cancel").replies[0]
    assert isinstance(said, Say)
    again = desk.say("ke", "undo").replies[-1]
    assert isinstance(again, Review)
    assert again.fields == review.fields


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(desk: Desk) -> None:
    asked = desk.say("ke", "We need training on firearms").replies[-1]
    assert isinstance(asked, Ask)
    replies = desk.say("ke", "what is due?").replies
    assert len(replies) > 1
    assert isinstance(replies[-1], Ask)
    assert replies[-1].field == asked.field


def test_a_form_goes_on_in_another_process(desk: Desk, database_url: str, tmp_path: Path) -> None:
    asked = desk.say("ke", "We need training on firearms").replies[-1]
    assert isinstance(asked, Ask)
    with desk_on(database_url, tmp_path) as other:
        other.people = desk.people
        review = other.press("ke", press("form.skip_rest", asked.draft), event="elsewhere").replies[-1]
    assert isinstance(review, Review)


def test_an_unknown_button_is_refused_in_words(desk: Desk) -> None:
    for packed in (
        "old.verb:1",
        "form.pick",
        "form.cancel",
        "form.new",
        "form.new:nothing",
        "",
        "form.save:zzz:1",
        ":::",
        "match.interested:N-1999-0001",
    ):
        reply = desk.press("ke", packed).replies[-1]
        assert isinstance(reply, Refusal), packed
        assert reply.code != "unexpected", packed


def test_the_donor_is_told_once_with_reasons(desk: Desk) -> None:
    asked = desk.press("donor", press("form.new", "subscription")).replies[-1]
    assert isinstance(asked, Ask)
    desk.answer("donor", asked.draft, instruments=["TIP"], frequency="at_once")
    review = desk.press("donor", press("form.skip_rest", asked.draft)).replies[-1]
    assert isinstance(review, Review)
    desk.press("donor", _primary(review))
    desk.press("ke", _primary(_registered(desk)))
    with desk.house.database.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.kind == "alert")).all()
    assert [row.person_id for row in rows] == [desk.people["donor"]]


def test_a_fault_of_ours_shows_a_number_and_changes_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def broken(context: object, args: object) -> None:
        raise ZeroDivisionError

    routes = desk.house.dispatcher.routes
    desk.house.dispatcher.routes = replace(routes, presses={**routes.presses, "help.show": broken})  # type: ignore[dict-item]
    heard = desk.press("ke", "help.show")
    [refusal] = heard.replies
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unexpected"
    assert str(refusal.text.params["reference"]) in text_of(refusal, heard.reader)
    assert "ZeroDivisionError" in caplog.text


STRANGE = "a\x00b\ud800c"


@pytest.mark.parametrize(
    "what", [Said(STRANGE), Pressed(f"form.save:{STRANGE}"), Pressed("need.show:N%00"), Answered(STRANGE, {STRANGE: [STRANGE]})]
)
def test_what_no_database_can_hold_is_answered_in_words(desk: Desk, what: What) -> None:
    for reply in desk.hear("ke", what).replies:
        assert not (isinstance(reply, Refusal) and reply.code == "unexpected")


def test_a_title_with_a_nul_in_a_button_is_saved_without_it(desk: Desk) -> None:
    review = _registered(desk)
    desk.press("ke", press("form.edit", review.draft, "title"))
    shown = desk.press("ke", f"form.pick:{review.draft}:title:abc%00def").replies[-1]
    assert isinstance(shown, Review)
    assert isinstance(desk.press("ke", _primary(shown)).replies[0], Receipt)
    assert _needs(desk)[0].title == "abcdef"


def test_ids_of_any_length_are_kept(desk: Desk) -> None:
    who = Who(key="k" * 400, name="n" * 400, locale="l" * 60)
    turn = Turn("e" * 500, "desk", who, Where(key=who.key), Said("help"))
    first, again = desk.house.dispatcher.dispatch(turn), desk.house.dispatcher.dispatch(turn)
    assert again.again
    assert again.replies == first.replies


def test_one_event_id_of_two_accounts_shows_nobody_the_others_answer(desk: Desk) -> None:
    desk.say("ke", NEED, event="shared")
    [refusal] = desk.say("donor", "help", event="shared").replies
    assert isinstance(refusal, Refusal)


def test_undo_takes_back_a_cancelling_and_nothing_older(desk: Desk) -> None:
    desk.press("ke", press("form.new", "need"))
    desk.say("ke", "cancel")
    desk.clock.now += timedelta(minutes=1)
    desk.press("ke", _primary(_registered(desk)))
    [said] = desk.say("ke", "undo").replies
    assert said.text.key == "form.nothing_to_undo"


def test_a_guess_that_was_not_taken_gives_way_to_the_list(desk: Desk) -> None:
    asked = desk.press("ke", press("form.new", "need")).replies[-1]
    assert isinstance(asked, Ask)
    desk.say("ke", "Training of judges")
    desk.say("ke", "training")
    for said in ("smugling of migrnts", "qwertyuiop"):
        asked = desk.say("ke", said).replies[-1]
        assert isinstance(asked, Ask)
    assert [choice.value for choice in asked.choices] == list(instruments())


def test_nobody_is_offered_what_is_not_theirs(desk: Desk) -> None:
    for text in ("needs", "what needs are there", "hmm"):
        heard = desk.say("donor", text)
        assert "form.new:need" not in [action.id for reply in heard.replies for action in reply.actions]


@pytest.mark.parametrize("label", ["Register a need", "enregistrer un besoin", "登记需求"])
def test_the_label_of_an_offer_typed_is_its_button_pressed(desk: Desk, label: str) -> None:
    asked = desk.say("ke", label).replies[-1]
    assert isinstance(asked, Ask)
    assert asked.field == "title"


def test_a_currency_is_asked_and_taken_from_a_sum(desk: Desk) -> None:
    desk.say("ke", "We need training on firearms by 30 June 2027")
    asked = desk.say("ke", "300000").replies[-1]
    assert isinstance(asked, Ask)
    assert (asked.field, asked.optional) == ("currency", False)
    review = desk.say("ke", "EUR 300,000").replies[-1]
    assert isinstance(review, Ask)
    assert review.field != "currency"


def test_not_knowing_skips_what_may_be_skipped(desk: Desk) -> None:
    asked = desk.say("ke", "We need training on firearms by 30 June 2027").replies[-1]
    assert isinstance(asked, Ask)
    then = desk.say("ke", "no idea").replies[-1]
    assert isinstance(then, Ask)
    assert then.field != asked.field
