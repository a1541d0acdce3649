"""Write the parts of `docs/` that the program itself knows: `python -m docs.generate`, or `make docs`.

A generated part stands between `<!-- commands -->` (or another name of `PARTS`) and `<!-- end -->`; the rest of a page is written by hand.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from bot import cli
from handlers.conversation.access import ACCESS, ROLES, VISIBILITY, Actor, Role, visible_to
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 100
"""Columns of a help text, whatever terminal it is generated on."""

_PART = re.compile(r"^<!-- (?P<name>[a-z]+)(?P<rest>(?: \S+)*) -->\n.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
_ENGLISH = Reader("en", "UTC")

MEANS = {
    "need.write": "register a need, change or withdraw it",
    "activity.write": "register an activity, change or withdraw it",
    "submission.write": "hand in for a deadline, or withdraw what was handed in",
    "subscription.write": "follow subjects and places, and say how often to hear of them",
    "match.answer": "answer an alert: interested, not for us, we already do this",
    "deadline.read": "ask what is due, and for whom",
    "session.manage": "set deadlines, move a session",
    "people.approve": "decide on requests for a role",
    "people.end": "end appointments",
    "digest.now": "send the digest to everybody who takes it",
    "channel.manage": "set language and digest of a channel",
    "policy.manage": "change how early parties are reminded",
    "words.manage": "look at sentences that were not understood, and tick them off",
}
"""What each capability of the access table lets a person do. A new one is described here, or `make docs` says so."""


def commands() -> str:
    """Every command and its actions, each with its help."""
    root = argparse.ArgumentParser(prog="liaison")
    subparsers = root.add_subparsers()
    for command in cli.COMMANDS:
        command.add_parser(subparsers)
    return "\n".join(_helped(parser) for parser in _parsers(root))


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield below
                yield from _parsers(below)


def _helped(parser: argparse.ArgumentParser) -> str:
    parser.formatter_class = partial(argparse.HelpFormatter, width=WIDTH)
    return f"### {parser.prog}\n\n```text\n{parser.format_help().rstrip()}\n```\n"


def access() -> str:
    """The access table: a row a capability, a column a role."""
    scopes = {(capability, role): scope for role, capability, scope in ACCESS}
    rows = (
        (f"`{capability}`", _meaning(capability), *(scopes.get((capability, role), "–") for role in ROLES))
        for capability in dict.fromkeys(capability for _, capability, _ in ACCESS)
    )
    return _table(("capability", "what it lets one do", *map(_role, ROLES)), rows)


def _meaning(capability: str) -> str:
    if capability not in MEANS:
        raise SystemExit(f"docs/generate.py: say in MEANS what {capability!r} lets a person do")
    return MEANS[capability]


def _role(role: str) -> str:
    return say(T(f"role.{role}"), _ENGLISH).lower()


def visibility() -> str:
    """Who sees a record of which visibility, when it is not their own."""
    seen = {role: visible_to(Actor(0, "", "en", "UTC", (Role(role),))) for role in ROLES}
    nobody = visible_to(Actor(0, "", "en", "UTC"))
    rows = (
        (f"`{level}`", *("sees" if level in seen[role] else "–" for role in ROLES), "sees" if level in nobody else "–")
        for level in VISIBILITY
    )
    return _table(("visibility", *map(_role, ROLES), "no role"), rows)


def database() -> str:
    """What is said when the database cannot be used."""
    return _table(("found", "said"), ((f"`{code}`", f"LIAISON_DATABASE_URL: {text}") for code, text in cli._STORAGE.items()))


def source(path: str, name: str = "") -> str:
    """A file of the tree, or one class, function or value of it by name."""
    text = (ROOT / path).read_text("utf-8")
    shown = _segment(text, name, path) if name else text
    return f"```{'python' if path.endswith('.py') else 'text'}\n{shown.strip()}\n```\n"


def _segment(text: str, name: str, path: str) -> str:
    for node in ast.parse(text).body:
        if name in _names(node):
            return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
    raise SystemExit(f"docs/: {path} has no {name}")


def _names(node: ast.stmt) -> tuple[str, ...]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return (name,)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
        case _:
            return ()


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


PARTS: dict[str, Callable[..., str]] = {
    "commands": commands, "access": access, "visibility": visibility, "database": database, "source": source,
}  # fmt: skip


def current(text: str) -> str:
    """A page with its generated parts as the program gives them now."""

    def part(found: re.Match[str]) -> str:
        made = PARTS[found["name"]](*found["rest"].split())
        return f"<!-- {found['name']}{found['rest']} -->\n\n{made.rstrip()}\n\n<!-- end -->"

    return _PART.sub(part, text)


def pages() -> tuple[Path, ...]:
    """Every page of `docs/`."""
    return tuple(sorted((ROOT / "docs").rglob("*.md")))


def main() -> None:
    for page in pages():
        text = page.read_text("utf-8")
        if (new := current(text)) != text:
            page.write_text(new, "utf-8")
            sys.stdout.write(f"written: {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
