"""The README's commands exist: what stands in its `sh` blocks can be typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache

from tests.meta.tree import ROOT

README = ROOT / "README.md"
FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


@cache
def commands() -> tuple[tuple[str, ...], ...]:
    """Every command of the README's `sh` blocks as its words; comments, prompts and settings of the environment taken off."""
    text = README.read_text("utf-8") if README.exists() else ""
    lines = "".join(FENCED.findall(text)).replace("\\\n", " ").splitlines()
    return tuple(words for line in lines if (words := _words(line)))


def _words(line: str) -> tuple[str, ...]:
    words = shlex.split(line.removeprefix("$ "), comments=True)
    while words and re.match(r"^[A-Z_]+=", words[0]):
        words = words[1:]
    return tuple(words[1:] if words and words[0] == "export" else words)


def liaison_commands() -> list[str]:
    """The subcommands of `liaison` that the README shows."""
    return sorted({words[1] for words in commands() if words[0].endswith("liaison") and len(words) > 1 and words[1].isalpha()})


def test_the_readme_shows_the_two_commands() -> None:
    assert ("make", "demo") in commands()
    assert ("make", "test") in commands()


def test_every_make_target_in_the_readme_exists() -> None:
    shown = {word for words in commands() if words[0] == "make" for word in words[1:] if word.isalpha()}
    assert shown
    assert shown <= set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


def test_every_liaison_command_in_the_readme_answers_help() -> None:
    shown = liaison_commands()
    assert shown
    silent = {name: helped.stderr for name in shown if (helped := _helped(name)).returncode or "usage" not in helped.stdout.lower()}
    assert silent == {}


def _helped(name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", name, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
