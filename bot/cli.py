"""The command line: `liaison …` (DESIGN 8). Each command is one module here; this one only lists them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from sqlalchemy.exc import DBAPIError

from bot import cli_chat, cli_db, cli_deliveries, cli_demo, cli_doctor, cli_exchange, cli_forms, cli_people, cli_serve, cli_understand
from bot.settings import Settings, SettingsProblem, from_environment
from handlers.conversation.access import Refused
from storage.database import StorageProblem, storage_problem

Command = Callable[[argparse.Namespace, Settings, TextIO], int]

COMMANDS = (cli_demo, cli_serve, cli_chat, cli_understand, cli_forms, cli_exchange, cli_people, cli_deliveries, cli_db, cli_doctor)
"""Each gives `add_parser(subparsers)`, which sets `run` to a `Command`."""

_STORAGE = {
    "database_url_invalid": "is no address of a SQLite or PostgreSQL database; for example sqlite:///liaison.sqlite",
    "database_missing": "there is no such file, or it cannot be opened; `liaison db upgrade` makes one where the folder can be written to",
    "database_locked": "another process holds the database; try again when it is done",
    "database_read_only": "the database cannot be written to; check the rights of the file and its folder",
    "database_full": "the disk is full",
    "database_newer": "was written by a newer release of Liaison; install that release",
    "database_older": "was written by an older release of Liaison; run `liaison db upgrade`",
    "database_empty": "is empty; run `liaison db upgrade`, or `liaison demo --prepare` for a demo",
    "database_in_use": "is in use; a demo needs a database of its own",
    "database_not_ours": "holds something else than Liaison's tables; name another database",
    "database_damaged": "the file is damaged; restore the last backup with `liaison db restore`",
    "database_unreachable": "the server does not answer; check that it runs and the address is right",
}


def main(argv: Sequence[str] | None = None, *, out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Run one command. 0 done, 1 done in part or nothing found, 2 not started: a mistake in the call or the configuration."""
    parser = argparse.ArgumentParser(prog="liaison", description="Coordination of technical assistance under United Nations conventions.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    arguments = parser.parse_args(argv)
    try:
        return _run(arguments, out)
    except SettingsProblem as problem:
        err.write("".join(f"{line}\n" for line in problem.lines))
    except StorageProblem as problem:
        err.write(f"LIAISON_DATABASE_URL: {_STORAGE.get(problem.code, problem.code)}\n")
    except DBAPIError as problem:
        known = storage_problem(problem)
        code = known.code if isinstance(known, StorageProblem) else type(problem.orig).__name__
        err.write(f"LIAISON_DATABASE_URL: {_STORAGE.get(code, code)}\n")
    except Refused as refused:
        err.write(f"refused: {refused.code}\n")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return 2


def _run(arguments: argparse.Namespace, out: TextIO) -> int:
    command: Command = arguments.run
    return command(arguments, from_environment(os.environ), out)
