"""The digest: what goes in, for whom, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from handlers.conversation.codec import decode
from handlers.conversation.press import press
from handlers.conversation.reply import Ask, Listing, Receipt, Refusal, Review, Say
from handlers.conversation.words import Reader, say
from handlers.digest.editions import fall_due, latest_slot
from storage.conversation import Channel
from storage.outbox import Outbox
from tests.house import NOW, Desk, desk_on

MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
"""08:00 in Vienna, a week after `NOW`."""


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with desk_on(database_url, tmp_path) as desk:
        desk.add("sec", "secretariat")
        desk.add("ke", "focal_point", party="KE")
        desk.add("donor", "donor", organization="Norad")
        yield desk


def _fill(desk: Desk, handle: str, form: str, **answers: object) -> Receipt:
    asked = desk.press(handle, press("form.new", form)).replies[-1]
    assert isinstance(asked, Ask)
    shown = desk.answer(handle, asked.draft, **answers).replies[-1]
    if isinstance(shown, Ask):
        shown = desk.press(handle, press("form.skip_rest", shown.draft)).replies[-1]
    assert isinstance(shown, Review), shown
    [save] = [action.id for action in shown.actions if action.style == "primary"]
    receipt = desk.press(handle, save).replies[0]
    assert isinstance(receipt, Receipt)
    return receipt


def _need(desk: Desk, title: str, **more: object) -> str:
    return _fill(desk, "ke", "need", title=title, assistance_types=["training"], instruments=["TIP"], **more).ref


def _run(desk: Desk, at: datetime) -> int:
    desk.clock.now = at
    with desk.house.database.transaction() as session:
        return fall_due(session, at)


def _digests(desk: Desk) -> list[tuple[int | None, int | None, str]]:
    """(person, channel, everything it says) of every digest in the outbox."""
    with desk.house.database.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.kind == "digest").order_by(col(Outbox.id))).all()
        return [(row.person_id, row.channel_id, _said(row.body)) for row in rows]


def _said(body: list[object]) -> str:
    [edition] = decode(body)
    assert isinstance(edition, Listing)
    texts = [edition.text, *(text for item in edition.items for text in (item.text, *item.details))]
    return "\n".join(say(text, Reader("en", "Europe/Vienna")) for text in texts)


@pytest.mark.parametrize(
    ("now", "zone", "frequency", "slot"),
    [
        ("2026-03-09T06:59+00:00", "Europe/Vienna", "weekly", "2026-03-02T08:00+01:00"),
        ("2026-03-09T07:00+00:00", "Europe/Vienna", "weekly", "2026-03-09T08:00+01:00"),
        ("2026-03-09T07:00+00:00", "America/Lima", "weekly", "2026-03-02T08:00-05:00"),
        ("2026-03-08T20:00+00:00", "Pacific/Fiji", "weekly", "2026-03-09T08:00+12:00"),
        ("2026-03-29T06:00+00:00", "Europe/Vienna", "daily", "2026-03-29T08:00+02:00"),
        ("2026-03-11T05:00+00:00", "Europe/Vienna", "daily", "2026-03-10T08:00+01:00"),
    ],
)
def test_an_edition_is_due_in_the_readers_own_morning(now: str, zone: str, frequency: str, slot: str) -> None:
    assert latest_slot(datetime.fromisoformat(now), zone, frequency) == datetime.fromisoformat(slot)


def test_a_weekly_reader_gets_one_edition_however_often_the_clock_looks(desk: Desk) -> None:
    _fill(desk, "donor", "subscription", instruments=["TIP"], frequency="weekly")
    ref = _need(desk, "Training of judges")
    assert [_run(desk, MONDAY - timedelta(hours=1)), len(_digests(desk))] == [0, 0]
    assert [_run(desk, MONDAY + timedelta(minutes=minutes)) for minutes in (0, 0, 15, 60)] == [1, 0, 0, 0]
    [(person, _, said)] = _digests(desk)
    assert person == desk.people["donor"]
    assert "1 need that fits what you follow" in said
    assert f"{ref}, Kenya: Training of judges" in said
    assert "1 need without any offer" in said


def test_after_two_weeks_down_only_the_latest_edition_goes_out(desk: Desk) -> None:
    _fill(desk, "donor", "subscription", instruments=["TIP"], frequency="weekly")
    _need(desk, "Training of judges")
    assert _run(desk, MONDAY + timedelta(days=14)) == 1
    assert len(_digests(desk)) == 1


def test_an_empty_edition_is_not_sent(desk: Desk) -> None:
    _fill(desk, "donor", "subscription", instruments=["TIP"], frequency="weekly")
    assert _run(desk, MONDAY) == 1
    assert _digests(desk) == []


def test_a_channel_reads_only_what_is_public(desk: Desk) -> None:
    with desk.house.database.transaction() as session:
        session.add(Channel(door="desk", key="c", digest="weekly", created_at=NOW))
    _need(desk, "For focal points only")
    _need(desk, "For everybody", visibility="public")
    _run(desk, MONDAY)
    [(_, channel, said)] = _digests(desk)
    assert channel is not None
    assert "For everybody" in said
    assert "For focal points only" not in said


def test_a_digest_that_was_shown_is_sent_once_and_a_new_one_again(desk: Desk) -> None:
    _fill(desk, "donor", "subscription", instruments=["TIP"], frequency="weekly")
    _need(desk, "Training of judges")
    button = _to_send(desk)
    assert isinstance(desk.press("sec", button).replies[0], Say)
    for later in (timedelta(seconds=61), timedelta(days=365)):
        desk.clock.now = NOW + later
        [refusal] = desk.press("sec", button).replies
        assert isinstance(refusal, Refusal)
        assert refusal.code == "digest_sent"
        assert "2 March 2026" in say(refusal.text, Reader("en", "Europe/Vienna"))
    assert len(_digests(desk)) == 1
    desk.clock.now = NOW + timedelta(seconds=62)
    assert isinstance(desk.press("sec", _to_send(desk)).replies[0], Say)
    assert len(_digests(desk)) == 2


def _to_send(desk: Desk) -> str:
    [shown] = desk.say("sec", "digest now").replies
    assert isinstance(shown, Listing)
    [action] = shown.actions
    return action.id


@pytest.mark.parametrize("button", ["digest.send", "digest.send:2026-03-09", "digest.send:x"])
def test_a_button_that_names_no_digest_sends_nothing(desk: Desk, button: str) -> None:
    [refusal] = desk.press("sec", button).replies
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unknown_button"


def test_nobody_else_sends_it(desk: Desk) -> None:
    [refusal] = desk.press("donor", "digest.send").replies
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_allowed"
    assert _digests(desk) == []
