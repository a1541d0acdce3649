"""The app package keeps the rules of manifest v1.29, and offers only commands the bot hears."""

from __future__ import annotations

import json
import re
import runpy
import struct
import zipfile
import zlib
from pathlib import Path
from string import Template
from typing import Any

import pytest

from bot.teams.read import TAKEN_UP
from handlers.capabilities import CAPABILITIES
from handlers.conversation.words import phrases
from storage.reference import LANGUAGES

FOLDER = Path(__file__).parents[2] / "deploy/teams"
APP = "11111111-2222-3333-4444-555555555555"
SCOPES = {"personal", "team", "groupChat"}
LONGEST = {"name.short": 30, "name.full": 100, "description.short": 80, "description.full": 4000, "developer.name": 32}


def manifest() -> dict[str, Any]:
    filled = Template((FOLDER / "manifest.json").read_text("utf-8")).safe_substitute(
        MICROSOFT_APP_ID=APP, LIAISON_BASE_URL="https://liaison.example"
    )
    found: dict[str, Any] = json.loads(filled)
    return found


def commands() -> list[tuple[frozenset[str], dict[str, str]]]:
    return [(frozenset(group["scopes"]), command) for group in manifest()["bots"][0]["commandLists"] for command in group["commands"]]


def test_the_manifest_is_of_version_1_29_and_names_the_bot_by_the_app_id() -> None:
    found = manifest()
    assert found["manifestVersion"] == "1.29"
    assert found["$schema"].endswith("/v1.29/MicrosoftTeams.schema.json")
    assert (found["id"], found["bots"][0]["botId"]) == (APP, APP)
    assert set(found["bots"][0]["scopes"]) == SCOPES


@pytest.mark.parametrize("path", LONGEST)
def test_names_and_descriptions_are_short_enough(path: str) -> None:
    part, name = path.split(".")
    assert 0 < len(manifest()[part][name]) <= LONGEST[path]


def test_every_scope_has_one_list_of_at_most_ten_commands() -> None:
    lists = manifest()["bots"][0]["commandLists"]
    assert sorted(scope for group in lists for scope in group["scopes"]) == sorted(SCOPES)
    assert all(0 < len(group["commands"]) <= 10 for group in lists)


def test_commands_are_short_enough_and_heard() -> None:
    heard = {phrase for row in CAPABILITIES for name in row.commands for _, phrase in phrases(f"command.{name}")}
    offered = commands()
    assert offered
    for _, command in offered:
        assert len(command["title"]) <= 32
        assert len(command["description"]) <= 128
        assert command["title"] in heard


def test_the_message_actions_are_those_the_door_reads() -> None:
    [extension] = manifest()["composeExtensions"]
    assert extension["botId"] == APP
    assert {command["id"] for command in extension["commands"]} == TAKEN_UP.keys()
    for command in extension["commands"]:
        assert (command["type"], command["context"], command["fetchTask"]) == ("action", ["message"], True)


def test_addresses_are_https() -> None:
    developer = manifest()["developer"]
    assert all(developer[name].startswith("https://") for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"))
    assert re.fullmatch(r"#[0-9A-F]{6}", manifest()["accentColor"])


def pixels(name: str) -> tuple[int, int, list[bytes]]:
    """Width, height and the RGBA pixels of a PNG without line filters, as `icons.py` writes it."""
    data = (FOLDER / name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    lines = zlib.decompress(data[41 : 41 + length])
    step = 1 + 4 * width
    flat = b"".join(lines[at + 1 : at + step] for at in range(0, len(lines), step))
    return width, height, [flat[at : at + 4] for at in range(0, len(flat), 4)]


def test_the_colour_icon_is_192_pixels_and_opaque() -> None:
    width, height, found = pixels("color.png")
    assert (width, height) == (192, 192)
    assert all(pixel[3] == 255 for pixel in found)
    assert len(set(found)) > 2


def test_the_outline_icon_is_32_pixels_of_white_on_nothing() -> None:
    width, height, found = pixels("outline.png")
    assert (width, height) == (32, 32)
    assert {pixel[:3] for pixel in found} == {b"\xff\xff\xff"}
    assert {pixel[3] for pixel in found} >= {0, 255}


def at(found: Any, place: str) -> str:
    """What stands in the manifest at `bots[0].commandLists[1].commands[0].title`."""
    for step in re.findall(r"[^.\[\]]+", place):
        found = found[int(step)] if step.isdigit() else found[step]
    return str(found)


PACKAGE = runpy.run_path(str(FOLDER / "package.py"))


def test_the_manifest_says_what_the_english_catalogue_says() -> None:
    english = PACKAGE["words"]("en")
    actions = manifest()["composeExtensions"][0]["commands"]
    assert len(english) == 2 + 2 * len(commands()) + 2 * len(actions)
    assert {place: at(manifest(), place) for place in english} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_short_enough_and_offers_commands_that_are_heard(language: str) -> None:
    heard = {phrase for row in CAPABILITIES for name in row.commands for lang, phrase in phrases(f"command.{name}") if lang == language}
    for place, text in PACKAGE["words"](language).items():
        most = LONGEST.get(place) or (32 if place.endswith("title") else 128)
        assert 0 < len(text) <= most, place
        if place.endswith("title") and place.startswith("bots"):
            assert text.casefold() in heard


def test_the_package_holds_the_filled_manifest_both_icons_and_the_other_languages(tmp_path: Path) -> None:
    target = tmp_path / "liaison.zip"
    PACKAGE["pack"](target, app_id=APP, base_url="https://liaison.example/")
    listed = {one["languageTag"]: one["file"] for one in manifest()["localizationInfo"]["additionalLanguages"]}
    assert {"en", *listed} == set(LANGUAGES)
    with zipfile.ZipFile(target) as package:
        assert sorted(package.namelist()) == sorted(["color.png", "manifest.json", "outline.png", *listed.values()])
        assert json.loads(package.read("manifest.json")) == manifest()
        assert json.loads(package.read("ar.json"))["description.short"]
