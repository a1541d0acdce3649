"""A form at a terminal: what the flags say is handed in at once, what is missing is asked where a person sits."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.house import House
from bot.terminal.read import Heard, turn
from bot.terminal.render import as_text, text_of, without_buttons
from handlers.conversation import dispatch
from handlers.conversation.press import press
from handlers.conversation.reply import Ask, FormSheet, Receipt, Refusal, Replies, Review
from handlers.conversation.turn import Answered, Pressed, Said, What
from handlers.conversation.words import say


class NotFilled(Exception):
    """The form was not saved; one line for each reason."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def flag(field: str) -> str:
    """`assistance_types` → `--assistance-types`."""
    return f"--{field.replace('_', '-')}"


@dataclass(slots=True)
class FormAtTerminal:
    """`ask` shows what is asked and gives the line typed, or None where nobody sits there."""

    house: House
    person_id: int
    ask: Callable[[str], str | None]
    write: Callable[[str], None]
    buttons: tuple[str, ...] = ()

    def fill(self, form: str, answers: Mapping[str, str], *, dry_run: bool) -> None:
        """Open, answer, look, save. NotFilled leaves nothing behind but a cancelled draft."""
        heard = self._hear(Pressed(press("form.new", form)))
        draft = _draft(heard)
        try:
            heard = self._hear(Answered(draft, answers)) if answers else heard
            self._save(self._answered(heard), dry_run=dry_run)
        except NotFilled:
            self._hear(Pressed(press("form.cancel", draft)))
            raise

    def _hear(self, what: What) -> dispatch.Heard:
        spoken = turn(Heard(what), person_id=self.person_id, event=uuid.uuid4().hex)
        return self.house.dispatcher.dispatch(spoken)

    def _answered(self, heard: dispatch.Heard) -> dispatch.Heard:
        """Question by question to the review; nobody there: what is optional is skipped, what is required is named."""
        while not isinstance(heard.replies[-1], Review):
            last = heard.replies[-1]
            if isinstance(last, FormSheet):
                raise NotFilled(*(f"{flag(s.name)}: {say(s.problem, heard.reader)}" for s in last.sheets if s.problem))
            if not isinstance(last, Ask):
                raise _refused(heard)
            heard = self._asked(last, heard)
        return heard

    def _asked(self, asked: Ask, heard: dispatch.Heard) -> dispatch.Heard:
        text, self.buttons = as_text((asked,), heard.reader)
        line = self.ask(text)
        if line is not None:
            return self._hear(self._typed(line))
        if asked.optional:
            return self._hear(Pressed(press("form.skip_rest", asked.draft)))
        problem = f" {say(asked.problem, heard.reader)}" if asked.problem else ""
        raise NotFilled(f"{flag(asked.field)}:{problem} {say(asked.text, heard.reader)}")

    def _typed(self, line: str) -> What:
        """A line, or the number of a button as it was shown: `/2`."""
        number = line.strip().removeprefix("/")
        is_button = line.strip().startswith("/") and number.isdigit() and 0 < int(number) <= len(self.buttons)
        return Pressed(self.buttons[int(number) - 1]) if is_button else Said(line)

    def _save(self, heard: dispatch.Heard, *, dry_run: bool) -> None:
        review = heard.replies[-1]
        assert isinstance(review, Review)
        text, self.buttons = as_text((review,), heard.reader)
        if dry_run:
            self.write(without_buttons(review, heard.reader))
            raise NotFilled()
        line = self.ask(text)
        primary = Pressed(next(action.id for action in review.actions if action.style == "primary"))
        saved = self._hear(primary if line is None else self._typed(line))
        if isinstance(saved.replies[0], Receipt):
            self.write(without_buttons(saved.replies[0], saved.reader))
        elif isinstance(saved.replies[-1], Ask | Review):
            self._save(self._answered(saved), dry_run=False)
        else:
            raise _refused(saved)


def _draft(heard: dispatch.Heard) -> str:
    last = heard.replies[-1]
    if isinstance(last, Ask | Review):
        return last.draft
    raise _refused(heard)


def _refused(heard: dispatch.Heard) -> NotFilled:
    said: Replies = tuple(reply for reply in heard.replies if isinstance(reply, Refusal)) or heard.replies
    return NotFilled(*(line for reply in said for line in text_of(reply, heard.reader).splitlines()))
