"""Whatever is said or pressed, in whatever order: an answer in words, never a fault of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.conversation.reply import Ask, FormSheet, Refusal, Review
from handlers.conversation.words import missed, say
from tests.databases import furnished_sqlite_url
from tests.house import Desk, desk_on

SAID = (
    "help", "what is due?", "digest now", "back", "skip", "skip the rest", "cancel", "undo", "yes", "change", "resume", "form",
    "Kenya needs training on firearms by 30 June 2027, USD 20000", "we fund courses in Senegal", "tell me of new needs on corruption",
    "training", "UNTOC", "3/4/2027", "٢٠٠ ألف دولار", "在线", "set deadline", "move session to 19 October 2026", "language français",
    "my needs", "my drafts", "N-2026-0001", "link ABC", "advance 3 days", "quiet hours 22-7", "time zone Nairobi", "asdf",
)  # fmt: skip
WORDS = st.one_of(st.sampled_from(SAID), st.text(max_size=80), st.text(alphabet="[](){}<>&:;|*_~`'\"\\\u202e\u200f\x00", max_size=40))
STEP = st.tuples(st.sampled_from(("ke", "donor", "sec", "new")), st.one_of(WORDS, st.integers(0, 12)))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder, desk_on(furnished_sqlite_url(Path(folder)), Path(folder)) as desk:
        desk.add("sec", "secretariat")
        desk.add("ke", "focal_point", party="KE")
        desk.add("donor", "donor", organization="Norad")
        desk.add("new")
        yield desk


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_any_walk_through_the_house_is_answered_in_words(desk: Desk, steps: list[tuple[str, str | int]]) -> None:
    shown: dict[str, list[str]] = {}
    known = set(missed)  # words that other tests leave out on purpose
    for handle, step in steps:
        buttons = shown.get(handle, [])
        if isinstance(step, int) and not buttons:
            continue
        heard = desk.press(handle, buttons[step % len(buttons)]) if isinstance(step, int) else desk.say(handle, step)
        assert heard.replies
        for reply in heard.replies:
            assert say(reply.text, heard.reader).strip()
            assert not (isinstance(reply, Refusal) and reply.code == "unexpected"), (handle, step)
            assert not isinstance(reply, Ask | Review | FormSheet) or reply.draft
        shown[handle] = [a.id for r in heard.replies for a in (*r.actions, *(a for i in getattr(r, "items", ()) for a in i.actions))]
    assert missed == known
