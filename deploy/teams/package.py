"""Make the app package to upload in Teams: `python -m deploy.teams.package APP_ID BASE_URL liaison-teams.zip`.

The manifest speaks English; the other five languages are made from the catalogues, a file each beside it.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from string import Template

from handlers.conversation.text import T
from handlers.conversation.words import Reader, catalogue, say
from storage.reference import LANGUAGES

HERE = Path(__file__).parent

LISTS = (
    ("help", "deadlines", "agenda", "drafts", "role", "language", "zone", "quiet"),
    ("help", "deadlines", "channel"),
)
"""The commands of the manifest's two lists, in its order: with one person, and where others read along."""

SCHEMA = "https://developer.microsoft.com/en-us/json-schemas/teams/v1.29/MicrosoftTeams.Localization.schema.json"


def manifest(*, app_id: str, base_url: str) -> str:
    """The manifest with what differs from one installation to the next filled in."""
    text = (HERE / "manifest.json").read_text("utf-8")
    return Template(text).safe_substitute(MICROSOFT_APP_ID=app_id, LIAISON_BASE_URL=base_url.rstrip("/"))


def words(language: str) -> dict[str, str]:
    """What the manifest says, in one language, by the place where it stands there."""
    reader = Reader(language, "UTC")
    found = {f"description.{length}": say(T(f"door.card.about.{length}"), reader) for length in ("short", "full")}
    for number, names in enumerate(LISTS):
        for at, name in enumerate(names):
            command = f"bots[0].commandLists[{number}].commands[{at}]"
            found[f"{command}.title"] = str(catalogue(language).entries[f"command.{name}"]).split("|")[0].strip()
            found[f"{command}.description"] = say(T(f"door.card.command.{name}"), reader)
    found["composeExtensions[0].commands[0].title"] = say(T("door.card.take_up"), reader)
    found["composeExtensions[0].commands[0].description"] = say(T("door.card.take_up.about"), reader)
    return found


def pack(target: Path, *, app_id: str, base_url: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", manifest(app_id=app_id, base_url=base_url))
        for language in (one for one in LANGUAGES if one != "en"):
            package.writestr(f"{language}.json", json.dumps({"$schema": SCHEMA, **words(language)}, ensure_ascii=False, indent=2))
        for icon in ("color.png", "outline.png"):
            package.write(HERE / icon, icon)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    pack(Path(sys.argv[3]), app_id=sys.argv[1], base_url=sys.argv[2])
