"""How fast a turn is, with permissions, audit, translation, inbox and outbox on: the need form by chat, on SQLite as shipped.

    python -m bench.conversation [FORMS]

A form is seven turns: open, title, types, instruments, date, skip the rest, save.  Every record is checked at the end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles

from sqlmodel import select

from handlers.conversation.press import press
from handlers.conversation.reply import Review
from storage.needs import Need
from tests.databases import furnished_sqlite_url
from tests.house import Desk, desk_on

FORMS = 200


def main(forms: int = FORMS) -> None:
    with tempfile.TemporaryDirectory() as folder, desk_on(furnished_sqlite_url(Path(folder)), Path(folder)) as desk:
        desk.add("ke", "focal_point", party="KE")
        _form(desk, 0, defaultdict(list))
        taken: dict[str, list[float]] = defaultdict(list)
        begun = time.perf_counter()
        for number in range(1, forms + 1):
            _form(desk, number, taken)
        seconds = time.perf_counter() - begun
        with desk.house.database.reading() as session:
            titles = set(session.exec(select(Need.title)).all())
    assert titles == {f"Need number {number}" for number in range(forms + 1)}
    sys.stdout.write(f"{forms / seconds:.0f} forms/s, {7 * forms / seconds:.0f} turns/s, {forms} records right\n")
    for name, times in taken.items():
        sys.stdout.write(f"  {name:<12} p50 {median(times):6.2f} ms   p99 {quantiles(times, n=100)[-1]:6.2f} ms\n")


def _form(desk: Desk, number: int, taken: dict[str, list[float]]) -> None:
    def timed(name: str, what: str, *, pressed: bool = False) -> object:
        begun = time.perf_counter()
        heard = desk.press("ke", what) if pressed else desk.say("ke", what)
        taken[name].append((time.perf_counter() - begun) * 1000)
        return heard.replies[-1]

    timed("open", press("form.new", "need"), pressed=True)
    timed("title", f"Need number {number}")
    timed("types", "training")
    timed("instruments", "UNTOC")
    timed("date", "30 June 2027")
    review = timed("skip rest", "skip the rest")
    assert isinstance(review, Review)
    timed("save", next(action.id for action in review.actions if action.style == "primary"), pressed=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else FORMS)
