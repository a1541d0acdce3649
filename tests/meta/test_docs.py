"""What `docs/` says is what the program does: generated parts are current, examples are played, commands parse, links lead somewhere."""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from bot import cli
from bot.app import build
from bot.server import application
from bot.settings import SettingsProblem, from_environment
from bot.terminal.chat import Chat, person_id_of
from docs import generate
from handlers.conversation.press import press
from handlers.conversation.reply import Refusal
from tests.house import Desk, Standing
from tests.meta.tree import ROOT, shown

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *generate.pages())
FENCED = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
VARIABLE = re.compile(r"(?:LIAISON|SLACK|MICROSOFT)_[A-Z_]+")
WRONG = re.compile(r"^```env\n(?P<given>.*?)^```\n\n```text\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def blocks(kind: str, *pages: Path) -> list[tuple[Path, str, str]]:
    """(page, what stands behind the kind, body) of every fenced block of one kind; none at all is an error, not a pass."""
    found = [
        (path, fence["kind"].removeprefix(kind).strip(), fence["body"])
        for path in pages or PAGES
        for fence in FENCED.finditer(path.read_text("utf-8"))
        if fence["kind"].split(" ")[0] == kind
    ]
    assert found
    return found


@pytest.mark.parametrize("path", generate.pages(), ids=shown)
def test_generated_parts_are_current(path: Path) -> None:
    """Where this fails: `make docs`. Help is compared word by word, since Python's releases break its lines differently."""
    text = path.read_text("utf-8")
    assert text.split() == generate.current(text).split()


def test_a_stale_part_would_be_noticed() -> None:
    stale = page("reference/access.md").replace("`need.write`", "`need.read`")
    assert stale.split() != generate.current(stale).split()
    assert sum(len(re.findall(r"^<!-- end -->$", path.read_text("utf-8"), re.MULTILINE)) for path in generate.pages()) >= 7


def variables() -> set[str]:
    tree = ast.parse((ROOT / "bot/settings.py").read_text("utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if VARIABLE.fullmatch(text)}


def test_every_variable_of_the_environment_has_its_heading() -> None:
    described = {heading for heading in HEADING.findall(page("reference/environment.md")) if VARIABLE.fullmatch(heading)}
    assert len(variables()) > 10
    assert described == variables()


def test_wrong_values_are_answered_as_the_reference_says() -> None:
    examples = list(WRONG.finditer(page("reference/environment.md")))
    assert len(examples) >= 8
    for example in examples:
        given = dict(line.split("=", 1) for line in example["given"].splitlines())
        with pytest.raises(SettingsProblem) as problem:
            from_environment(given)
        assert problem.value.lines == tuple(example["lines"].splitlines())


def test_every_command_has_its_help_in_the_reference() -> None:
    headings = set(HEADING.findall(page("reference/commands.md")))
    assert {f"liaison {words}" for words in ("demo", "serve", "chat", "people add", "db backup", "deliveries", "doctor")} <= headings
    assert set(HEADING.findall(generate.commands())) <= headings


async def test_every_path_of_the_server_is_in_the_reference(demo_url: str) -> None:
    given = {
        "LIAISON_DATABASE_URL": demo_url, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret", "MICROSOFT_APP_ID": "app",
        "MICROSOFT_APP_PASSWORD": "secret", "MICROSOFT_APP_TENANT_ID": "tenant",
    }  # fmt: skip
    house = build(from_environment(given))
    try:
        routes = application(house, host="127.0.0.1").router.routes()
        served = {f"{route.method} {route.resource.canonical}" for route in routes if route.resource and route.method != "HEAD"}
    finally:
        house.close()
    assert len(served) > 10
    assert {heading for heading in HEADING.findall(page("reference/http.md")) if re.match(r"[A-Z]{3,} /", heading)} == served


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    links = [(path, found[1] or found[2]) for path in PAGES for found in LINK.finditer(path.read_text("utf-8"))]
    assert len(links) > 30
    assert [f"{shown(path)}: {link}" for path, link in links if not leads_somewhere(path, link)] == []


def leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    return target.exists() and (not anchor or anchor in map(slug, HEADING.findall(target.read_text("utf-8"))))


def shell_commands() -> Iterator[tuple[str, list[str]]]:
    """Every line of the `sh` blocks as its words, without settings of the environment before it."""
    for path, _, body in blocks("sh"):
        for line in re.sub(r"<<'(\w+)'.*?^\1$", "", body, flags=re.MULTILINE | re.DOTALL).splitlines():
            words = shlex.split(re.sub(r" > \S+$", "", line), comments=True)
            while words and re.match(r"^[A-Z_]+=", words[0]):
                words = words[1:]
            if words:
                yield f"{shown(path)}: {line}", words


def test_every_make_target_shown_exists() -> None:
    known = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    calls = [(where, words[1:]) for where, words in shell_commands() if words[0] == "make"]
    assert len(calls) > 5
    assert [where for where, names in calls if not {name for name in names if "=" not in name} <= known] == []


def test_every_liaison_command_shown_is_understood() -> None:
    calls = [(where, words[1:]) for where, words in shell_commands() if words[0].split("/")[-1] == "liaison"]
    assert len(calls) > 20
    assert [where for where, arguments in calls if not parses(arguments)] == []


def parses(arguments: list[str]) -> bool:
    parser = argparse.ArgumentParser(prog="liaison")
    subparsers = parser.add_subparsers(required=True)
    for command in cli.COMMANDS:
        command.add_parser(subparsers)
    try:
        with redirect_stderr(io.StringIO()):
            parser.parse_args(arguments)
    except SystemExit:
        return False
    return True


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert parses(["db", "check"])
    assert not parses(["db", "mend"])
    assert not parses(["serve", "--colour", "red"])


SAYINGS = blocks("say")


@pytest.mark.parametrize("saying", SAYINGS, ids=[f"{path.stem}-{rest.split()[0]}-{n}" for n, (path, rest, _) in enumerate(SAYINGS)])
def test_what_a_page_says_to_type_is_heard_as_that_command(saying: tuple[Path, str, str], demo_url: str) -> None:
    """Heard as the command the block names, and not refused, for the person it names."""
    _, rest, body = saying
    name, person = rest.split()
    house = build(from_environment({"LIAISON_DATABASE_URL": demo_url}))
    try:
        desk = Desk(house, Standing(), {person: person_id_of(house, person)})
        for line in body.splitlines():
            command = house.dispatcher.routes.command(line, whole=False)
            assert command is not None, line
            assert command.name == name, line
            replies = desk.say(person, line).replies
            assert not any(isinstance(reply, Refusal) for reply in replies), (line, replies)
            if (draft := open_draft(replies)) is not None:
                desk.press(person, press("form.cancel", draft))
    finally:
        house.close()


def open_draft(replies: tuple[object, ...]) -> str | None:
    return next((draft for reply in replies if isinstance(draft := getattr(reply, "draft", None), str)), None)


@pytest.fixture
def demo_chat(demo_url: str) -> Iterator[Chat]:
    """The terminal at a fresh demo, `ke` speaking."""
    house = build(from_environment({"LIAISON_DATABASE_URL": demo_url}))
    try:
        yield Chat(house, io.StringIO(), False, person_id_of(house, "ke"))
    finally:
        house.close()


def answers(chat: Chat, said: str) -> list[str]:
    assert isinstance(chat.out, io.StringIO)
    start = chat.out.tell()
    chat.run([said])
    return chat.out.getvalue()[start:].splitlines()


def steps(kind: str, name: str) -> list[tuple[str, list[str]]]:
    """(line typed, lines shown for it) of a page's blocks, in order."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(body for _, _, body in blocks(kind, ROOT / "docs" / name)).splitlines():
        if line.startswith("> "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    assert len(found) > 8
    return found


def plain(line: str) -> str:
    """A line with ordinary spaces: French has others before its punctuation, which nobody types."""
    return " ".join(line.split())


def test_the_tutorial_says_what_the_bot_says(demo_chat: Chat) -> None:
    for said, expected in steps("chat", "tutorial.md"):
        heard = iter([plain(line) for line in answers(demo_chat, said)])
        for line in expected:
            assert any(plain(line.removesuffix("…")) in given for given in heard), f"after {said!r}: {line}"


def test_the_contract_of_chat_json_is_as_its_page_shows_it(demo_chat: Chat) -> None:
    demo_chat.json = True
    for said, expected in steps("chat-json", "reference/chat-json.md"):
        heard = iter(json.loads(line) for line in answers(demo_chat, said))
        for line in expected:
            assert any(holds(given, json.loads(line)) for given in heard), f"after {said!r}: {line}"


def holds(given: object, shortened: object) -> bool:
    """Whether `given` has everything of `shortened`: keys of objects, members of lists, the beginning of a text that ends with `…`."""
    match shortened:
        case dict():
            return isinstance(given, dict) and all(key in given and holds(given[key], value) for key, value in shortened.items())
        case list():
            return isinstance(given, list) and all(any(holds(item, wanted) for item in given) for wanted in shortened)
        case str() if shortened.endswith("…"):
            return isinstance(given, str) and given.startswith(shortened[:-1])
        case _:
            return given == shortened
