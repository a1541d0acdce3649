"""Draft the migration from the newest one to the tables of the code: `python -m storage.revise "what changes"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from storage.database import Database
from storage.migrate import configured, upgrade

FOLDER = Path(__file__).parent / "migrations" / "versions"


def revise(message: str) -> Path:
    """The drafted file: read it before you keep it, since a renamed column looks like one dropped and one added."""
    number = f"{len(list(ScriptDirectory.from_config(configured()).walk_revisions())) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}")
        upgrade(database)
        with database.engine.begin() as connection:
            command.revision(configured(connection), message=message, autogenerate=True, rev_id=number)
        database.close()
    [made] = FOLDER.glob(f"{number}_*.py")
    return made.rename(made.with_name(f"v{made.name}"))


if __name__ == "__main__":
    sys.stdout.write(f"{revise(' '.join(sys.argv[1:]) or 'change')}\n")
