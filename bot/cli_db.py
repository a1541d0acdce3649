"""`liaison db …`: upgrade, check, backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, TextIO

from bot.settings import Settings, SettingsProblem
from storage import backup, migrate
from storage.database import Database, StorageProblem


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("db", help="the database: upgrade, check, backup, restore")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("upgrade", help="bring the database to this release").set_defaults(run=run_upgrade)
    actions.add_parser("check", help="say whether the database is whole and of this release").set_defaults(run=run_check)
    keep = actions.add_parser("backup", help="write a backup while the bot runs")
    keep.add_argument("file", metavar="FILE", type=Path)
    keep.set_defaults(run=run_backup)
    bring = actions.add_parser("restore", help="fill an empty database from a backup")
    bring.add_argument("file", metavar="FILE", type=Path)
    bring.set_defaults(run=run_restore)


def run_upgrade(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    migrate.upgrade(Database(settings.database_url))
    out.write("the database is at this release\n")
    return 0


def run_check(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    database = Database(settings.database_url)
    _exists(database)
    migrate.ready(database)
    problems = backup.integrity(database)
    out.write("".join(f"{problem}\n" for problem in problems) or "the database is whole and at this release\n")
    return 1 if problems else 0


def run_backup(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    database = Database(settings.database_url)
    _exists(database)
    migrate.ready(database)
    try:
        rows = backup.write(database, arguments.file)
    except OSError as problem:
        raise SettingsProblem((f"FILE: {arguments.file} cannot be written ({problem.strerror})",)) from None
    out.write(f"{rows} rows kept in {arguments.file}\n")
    return 0


def run_restore(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    try:
        rows = backup.restore(Database(settings.database_url), arguments.file)
    except backup.BackupProblem as problem:
        out.write(f"{arguments.file}: {problem}\n")
        return 2
    out.write(f"{rows} rows restored\n")
    return 0


def _exists(database: Database) -> None:
    """Asking about a SQLite file must not make one."""
    if database.file is not None and not database.file.exists():
        raise StorageProblem("database_missing")
