"""Laws of reminders, whatever the zones, nights, policies and moments, days on which clocks change included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from handlers.conference import reminders
from handlers.conference.planning import NOTICE, Due, Planned, Reached, plan, step_at
from handlers.conference.quiet import Hours, last_waking
from storage.conference import ConferenceSession, Deadline, Reminder
from storage.database import Database
from storage.people import Appointment, Person
from tests.databases import furnished_sqlite_url

ZONES = (
    "Europe/Vienna", "America/Lima", "Pacific/Fiji", "Asia/Ulaanbaatar", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia",
    "Africa/Casablanca", "Australia/Lord_Howe", "Africa/Nairobi", "UTC",
)  # fmt: skip

zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2019, 1, 1), datetime(2031, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001
walls = st.times().map(lambda moment: f"{moment:%H:%M}")
nights = st.builds(Hours, zones, st.none() | walls, walls)
steps = st.one_of(
    st.integers(1, 60).map(lambda days: f"{days}d"),
    st.integers(1, 72).map(lambda hours: f"{hours}h"),
)
policies = st.lists(steps, max_size=8)
leads = st.integers(1, 90 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


Case = tuple[Due, list[Reached], list[str], datetime]
"""A deadline, the parties, the policy and now."""


@st.composite
def plannings(draw: st.DrawFn) -> Case:
    closes_at = draw(instants)
    opens_at = draw(st.none() | leads.map(lambda lead: closes_at - lead))
    due = Due(draw(zones), closes_at, opens_at, expected=draw(st.booleans()))
    parties = [Reached(party, draw(nights)) for party in draw(st.lists(st.sampled_from(("PE", "FJ", "MN", "KE")), unique=True))]
    return due, parties, draw(policies), closes_at - draw(leads)


def awake(instant: datetime, hours: Hours) -> bool:
    """By the wall clock alone, so that it owes nothing to the code it checks."""
    if not hours.quiet_from or not hours.quiet_until or hours.quiet_from == hours.quiet_until:
        return True
    wall = instant.astimezone(ZoneInfo(hours.zone)).time()
    begins, ends = time.fromisoformat(hours.quiet_from), time.fromisoformat(hours.quiet_until)
    asleep = begins < wall < ends if begins < ends else wall > begins or wall < ends
    return not asleep


@given(plannings())
def test_nothing_goes_before_now_or_after_the_deadline(given_: Case) -> None:
    due, parties, policy, now = given_
    for row in plan(due, parties, policy, now=now):
        assert row.missed == (row.due_at < now)
        assert row.due_at < due.closes_at


@given(plannings())
def test_nothing_goes_in_quiet_hours(given_: Case) -> None:
    due, parties, policy, now = given_
    hours = {reached.party: reached.hours for reached in parties}
    for row in plan(due, parties, policy, now=now):
        at_once = row.step == NOTICE and row.due_at == now
        assert at_once or awake(row.due_at, hours[row.party]) or awake(row.due_at - timedelta(minutes=1), hours[row.party])


@given(plannings())
def test_every_open_deadline_reaches_every_party_and_no_step_twice(given_: Case) -> None:
    due, parties, policy, now = given_
    rows = plan(due, parties, policy, now=now)
    keys = [(row.party, row.step) for row in rows]
    assert len(keys) == len(set(keys))
    assert {row.party for row in rows if not row.missed} == {reached.party for reached in parties}


@given(plannings())
def test_no_step_is_dropped_unless_a_more_urgent_one_goes_at_the_same_moment(
    given_: Case,
) -> None:
    due, parties, policy, now = given_
    rows = plan(due, parties, policy, now=now)
    moments = {(row.party, row.due_at) for row in rows if row.step != NOTICE}
    for reached in parties:
        for step in policy:
            at = step_at(step, due.closes_at, due.zone)
            assert (reached.party, last_waking(max(at, due.opens_at or at), reached.hours)) in moments


@given(plannings())
def test_planning_does_not_depend_on_the_order_of_the_policy_or_of_the_parties(
    given_: Case,
) -> None:
    due, parties, policy, now = given_
    assert set(plan(due, parties, policy, now=now)) == set(plan(due, parties[::-1], policy[::-1], now=now))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(furnished_sqlite_url(tmp_path_factory.mktemp("reminders")))
    yield database
    database.close()


LIMA = Reached("PE", Hours("America/Lima", "22:00", "07:00"))
CLOSES_AT = datetime(2020, 10, 9, 10, tzinfo=UTC)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plannings(), st.integers(0, 30 * 24 * 60))
@example((Due("Europe/Vienna", CLOSES_AT), [LIMA], ["2h"], CLOSES_AT - timedelta(days=9)), 60)
def test_planning_again_changes_nothing_and_later_never_adds(database: Database, given_: Case, minutes: int) -> None:
    with database.transaction() as session:
        undone = session.begin_nested()
        _plan_three_times(session, given_, timedelta(minutes=minutes))
        undone.rollback()


def _plan_three_times(session: Session, given_: Case, passed: timedelta) -> None:
    due, parties, policy, now = given_
    later = now + passed
    deadline = _stored(session, due, parties, policy, now)
    once = _rows(session)
    assert {party for party, *_ in once} == {reached.party for reached in parties}
    reminders.replan(session, deadline, now)
    assert _rows(session) == once
    reminders.replan(session, deadline, later)
    again = _rows(session)
    assert {(party, step) for party, step, *_ in again} == {(party, step) for party, step, *_ in once}
    assert all(row in once or row[2] >= later for row in again)


def _rows(session: Session) -> set[tuple[str, str, datetime, str]]:
    query = select(Reminder).execution_options(populate_existing=True).order_by(col(Reminder.id))
    return {(row.party, row.step, row.due_at, row.state) for row in session.exec(query).all()}


def _stored(session: Session, due: Due, parties: list[Reached], policy: list[str], now: datetime) -> Deadline:
    conference = ConferenceSession(
        body="COP",
        number=10,
        symbol="S",
        zone=due.zone,
        opens_at=due.closes_at,
        closes_at=due.closes_at + timedelta(days=4),
        created_at=now,
    )
    session.add(conference)
    session.flush()
    for reached in parties:
        _focal_point(session, reached, now)
    deadline = Deadline(
        session_id=conference.id or 0, kind="other", expectation="expected" if due.expected else "optional",
        closes_at=due.closes_at, opens_at=due.opens_at, created_at=now,
    )  # fmt: skip
    session.add(deadline)
    session.flush()
    reminders.set_steps(session, "other", tuple(policy))
    reminders.replan(session, deadline, now)
    return deadline


def _focal_point(session: Session, reached: Reached, now: datetime) -> None:
    hours = reached.hours
    person = Person(name=reached.party, zone=hours.zone, quiet_from=hours.quiet_from, quiet_until=hours.quiet_until, created_at=now)
    session.add(person)
    session.flush()
    appointment = Appointment(person_id=person.id or 0, role="focal_point", party=reached.party, convention="UNTOC", created_at=now)
    appointment.standing = "acting"
    session.add(appointment)
    session.flush()


def test_the_laws_were_held_against_plans_that_say_something() -> None:
    rows = plan(Due("Europe/Vienna", CLOSES_AT), [LIMA], ["2h"], now=CLOSES_AT - timedelta(days=9))
    assert rows == (Planned("PE", "2h", datetime(2020, 10, 9, 3, tzinfo=UTC)),)
