"""Reminders as rows: planned with the change that causes them, sent once to whoever acts then, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from handlers.conference import reminders
from storage.conference import ConferenceSession, Deadline, Reminder
from storage.people import Appointment, person_named
from storage.reference import parties
from tests.contracts.conference_house import ConferenceHouse, appoint, conference_house, tenth_session
from tests.tenth_session import SET_AT, ZONES, reminders_by_hand


@pytest.fixture
def house(database_url: str) -> Iterator[ConferenceHouse]:
    with conference_house(database_url) as house:
        yield house


def test_the_imported_session_is_planned_as_worked_out_by_hand(house: ConferenceHouse) -> None:
    with house.database.reading() as session:
        query = select(Reminder.party, Deadline.kind, Reminder.step, Reminder.due_at).join(
            Deadline, col(Reminder.deadline_id) == Deadline.id
        )
        planned = {(party, kind, step): due_at for party, kind, step, due_at in session.exec(query).all()}
    assert planned == reminders_by_hand()


def test_importing_the_session_again_makes_no_second_one(house: ConferenceHouse) -> None:
    with house.database.transaction() as session:
        again = tenth_session(session)
        assert session.exec(select(ConferenceSession.id)).all() == [again.id]


def test_a_reminder_goes_once_to_whoever_acts_for_the_party_then(house: ConferenceHouse) -> None:
    with house.database.transaction() as session:
        old = person_named(session, "ke")
        assert old is not None
        held = session.exec(select(Appointment).where(Appointment.person_id == old.id)).one()
        held.ended_at = SET_AT
        session.add(held)
        session.flush()
        appoint(session, "ke-new", "focal_point", "KE", "en", "Africa/Nairobi")
        reminders.replan_party(session, "KE", SET_AT)
    house.at("2020-09-27T10:00")
    house.tick()
    assert house.tick() == 0
    credentials = house.deadline("credentials")
    assert house.told()["ke-new"].count(f"reminder:{credentials}:1:KE:14d") == 1
    assert "ke" not in house.told()


def test_a_party_without_anybody_acting_gets_nothing(house: ConferenceHouse) -> None:
    with house.database.transaction() as session:
        held = session.exec(select(Appointment).where(Appointment.party == "KE")).one()
        held.ended_at = SET_AT
        session.add(held)
    house.at("2020-09-27T10:00")
    house.tick()
    assert house.states(house.deadline("credentials"), "KE")["14d"] == "dropped"
    assert "ke" not in house.told()


def test_after_downtime_only_the_latest_step_goes(house: ConferenceHouse) -> None:
    house.at("2020-10-10T12:00")
    house.tick()
    credentials = house.deadline("credentials")
    assert house.states(credentials, "KE") == {"14d": "missed", "3d": "missed", "24h": "sent", "2h": "planned"}
    assert [key for key in house.told()["ke"] if key.startswith(f"reminder:{credentials}:")] == [f"reminder:{credentials}:1:KE:24h"]


def test_after_the_closing_what_is_left_is_missed(house: ConferenceHouse) -> None:
    house.at("2020-10-11T10:00")
    house.tick()
    credentials = house.deadline("credentials")
    assert set(house.states(credentials, "FJ").values()) == {"missed"}
    assert not [key for key in house.told().get("fj", ()) if key.startswith(f"reminder:{credentials}:")]


def test_optional_steps_go_only_to_a_party_that_is_writing_something(house: ConferenceHouse) -> None:
    house.said("ke", "we want to submit a draft resolution")
    house.at("2020-09-07T22:00")
    house.tick()
    resolutions = house.deadline("draft_resolutions")
    assert house.states(resolutions, "KE")["14d"] == "sent"
    assert house.states(resolutions, "PE")["14d"] == "dropped"
    house.said("ke", "cancel")
    house.at("2020-09-18T22:00")
    house.tick()
    assert house.states(resolutions, "KE")["3d"] == "dropped"


def test_a_moved_deadline_plans_anew_and_repeats_no_notice(house: ConferenceHouse) -> None:
    house.tick()
    speakers = house.deadline("high_level_speakers")
    with house.database.transaction() as session:
        deadline = session.get_one(Deadline, speakers)
        deadline.closes_at = deadline.closes_at.replace(day=10)
        deadline.revision += 1
        session.add(deadline)
        reminders.replan(session, deadline, house.now)
    with house.database.reading() as session:
        rows = session.exec(select(Reminder).where(Reminder.deadline_id == speakers, Reminder.party == "FJ")).all()
        found = {(row.revision, row.step): row.state for row in rows}
    assert found == {
        (1, "notice"): "sent", (1, "14d"): "superseded", (1, "3d"): "superseded", (1, "24h"): "superseded", (1, "2h"): "superseded",
        (2, "14d"): "planned", (2, "3d"): "planned", (2, "24h"): "planned", (2, "2h"): "planned",
    }  # fmt: skip


def test_other_quiet_hours_move_what_is_planned_and_send_nothing_twice(house: ConferenceHouse) -> None:
    house.at("2020-09-27T10:00")
    house.tick()
    before = house.told()["pe"]
    with house.database.transaction() as session:
        person = person_named(session, "pe")
        assert person is not None
        assert person.id is not None
        person.quiet_from = person.quiet_until = None
        session.add(person)
        session.flush()
        reminders.replan_party(session, "PE", house.now)
    with house.database.reading() as session:
        query = select(Reminder.due_at).where(Reminder.deadline_id == house.deadline("credentials"), Reminder.party == "PE")
        due = session.exec(query.where(Reminder.state == "planned").order_by(col(Reminder.due_at))).all()
    assert [f"{at:%m-%dT%H:%M}" for at in due] == ["10-08T10:00", "10-10T10:00", "10-11T08:00"]
    house.tick()
    assert house.told()["pe"] == before


def test_a_changed_policy_replans_what_is_ahead(house: ConferenceHouse) -> None:
    house.said("sec", "remind 30 days, 7 days, 1 day before credentials")
    credentials = house.deadline("credentials")
    states = house.states(credentials, "KE")
    assert {step for step, state in states.items() if state == "planned"} == {"30d", "7d", "1d"}
    assert {step for step, state in states.items() if state == "superseded"} == {"14d", "3d", "24h", "2h"}
    assert house.states(house.deadline("speakers_list"), "KE")["14d"] == "planned"


def test_all_parties_with_six_steps_are_planned_and_told_once_each(house: ConferenceHouse) -> None:
    with house.database.transaction() as session:
        for code in [code for code in parties() if code not in ZONES]:
            appoint(session, code.lower() + "-focal", "focal_point", code, "en", "America/Lima")
        reminders.set_steps(session, "registration", ("30d", "14d", "7d", "3d", "24h", "2h"))
        conference = session.exec(select(ConferenceSession)).one()
        deadline = Deadline(session_id=conference.id or 0, kind="registration", closes_at=conference.opens_at, created_at=SET_AT)
        session.add(deadline)
        session.flush()
        reminders.replan(session, deadline, SET_AT)
        assert len(session.exec(select(Reminder.id).where(Reminder.deadline_id == deadline.id)).all()) == len(parties()) * 6
    house.at("2020-10-12T08:00")
    house.tick()
    with house.database.reading() as session:
        query = select(Reminder.party, Reminder.state).where(Reminder.deadline_id == house.deadline("registration"))
        sent = [party for party, state in session.exec(query).all() if state == "sent"]
    assert sorted(sent) == sorted(parties())
