"""Make the app package to upload in Teams: `python deploy/teams/package.py APP_ID BASE_URL liaison-teams.zip`."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from string import Template

HERE = Path(__file__).parent


def manifest(*, app_id: str, base_url: str) -> str:
    """The manifest with what differs from one installation to the next filled in."""
    text = (HERE / "manifest.json").read_text("utf-8")
    return Template(text).safe_substitute(MICROSOFT_APP_ID=app_id, LIAISON_BASE_URL=base_url.rstrip("/"))


def pack(target: Path, *, app_id: str, base_url: str) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", manifest(app_id=app_id, base_url=base_url))
        for icon in ("color.png", "outline.png"):
            package.write(HERE / icon, icon)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    pack(Path(sys.argv[3]), app_id=sys.argv[1], base_url=sys.argv[2])
