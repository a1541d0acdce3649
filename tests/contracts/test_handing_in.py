"""Handing in, withdrawing, asking what is due, setting deadlines and moving the session, as said in a conversation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from handlers.conversation.present import said_as
from handlers.conversation.reply import Ask, Listing, Receipt, Refusal, Replies, Review
from handlers.conversation.words import Reader, missed, say
from storage.conference import ConferenceSession, Deadline, Meeting, Submission
from storage.records import Audit
from tests.contracts.conference_house import ConferenceHouse, action, conference_house, words

CREDENTIALS = {
    "ke": "We would like to submit our credentials",
    "pe": "Queremos presentar nuestras credenciales",
    "mn": "Мы хотим представить полномочия",
}


@pytest.fixture
def house(database_url: str) -> Iterator[ConferenceHouse]:
    with conference_house(database_url) as house:
        yield house


@pytest.fixture(autouse=True)
def _every_word_is_there() -> Iterator[None]:
    before = set(missed)
    yield
    assert missed - before == set()


def hand_in(house: ConferenceHouse, handle: str, opening: str, title: str) -> Replies:
    """Say what it is, give the title, skip the text, save."""
    asked = house.said(handle, opening)
    assert isinstance(asked[0], Ask), words(asked[0])
    assert asked[0].field == "title"
    house.said(handle, title)
    review = house.said(handle, "skip")
    assert isinstance(review[0], Review)
    return house.pressed(handle, action(review, "form.save"))


def code(replies: Replies) -> str:
    assert isinstance(replies[0], Refusal), words(replies[0])
    return replies[0].code


@pytest.mark.parametrize("handle", sorted(CREDENTIALS))
def test_handing_in_gives_a_receipt_and_stops_the_reminders(house: ConferenceHouse, handle: str) -> None:
    (receipt,) = hand_in(house, handle, CREDENTIALS[handle], "Credentials")
    assert isinstance(receipt, Receipt)
    assert receipt.ref == "C-2020-0001"
    credentials = house.deadline("credentials")
    assert set(house.states(credentials, handle.upper()).values()) == {"dropped"}
    assert set(house.states(house.deadline("credentials_provisional"), handle.upper()).values()) == {"dropped"}
    house.at("2020-10-10T12:00")
    house.tick()
    assert not [key for key in house.told().get(handle, []) if key.startswith(f"reminder:{credentials}:")]


def test_receipts_are_numbered_in_the_order_of_receipt(house: ConferenceHouse) -> None:
    hand_in(house, "fj", "submit our credentials", "Fiji")
    hand_in(house, "ke", "submit our credentials", "Kenya")
    with house.database.reading() as session:
        rows = session.exec(select(Submission)).all()
        found = {row.party: (row.ref, row.place_in_order, row.received_at, row.language) for row in rows}
        audited = session.exec(select(Audit.subject).where(Audit.action == "submission.received")).all()
    assert found == {"FJ": ("C-2020-0001", 1, house.now, "en"), "KE": ("C-2020-0002", 2, house.now, "en")}
    assert sorted(map(str, audited)) == ["C-2020-0001", "C-2020-0002"]


def test_withdrawing_plans_the_reminders_again(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    house.at("2020-09-28T10:00")
    house.said("ke", "withdraw C-2020-0001")
    assert house.states(house.deadline("credentials"), "KE") == {"14d": "dropped", "3d": "planned", "24h": "planned", "2h": "planned"}
    with house.database.reading() as session:
        assert session.exec(select(Submission.state)).all() == ["withdrawn"]


def test_nobody_withdraws_for_another_party(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    assert code(house.said("fj", "withdraw C-2020-0001")) == "submission_unknown"
    assert code(house.said("ke", "withdraw C-2020-0009")) == "submission_unknown"


def test_a_second_hand_in_says_that_it_replaces_the_first_and_both_receipts_stay(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    house.said("ke", "submit our credentials")
    house.said("ke", "Kenya, amended")
    (review,) = house.said("ke", "skip")
    assert isinstance(review, Review)
    assert [note.key for note in review.notes] == ["submission.closes", "submission.replaces"]
    house.pressed("ke", action((review,), "form.save"))
    with house.database.reading() as session:
        assert sorted(session.exec(select(Submission.ref)).all()) == ["C-2020-0001", "C-2020-0002"]


def test_only_a_focal_point_hands_in(house: ConferenceHouse) -> None:
    for handle in ("sec", "donor", "igo"):
        assert code(house.said(handle, "submit our credentials")) == "not_allowed"


def test_before_the_opening_and_after_the_closing_it_says_when_and_whom_to_contact(house: ConferenceHouse) -> None:
    early = house.said("ke", "put us on the list of speakers")
    assert code(early) == "deadline_not_open"
    assert "31 August 2020, 00:00" in words(early[0])
    house.at("2020-10-09T10:00")
    late = house.said("ke", "put us on the list of speakers")
    assert code(late) == "deadline_closed"
    assert "12:00 (Vienna time)" in words(late[0])
    assert "the secretariat, at the address given in the invitations" in words(late[0])


def test_a_form_that_was_open_when_it_closed_is_refused_and_kept(house: ConferenceHouse) -> None:
    house.at("2020-10-09T09:59")
    house.said("ke", "put us on the list of speakers")
    house.said("ke", "H.E. the Minister of Justice")
    review = house.said("ke", "skip")
    house.at("2020-10-09T10:00")
    assert code(house.pressed("ke", action(review, "form.save"))) == "deadline_closed"
    with house.database.reading() as session:
        assert session.exec(select(Submission)).all() == []


def test_credentials_go_to_the_provisional_deadline_once_the_first_has_closed(house: ConferenceHouse) -> None:
    house.at("2020-10-13T10:00")
    (receipt,) = hand_in(house, "ke", "submit our credentials", "Kenya")
    assert isinstance(receipt, Receipt)
    with house.database.reading() as session:
        assert session.exec(select(Submission.deadline_id)).all() == [house.deadline("credentials_provisional")]


def test_a_draft_taken_up_from_a_reminder_goes_on_where_it_was(house: ConferenceHouse) -> None:
    house.said("ke", "we want to submit a draft resolution")
    house.said("ke", "Draft resolution on central authorities")
    house.tick()
    reminder = house.body(f"reminder:{house.deadline('draft_resolutions')}:1:KE:notice")
    (asked,) = house.pressed("ke", action(reminder, "submission.start"))
    assert isinstance(asked, Ask)
    assert asked.field == "note"


def test_what_is_due_is_this_party_s_own(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    (mine,) = house.said("ke", "what is due?")
    (theirs,) = house.said("fj", "what is due?")
    assert isinstance(mine, Listing)
    assert "what is due for Kenya" in words(mine)
    assert "Received: C-2020-0001" in words(mine)
    assert "credentials received, C-2020-0001" in words(mine)
    assert "C-2020-0001" not in words(theirs)
    assert len(mine.items) == 5


def test_the_secretariat_reads_how_many_have_handed_in_and_others_do_not(house: ConferenceHouse) -> None:
    hand_in(house, "ke", "submit our credentials", "Kenya")
    (secretariat,) = house.said("sec", "what is due?")
    (donor,) = house.said("donor", "what is due?")
    assert "1 of 4 parties has handed in" in words(secretariat)
    assert "Communication of the budget" in words(secretariat)
    assert "handed in" not in words(donor)
    assert "budget" not in words(donor)


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_goes_on(house: ConferenceHouse) -> None:
    house.said("ke", "submit our credentials")
    replies = house.said("ke", "what is due?")
    assert isinstance(replies[0], Listing)
    assert isinstance(replies[-1], Ask)


def test_the_secretariat_changes_a_deadline_and_everyone_affected_is_told(house: ConferenceHouse) -> None:
    (review,) = house.said("sec", "change deadline credentials to 15 October 18:00")
    assert isinstance(review, Review)
    house.pressed("sec", action((review,), "form.save"))
    number = house.deadline("credentials")
    with house.database.reading() as session:
        deadline = session.get_one(Deadline, number)
        assert (f"{deadline.closes_at:%m-%dT%H:%M}", deadline.revision) == ("10-15T16:00", 2)
        assert deadline.closes_said == {"wall": "2020-10-15T18:00", "hour_stated": True}
    assert {handle for handle, keys in house.told("notice").items() if keys} == {"ke", "pe", "mn", "fj", "igo"}
    house.at("2020-10-01T16:00")
    house.tick()
    assert f"reminder:{number}:2:KE:14d" in house.told()["ke"]


def closing_of(house: ConferenceHouse, kind: str) -> tuple[str, object]:
    with house.database.reading() as session:
        deadline = session.get_one(Deadline, house.deadline(kind))
        return f"{deadline.closes_at:%m-%dT%H:%M}", deadline.closes_said["wall"]


def closes_reviewed(replies: Replies) -> str:
    assert isinstance(replies[0], Review), words(replies[0])
    [closes] = [line.value for line in replies[0].fields if line.name == "closes"]
    return say(closes, Reader("en", "Europe/Vienna"))


def test_24_00_is_the_end_of_the_day_that_was_said_and_shown_as_such(house: ConferenceHouse) -> None:
    review = house.said("sec", "change deadline credentials to 15 October 2020 24:00")
    assert closes_reviewed(review) == "15 October 2020, 24:00"
    (done,) = house.pressed("sec", action(review, "form.save"))
    assert "Thursday, 15 October 2020, 24:00 (Vienna time)" in words(done)
    assert closing_of(house, "credentials") == ("10-15T22:00", "2020-10-15T24:00")


def test_midnight_is_asked_about_and_the_one_picked_is_kept(house: ConferenceHouse) -> None:
    (asked,) = house.said("sec", "change deadline credentials to midnight on 15 October 2020")
    assert isinstance(asked, Ask), words(asked)
    assert [choice.value for choice in asked.choices] == ["2020-10-15T00:00", "2020-10-15T24:00"]
    review = house.said("sec", asked.choices[1].value)
    house.pressed("sec", action(review, "form.save"))
    assert closing_of(house, "credentials") == ("10-15T22:00", "2020-10-15T24:00")


def test_a_whole_form_handed_in_again_keeps_24_00(house: ConferenceHouse) -> None:
    review = house.said("sec", "change deadline credentials to 15 October 2020 18:00")
    assert isinstance(review[0], Review)
    (again,) = house.answered("sec", review[0].draft, closes=said_as({"wall": "2020-10-15T24:00", "hour_stated": True}))
    assert closes_reviewed((again,)) == "15 October 2020, 24:00"


def test_a_session_moved_to_24_00_opens_at_the_next_days_beginning(house: ConferenceHouse) -> None:
    (listing,) = house.said("sec", "move session to 18 October 2020 24:00")
    assert "Monday, 19 October 2020, 00:00 (Vienna time)" in words(listing)


def test_a_deadline_by_offset_is_set_by_talking(house: ConferenceHouse) -> None:
    house.said("sec", "set deadline comments")
    house.said("sec", "2 weeks before the opening")
    review = house.said("sec", "optional")
    review = house.said("sec", "skip the rest") if isinstance(review[0], Ask) else review
    house.pressed("sec", action(review, "form.save"))
    with house.database.reading() as session:
        deadline = session.exec(select(Deadline).where(Deadline.kind == "comments")).one()
    assert f"{deadline.closes_at:%m-%dT%H:%M}" == "09-28T22:00"
    assert deadline.closes_said == {"offset": {"count": 2, "unit": "weeks", "anchor": "opening"}}


def test_only_the_secretariat_sets_deadlines_moves_sessions_and_changes_the_policy(house: ConferenceHouse) -> None:
    for said in ("set deadline comments", "move session to 19 October 2020", "remind 30 days before credentials"):
        assert code(house.said("ke", said)) == "not_allowed"


def test_moving_the_session_shows_first_then_moves_what_is_relative(house: ConferenceHouse) -> None:
    shown = house.said("sec", "move session to 19 October 2020")
    assert "Moves with the session. Submission of credentials" in words(shown[0])
    assert "Does not move (a fixed date): please check. List of speakers" in words(shown[0])
    assert "would then lie before the opening: please set a new one. Presentation of proper credentials" in words(shown[0])
    assert "Communication of the budget" not in words(shown[0])  # it is over
    assert "5 people will be told" in words(shown[0])
    assert "Nothing has moved" in words(house.pressed("sec", action(shown, "session.keep"))[0])
    with house.database.reading() as session:
        assert session.exec(select(ConferenceSession.revision)).one() == 1
    house.pressed("sec", action(shown, "session.move"))
    with house.database.reading() as session:
        conference = session.exec(select(ConferenceSession)).one()
        closes = {deadline.kind: f"{deadline.closes_at:%m-%dT%H:%M}" for deadline in session.exec(select(Deadline)).all()}
        first = min(meeting.starts_at for meeting in session.exec(select(Meeting)).all() if meeting.items)
    assert (f"{conference.opens_at:%m-%dT%H:%M}", f"{conference.closes_at:%m-%dT%H:%M}") == ("10-19T10:00", "10-23T16:00")
    assert f"{first:%m-%dT%H:%M}" == "10-19T10:00"
    assert (closes["credentials"], closes["speakers_list"], closes["budget"]) == ("10-18T10:00", "10-09T10:00", "08-13T22:00")
    assert {handle for handle, keys in house.told("notice").items() if keys} == {"ke", "pe", "mn", "fj", "igo"}


def test_a_session_is_not_moved_into_the_past(house: ConferenceHouse) -> None:
    assert code(house.said("sec", "move session to 1 January 2019")) == "move_into_past"


def test_a_move_confirmed_twice_moves_once(house: ConferenceHouse) -> None:
    shown = house.said("sec", "move session to 19 October 2020")
    house.pressed("sec", action(shown, "session.move"))
    assert code(house.pressed("sec", action(shown, "session.move"))) == "session_changed"


ABOUT_ITEM_5 = {"CTOC/COP/2020/5", "CTOC/COP/2020/7", "CTOC/COP/2020/CRP.5"}


def test_documents_are_found_by_agenda_item_or_symbol(house: ConferenceHouse) -> None:
    asked = {
        ("ke", "which documents for item 5?"): ABOUT_ITEM_5,
        ("igo", "Quels documents pour le point 5 ?"): ABOUT_ITEM_5,
        ("mn", "Какие документы по пункту 6?"): {"CTOC/COP/2020/9"},
        ("ke", "show me the document CTOC/COP/2020/7"): {"CTOC/COP/2020/7"},
        ("ke", "which documents for item 8?"): set(),
    }
    for (handle, said), symbols in asked.items():
        (listing,) = house.said(handle, said)
        assert isinstance(listing, Listing)
        assert {str(item.text.params["symbol"]) for item in listing.items} == symbols


def test_an_item_the_agenda_does_not_have_is_refused(house: ConferenceHouse) -> None:
    assert code(house.said("ke", "which documents for item 17?")) == "no_agenda_item"


def test_the_agenda_shows_the_meetings_of_today_then_of_the_next_day(house: ConferenceHouse) -> None:
    house.at("2020-10-14T15:00")
    (wednesday,) = house.said("ke", "agenda")
    assert "Item 5: Technical assistance" in words(wednesday)
    assert "Item 3:" not in words(wednesday)
    house.at("2020-10-14T18:00")
    (thursday,) = house.said("ke", "agenda")
    assert words(thursday).count("Committee of the Whole") == 2


def test_when_nothing_is_open_there_is_nothing_to_hand_in(house: ConferenceHouse) -> None:
    house.at("2020-10-16T10:00")
    assert code(house.said("ke", "submit")) == "nothing_open"


def test_without_saying_what_for_it_is_asked_among_what_is_open(house: ConferenceHouse) -> None:
    (asked,) = house.said("ke", "I want to submit something")
    assert isinstance(asked, Ask)
    assert asked.field == "deadline"
    assert len(asked.choices) == 4
    (next_one,) = house.said("ke", "credentials")
    assert isinstance(next_one, Ask)


def test_remind_me_asks_what_is_due_and_only_numbers_change_the_policy(house: ConferenceHouse) -> None:
    (due,) = house.said("ke", "remind me what we still owe")
    assert "what is due for Kenya" in words(due)
    (standing,) = house.said("sec", "reminders")
    assert "All deadlines: 14 days, 3 days, 24 hours and 2 hours" in words(standing)
    assert code(house.said("sec", "remind 500 days before credentials")) == "policy_steps"
