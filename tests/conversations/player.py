"""Plays a transcript at a door: does its acts one by one, and reads the answers line by line."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlmodel import or_, select

from handlers.conversation.words import catalogue
from storage.database import Database
from storage.exchange.records import EXPORTS
from storage.people import Person
from tests.conversations.transcript import CHECKS, Step, Transcript
from tests.doors.seen import Again, Button, Door, Newcomer, Seen, plain

_PARAMETER = re.compile(r"\\\{[a-z_]+\\\}")
_KINDS = {"N": "needs", "A": "activities"}
FORMS = ("need", "activity", "subscription", "role", "submission", "deadline")


class WentWrong(Exception):
    """An act could not be done or an answer was another; names file and line, and shows the answer."""


@dataclass(slots=True)
class Player:
    """One transcript being played. `refs` are the references named so far, by their letters; `at` is how far the answer was read."""

    door: Door
    person: str = ""
    answer: Seen = field(default_factory=Seen)
    at: int = 0
    again: Again = ""
    refs: dict[str, str] = field(default_factory=dict)
    shown: defaultdict[str, list[Button]] = field(default_factory=lambda: defaultdict(list))

    async def play(self, transcript: Transcript) -> None:
        for is_form, steps in groupby(transcript.steps, lambda step: step.mark == "="):
            if is_form:
                await self._fills(tuple(steps))
                continue
            for step in steps:
                with self._located(step):
                    rest = self._named(step.rest)
                    if step.mark in CHECKS:
                        _CHECKS[step.mark](self, rest)
                    else:
                        await _ACTS[step.mark](self, rest)

    @contextmanager
    def _located(self, step: Step) -> Iterator[None]:
        """WentWrong with the line, whatever goes wrong."""
        try:
            yield
        except (AssertionError, TimeoutError) as wrong:
            told = f"{step.where}: {step.mark} {step.rest}"
            raise WentWrong(f"{told}\n{wrong}\nanswer to {self.person}: {self.answer.text}\n{self._offered()}") from wrong

    def _offered(self) -> str:
        return "buttons: " + " | ".join(f"{button.label} ({button.id})" for button in self.answer.buttons[:30])

    def _named(self, text: str) -> str:
        for letters, ref in self.refs.items():
            text = text.replace(f"{{{letters}}}", ref)
        return text

    def _is_answered(self, answer: Seen, *, person: str | None = None) -> None:
        self.answer, self.at = answer, 0
        self.shown[person or self.person][:0] = answer.buttons

    async def _speaks(self, person: str) -> None:
        self.person = person

    async def _says(self, text: str) -> None:
        self._is_answered(await self.door.say(self.person, text, again=self._once()))

    def _once(self) -> Again:
        """How to deliver this: `@twice` and `@lost` hold for one thing only."""
        again, self.again = self.again, ""
        return again

    async def _presses(self, wanted: str) -> None:
        button = next((button for button in self.shown[self.person] if button.is_called(wanted)), None)
        assert button, f"no button {wanted!r} was shown to {self.person}"
        self._is_answered(await self.door.press(self.person, button, again=self._once()))

    async def _fills(self, steps: tuple[Step, ...]) -> None:
        with self._located(steps[0]):
            pairs = (self._named(step.rest).partition(":") for step in steps)
            values = {name.strip(): value.strip() for name, _, value in pairs}
            sheet = self.answer.button("form.sheet:")
            self._is_answered(await self.door.fill(self.person, sheet, values, again=self._once()))

    async def _looks(self, person: str) -> None:
        self._is_answered(await self.door.inbox(person), person=person)

    async def _moves_clock(self, iso: str) -> None:
        await self.door.move_clock(datetime.fromisoformat(iso))

    async def _restarts(self, rest: str) -> None:
        await self.door.restart()

    async def _twice(self, rest: str) -> None:
        self.again = "twice"

    async def _lost(self, rest: str) -> None:
        self.again = "lost"

    async def _record(self, letters: str) -> None:
        with self._database().reading() as session:
            found = [row for row in EXPORTS[_KINDS[letters]][0](session) if row["ref"] == self.refs[letters]]
        assert len(found) == 1, found
        self._is_answered(Seen(plain(json.dumps(found[0], ensure_ascii=False, default=str))))

    def _database(self) -> Database:
        return Database(self.door.url)

    def _language(self) -> str:
        """The language of whoever speaks, as it is now."""
        with self._database().reading() as session:
            whom = or_(Person.handle == self.person, Person.name == Newcomer().name if self.person == Newcomer().handle else False)
            return session.exec(select(Person.language).where(whom)).one()

    def _words(self, key: str) -> re.Pattern[str] | None:
        """The words of a key in the person's language, anything in the place of their parameters."""
        entry = catalogue(self._language()).entries.get(key)
        return re.compile(_PARAMETER.sub(".*?", re.escape(plain(str(entry))))) if entry else None

    def _further(self, text: str) -> None:
        if text == "*":
            return
        found = self.answer.text.find(plain(text), self.at)
        assert found >= 0, f"not said{' further on' if plain(text) in self.answer.text else ''}"
        self.at = found + len(plain(text))

    def _pattern(self, pattern: str) -> None:
        found = re.compile(pattern).search(self.answer.text, self.at)
        assert found, "not found"
        self.at = found.end()

    def _silent_on(self, text: str) -> None:
        assert plain(text) not in self.answer.text, "it is said"

    def _empty(self, rest: str) -> None:
        assert not self.answer.text, "something was said"

    def _asks(self, name: str) -> None:
        wanted = [words for form in FORMS if (words := self._words(f"form.{form}.{name}.ask"))]
        assert wanted, f"no form asks for {name}"
        assert any(words.search(self.answer.text) for words in wanted), f"it does not ask for {name}"

    def _reviews(self, rest: str) -> None:
        assert self.answer.button("form.save:"), "nothing can be saved"

    def _receipt(self, prefix: str) -> None:
        found = re.search(rf"(?<![A-Z]){re.escape(prefix)}\d[\d-]*\d|(?<![A-Z]){re.escape(prefix)}\d+", self.answer.text)
        assert found, "no such reference"
        letters = prefix.rstrip("-")
        assert found[0] != self.refs.get(letters), "the reference is not new"
        self.refs[letters] = found[0]

    def _refuses(self, code: str) -> None:
        words = self._words(f"refused.{code}") or self._words(f"problem.{code}")
        assert words, f"there are no words for {code}"
        assert words.search(self.answer.text), f"it is not refused as {code}"


_ACTS: Mapping[str, Callable[[Player, str], Awaitable[None]]] = {
    "@": Player._speaks, ">": Player._says, "!": Player._presses, "@now": Player._moves_clock, "@inbox": Player._looks,
    "@restart": Player._restarts, "@twice": Player._twice, "@lost": Player._lost, "@record": Player._record,
}  # fmt: skip
_CHECKS: Mapping[str, Callable[[Player, str], None]] = {
    "<": Player._further, "<~": Player._pattern, "<not": Player._silent_on, "<none": Player._empty, "<ask": Player._asks,
    "<review": Player._reviews, "<receipt": Player._receipt, "<refused": Player._refuses,
}  # fmt: skip
