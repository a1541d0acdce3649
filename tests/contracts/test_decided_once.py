"""What two people, or one person on two doors, press at the same moment is decided once; the other is told so in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from threading import Barrier
from time import monotonic

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from handlers.conference.importing import import_session
from handlers.conversation.dispatch import Heard
from handlers.conversation.reply import Action, Ask, Listing, Refusal, Review
from handlers.conversation.turn import Pressed, Said, Turn, What, Where, Who
from handlers.people.linking import keep_code
from storage import turns
from storage.conference import ConferenceSession, Deadline
from storage.matches import Match
from storage.needs import Need
from storage.outbox import Outbox
from storage.people import Appointment, Identity, RoleRequest
from tests.databases import PostgresServer
from tests.house import NOW, Desk, desk_on

ROUNDS = 4
"""How often each pair is raced: once is often luck."""

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as opened:
        opened.add("sec", "secretariat")
        opened.add("sec2", "secretariat")
        opened.add("ke", "focal_point", party="KE")
        opened.add("no", "donor", organization="Norad")
        yield opened


def both(first: Callable[[], Heard], second: Callable[[], Heard]) -> tuple[Heard, Heard]:
    """The answers to two turns that are let go at the same moment; neither failed."""
    gate = Barrier(2)

    def let_go(turn: Callable[[], Heard]) -> Heard:
        gate.wait(timeout=10)
        return turn()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(let_go, (first, second))
    assert "unexpected" not in (*refusals(one), *refusals(other))
    return one, other


def refusals(*heard: Heard) -> list[str]:
    return [reply.code for turn in heard for reply in turn.replies if isinstance(reply, Refusal)]


def offered(heard: Heard, verb: str) -> str:
    """The first button of a verb."""
    shown: list[Action] = [action for reply in heard.replies for action in reply.actions]
    shown += [action for reply in heard.replies if isinstance(reply, Listing) for item in reply.items for action in item.actions]
    return next(action.id for action in shown if action.id.split(":")[0] == verb)


def reviewed(desk: Desk, handle: str, heard: Heard) -> Heard:
    """A form skipped through to its review."""
    while isinstance(heard.replies[-1], Ask):
        heard = desk.say(handle, "skip")
    assert isinstance(heard.replies[-1], Review)
    return heard


def on_slack(desk: Desk, key: str, what: What, event: str) -> Heard:
    return desk.house.dispatcher.dispatch(Turn(event, "slack", Who(key, name="Somebody"), Where(key), what))


def asked_for_a_role(desk: Desk, handle: str, organization: str) -> int:
    draft = _draft(desk.press(handle, "form.new:role"))
    heard = desk.answer(handle, draft, role="donor", organization=organization)
    desk.press(handle, offered(reviewed(desk, handle, heard), "form.save"))
    with desk.house.database.reading() as session:
        return session.exec(select(RoleRequest.id).where(RoleRequest.person_id == desk.people[handle])).one() or 0


def _draft(heard: Heard) -> str:
    last = heard.replies[-1]
    assert isinstance(last, Ask | Review)
    return last.draft


def test_a_code_links_one_account(desk: Desk) -> None:
    for number in range(ROUNDS):
        code = f"ABCDEFGH{number}"
        with desk.house.database.transaction() as session:
            keep_code(session, code, person_id=desk.people["ke"], now=NOW)
        first, second = (partial(on_slack, desk, f"T:{u}{number}", Said(f"link {code}"), f"link{u}{number}") for u in "AB")
        assert refusals(*both(first, second)) == ["code_unknown"]
    with desk.house.database.reading() as session:
        linked = session.exec(select(Identity).where(Identity.door == "slack", Identity.person_id == desk.people["ke"])).all()
    assert len(linked) == ROUNDS


def test_a_code_too_old_is_told_from_an_unknown_one(desk: Desk) -> None:
    with desk.house.database.transaction() as session:
        keep_code(session, "ABCDEFGH", person_id=desk.people["ke"], now=datetime(2026, 1, 1, tzinfo=UTC))
    assert refusals(on_slack(desk, "T:A", Said("link ABCDEFGH"), "a")) == ["code_expired"]
    assert refusals(on_slack(desk, "T:A", Said("link ABCDEFGX"), "b")) == ["code_unknown"]


def test_a_request_is_approved_or_refused(desk: Desk) -> None:
    for number in range(ROUNDS):
        desk.add(f"new{number}")
        request = asked_for_a_role(desk, f"new{number}", f"Organization {number}")
        heard = both(partial(desk.press, "sec", f"role.approve:{request}"), partial(desk.press, "sec2", f"role.refuse:{request}"))
        assert refusals(*heard) == ["decided_already"]
        with desk.house.database.reading() as session:
            state = session.get_one(RoleRequest, request).state
            appointed = session.exec(select(Appointment).where(Appointment.person_id == desk.people[f"new{number}"])).all()
            told = session.exec(select(Outbox).where(Outbox.key == f"role:{request}:decided")).all()
        assert (state == "approved", state == "refused") == (len(appointed) == 1, not appointed)
        assert len(told) == 1


def test_a_person_waits_for_one_decision_and_holds_a_role_once(desk: Desk) -> None:
    desk.add("new")
    drafts = [_draft(desk.press("new", "form.new:role")) for _ in range(2)]
    saves = []
    for draft in drafts:
        desk.press("new", f"form.resume:{draft}")
        heard = desk.answer("new", draft, role="donor", organization="Norad")
        saves.append(offered(reviewed(desk, "new", heard), "form.save"))
    desk.press("new", saves[1])
    desk.press("new", f"form.resume:{drafts[0]}")
    assert refusals(desk.press("new", saves[0].rpartition(":")[0] + ":" + _version(desk, drafts[0]))) == ["already_asked"]
    desk.press("sec", "role.approve:1")
    draft = _draft(desk.press("new", "form.new:role"))
    again = desk.answer("new", draft, role="donor", organization="Norad")
    desk.press("new", offered(reviewed(desk, "new", again), "form.save"))
    desk.press("sec", "role.approve:2")
    with desk.house.database.reading() as session:
        assert len(session.exec(select(Appointment).where(Appointment.person_id == desk.people["new"])).all()) == 1


def _version(desk: Desk, draft: str) -> str:
    with desk.house.database.reading() as session:
        kept = turns.draft(session.connection(), draft)
    assert kept is not None
    return str(kept.version)


def test_two_approved_at_once_for_one_party_are_acting_and_deputy(desk: Desk) -> None:
    for handle in ("a", "b"):
        desk.add(handle)
        heard = desk.answer(handle, _draft(desk.press(handle, "form.new:role")), role="focal_point", party="UG", convention="UNTOC")
        desk.press(handle, offered(reviewed(desk, handle, heard), "form.save"))
    with desk.house.database.reading() as session:
        requests = session.exec(select(RoleRequest.id).order_by(col(RoleRequest.id))).all()
    ours, theirs = (f"role.approve:{number}" for number in requests)
    assert refusals(*both(partial(desk.press, "sec", ours), partial(desk.press, "sec2", theirs))) == []
    with desk.house.database.reading() as session:
        held = session.exec(select(Appointment.standing).where(Appointment.party == "UG")).all()
    assert sorted(str(standing) for standing in held) == ["acting", "deputy"]


def test_a_session_is_moved_to_one_day(desk: Desk) -> None:
    desk.clock.now = datetime(2020, 8, 24, 7, tzinfo=UTC)
    text = (files("storage.reference") / "sessions" / "ctoc-cop-10.json").read_text(encoding="utf-8")
    with desk.house.database.transaction() as session:
        import_session(session, json.loads(text), desk.clock.now)
    for revision, days in enumerate(((19, 26), (20, 27), (21, 28)), start=1):
        one, other = (
            offered(desk.say(handle, f"move session to {day} October 2020"), "session.move")
            for handle, day in zip(("sec", "sec2"), days, strict=True)
        )
        heard = both(partial(desk.press, "sec", one), partial(desk.press, "sec2", other))
        assert refusals(*heard) == ["session_changed"]
        with desk.house.database.reading() as session:
            conference = session.exec(select(ConferenceSession)).one()
            told = session.exec(select(Outbox).where(col(Outbox.key).startswith(f"session:{conference.id}:"))).all()
        assert conference.revision == revision + 1
        assert conference.opens_at.day == days[refusals(heard[0]) == ["session_changed"]]
        assert {row.key.split(":")[2] for row in told} == {str(number) for number in range(2, revision + 2)}


def test_one_deadline_of_a_kind_is_set(desk: Desk) -> None:
    desk.clock.now = datetime(2020, 8, 24, 7, tzinfo=UTC)
    text = (files("storage.reference") / "sessions" / "ctoc-cop-10.json").read_text(encoding="utf-8")
    with desk.house.database.transaction() as session:
        import_session(session, json.loads(text), desk.clock.now)
    saves = []
    for handle, day in (("sec", 1), ("sec2", 2)):
        heard = desk.say(handle, f"change deadline credentials to {day} October 2020 18:00")
        saves.append(offered(reviewed(desk, handle, heard), "form.save"))
    assert refusals(*both(lambda: desk.press("sec", saves[0]), lambda: desk.press("sec2", saves[1]))) == []
    with desk.house.database.reading() as session:
        standing = session.exec(select(Deadline).where(Deadline.kind == "credentials")).one()
    assert standing.revision == 3


def test_a_need_is_withdrawn_before_or_after_the_answer(desk: Desk) -> None:
    desk.press("no", offered(reviewed(desk, "no", desk.press("no", "form.new:subscription")), "form.save"))
    for _ in range(ROUNDS):
        desk.press("ke", offered(reviewed(desk, "ke", desk.say("ke", NEED)), "form.save"))
        with desk.house.database.reading() as session:
            need = session.exec(select(Need).order_by(col(Need.id).desc())).first()
        assert need is not None
        _, answer = both(partial(desk.press, "ke", f"need.withdraw:{need.ref}"), partial(desk.press, "no", f"match.interested:{need.ref}"))
        with desk.house.database.reading() as session:
            assert session.get_one(Need, need.id).status == "withdrawn"
            match = session.exec(select(Match).where(Match.need_id == need.id)).one()
            told = session.exec(select(Outbox).where(Outbox.key == f"need:{need.ref}:2:{match.person_id}")).all()
        taken = match.state == "interested"
        assert refusals(answer) == ([] if taken else ["need_not_open"])
        assert len(told) == taken


def test_a_form_is_saved_once_from_two_doors(desk: Desk) -> None:
    with desk.house.database.transaction() as session:
        session.add(Identity(person_id=desk.people["ke"], door="slack", key="T:KE", last_seen_at=NOW))
    for number in range(ROUNDS):
        save = offered(reviewed(desk, "ke", desk.say("ke", NEED)), "form.save")
        heard = both(partial(desk.press, "ke", save), partial(on_slack, desk, "T:KE", Pressed(save), f"s{number}"))
        assert refusals(*heard) == ["form_saved"]
    with desk.house.database.reading() as session:
        assert len(session.exec(select(Need)).all()) == ROUNDS


@pytest.mark.postgresql
def test_a_form_changed_in_the_middle_of_a_turn_says_where_it_stands(postgres: PostgresServer, tmp_path: Path) -> None:
    """Another transaction holds the draft's row, the turn waits for it with what it read before, and comes second."""
    with desk_on(postgres.furnished_url(), tmp_path) as desk, ThreadPoolExecutor(1) as pool:
        desk.add("ke", "focal_point", party="KE")
        for state, code in (("open", "form_moved_on"), ("saved", "form_saved")):
            save = offered(reviewed(desk, "ke", desk.say("ke", NEED)), "form.save")
            with desk.house.database.transaction() as session:
                kept = turns.draft(session.connection(), save.split(":")[1])
                assert kept is not None
                turns.keep_draft(session.connection(), replace(kept, state=state, result="N-2026-0099"), now=NOW)
                turn = pool.submit(desk.press, "ke", save)
                _until_somebody_waits(desk)
            heard = turn.result(timeout=10)
            assert refusals(heard) == [code]
        with desk.house.database.reading() as session:
            assert session.exec(select(Need)).all() == []


def _until_somebody_waits(desk: Desk) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks JOIN pg_database d ON d.datname = current_database() WHERE NOT granted")
    give_up = monotonic() + 10
    with desk.house.database.engine.connect() as connection:
        while not connection.execute(waiting).scalar_one():
            assert monotonic() < give_up, "the turn did not wait for the draft"
