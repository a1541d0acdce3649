"""What outsiders may rely on at the command line (DESIGN 8): what each command prints, and one clear line for each mistake."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.terminal.render import on_screen
from storage.exchange.records import ACTIVITY_HEADS, NEED_HEADS
from tests.doors.commands import Run, exported
from tests.doors.slack import Slack
from tests.doors.terminal import ROOT, environment

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
UNDERSTOOD = {
    "intent", "also", "language", "parties", "regions", "instruments", "articles", "assistance_types", "amount", "currency", "date",
    "date_from", "ambiguous", "confidence",
}  # fmt: skip
NOT_THERE = (
    "LIAISON_DATABASE_URL: there is no such file, or it cannot be opened; `liaison db upgrade` "
    "makes one where the folder can be written to\n"
)


def test_preparing_a_demo_twice_changes_nothing_and_never_touches_a_real_database(run: Run, tmp_path: Path) -> None:
    before = exported(run, "needs")
    assert run("demo", "--prepare")[0] == 0
    assert exported(run, "needs") == before
    real = f"sqlite:///{tmp_path / 'real.sqlite'}"
    assert run("db", "upgrade", LIAISON_DATABASE_URL=real)[0] == 0
    assert run("people", "add", "Ana Lee", "--role", "secretariat", LIAISON_DATABASE_URL=real)[0] == 0
    code, _, complaint = run("demo", "--prepare", LIAISON_DATABASE_URL=real)
    assert (code, complaint.count("\n")) == (2, 1)
    assert json.loads(run("people", "list", "--json", LIAISON_DATABASE_URL=real)[1])[0]["name"] == "Ana Lee"


def test_understand_gives_every_key_and_null_for_what_is_unknown(run: Run) -> None:
    code, out, _ = run("understand", NEED, "--now", "2020-08-24T09:00+02:00", "--json")
    heard = json.loads(out)
    assert (code, set(heard)) == (0, UNDERSTOOD)
    assert (heard["intent"], heard["parties"], heard["instruments"]) == ("need", ["KE"], ["TIP"])
    assert (heard["amount"], heard["currency"], heard["date"], heard["date_from"]) == (200000, "USD", "2027-06-30", None)
    assert 0 <= heard["confidence"] <= 1
    unknown = json.loads(run("understand", "qwertz", "--json")[1])
    assert (set(unknown), unknown["intent"], unknown["amount"]) == (UNDERSTOOD, "unknown", None)


def test_exports_have_the_same_heads_in_json_and_csv(run: Run) -> None:
    for kind, heads in (("needs", NEED_HEADS), ("activities", ACTIVITY_HEADS)):
        rows = exported(run, kind)
        sheet = list(csv.DictReader(io.StringIO(run("export", kind, "--format", "csv")[1].removeprefix("\ufeff"))))
        assert rows
        assert tuple(rows[0]) == tuple(sheet[0]) == heads
        assert [row["ref"] for row in rows] == [row["ref"] for row in sheet]
    assert sheet[0]["recipients"] == "; ".join(rows[0]["recipients"])


async def test_a_one_time_code_links_one_account_once(run: Run, url: str) -> None:
    code, out, _ = run("people", "add", "Ana Lee", "--role", "secretariat", "--handle", "ana")
    assert code == 0
    assert out.splitlines()[0] == "ana"
    one_time = out.split("code: ")[1].split()[0]
    slack = Slack(url)
    try:
        assert "Ana Lee" in (await slack.say("newcomer", f"link {one_time}")).text
        assert (await slack.say("newcomer", "set deadline")).button("form.cancel:")
        spent = await slack.say("ke", f"link {one_time}")
        assert "not known or was used before" in spent.text
    finally:
        await slack.close()


def test_people_are_listed_with_what_they_are_appointed_to(run: Run) -> None:
    rows = {row["handle"]: row for row in json.loads(run("people", "list", "--json")[1])}
    assert {"sec", "chair", "ke", "sn", "pe", "kg", "tn", "mn", "fj", "ci", "donor-no", "donor-fr", "donor-de", "igo"} <= rows.keys()
    assert rows["ke"]["roles"] == ["focal_point KE UNTOC", "focal_point KE UNCAC"]


def missing(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")


def somebody_elses(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE songs (title TEXT)")


def no_database(file: Path) -> None:
    file.write_text("A letter, and no database at all.\n" * 100)


def read_only(file: Path) -> None:
    """By the mark in the file itself, which holds for whoever opens it (https://www.sqlite.org/fileformat.html, 1.3.3)."""
    with file.open("r+b") as raw:
        raw.seek(18)
        raw.write(b"\x03")


COMMANDS = (
    ("db", "check"),
    ("export", "needs", "--format", "json"),
    ("people", "add", "Ana Lee", "--role", "chair"),
    ("chat", "--as", "ke"),
    ("tick",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("spoil", [missing, empty, newer, somebody_elses, no_database], ids=lambda spoil: spoil.__name__)
def test_a_database_that_is_not_ours_gives_one_clear_line(
    run: Run, file: Path, spoil: Callable[[Path], None], command: tuple[str, ...]
) -> None:
    spoil(file)
    was_there = file.exists()
    code, out, complaint = run(*command)
    assert (code, out) == (2, "")
    assert complaint.startswith("LIAISON_DATABASE_URL: ")
    assert complaint.count("\n") == 1
    assert file.exists() is was_there


def test_a_database_that_cannot_be_written_to_gives_one_clear_line(run: Run, file: Path) -> None:
    read_only(file)
    code, out, complaint = run("people", "add", "Ana Lee", "--role", "chair")
    assert (code, out) == (2, "")
    assert complaint == "LIAISON_DATABASE_URL: the database cannot be written to; check the rights of the file and its folder\n"


@pytest.fixture
def somebody_writing(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.rollback()


@pytest.mark.usefixtures("somebody_writing")
def test_a_locked_database_gives_one_clear_line(run: Run) -> None:
    code, out, complaint = run("people", "add", "Ana Lee", "--role", "chair")
    assert (code, out) == (2, "")
    assert complaint == "LIAISON_DATABASE_URL: another process holds the database; try again when it is done\n"


def test_upgrade_refuses_what_it_does_not_know_and_leaves_it_as_it_is(run: Run, file: Path) -> None:
    somebody_elses(file)
    assert run("db", "upgrade")[0] == 2
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def test_a_backup_is_restored_into_an_empty_database_with_every_record(run: Run, tmp_path: Path) -> None:
    needs, kept, again = exported(run, "needs"), tmp_path / "kept.backup", f"sqlite:///{tmp_path / 'again.sqlite'}"
    assert run("db", "backup", str(kept))[0] == 0
    assert run("db", "restore", str(kept), LIAISON_DATABASE_URL=again)[0] == 0
    assert exported(run, "needs", LIAISON_DATABASE_URL=again) == needs


WRONG = [
    ("LIAISON_SECRET_KEY", {"LIAISON_SECRET_KEY": "short"}),
    ("LIAISON_TIMEZONE", {"LIAISON_TIMEZONE": "Europe/Wien"}),
    ("LIAISON_BASE_URL", {"LIAISON_BASE_URL": "liaison.example.org"}),
    ("LIAISON_DATABASE_URL", {"LIAISON_DATABASE_URL": "mysql://here/there"}),
    ("LIAISON_DATABASE_URL", {"LIAISON_DATABASE_URL": "nonsense"}),
    ("SLACK_BOT_TOKEN", {"SLACK_SIGNING_SECRET": "s"}),
    ("SLACK_SIGNING_SECRET", {"SLACK_BOT_TOKEN": "xoxb-1"}),
    ("SLACK_APP_TOKEN", {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_APP_TOKEN": "1"}),
    ("LIAISON_TEAMS_EMULATOR", {"LIAISON_TEAMS_EMULATOR": "yes"}),
]


@pytest.mark.parametrize(("name", "variables"), WRONG, ids=[f"{name}-{number}" for number, (name, _) in enumerate(WRONG)])
@pytest.mark.parametrize("command", [("tick",), ("serve", "--port", "0"), ("chat", "--as", "ke")], ids=" ".join)
def test_a_mistake_in_the_configuration_is_one_line_with_its_name(
    run: Run, name: str, variables: dict[str, str], command: tuple[str, ...]
) -> None:
    code, out, complaint = run(*command, **variables)
    assert (code, out) == (2, "")
    assert complaint.startswith(f"{name}: ")
    assert complaint.count("\n") == 1


def test_every_mistake_is_told_at_once_by_the_real_process(tmp_path: Path) -> None:
    wrong = {"LIAISON_TIMEZONE": "Mars", "LIAISON_SECRET_KEY": "short", "MICROSOFT_APP_ID": "a"}
    url = f"sqlite:///{tmp_path / 'none.sqlite'}"
    told = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], capture_output=True, text=True, env=environment(url, **wrong), cwd=ROOT, timeout=60
    )
    names = [line.partition(":")[0] for line in told.stderr.splitlines()]
    assert (told.returncode, told.stdout) == (2, "")
    assert set(names) == {"LIAISON_SECRET_KEY", "LIAISON_TIMEZONE", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"}
    assert list(tmp_path.iterdir()) == []


def test_emulator_mode_is_refused_where_other_machines_could_reach_it(run: Run) -> None:
    code, out, complaint = run("serve", "--host", "0.0.0.0", "--port", "0", LIAISON_TEAMS_EMULATOR="1")
    assert (code, out) == (2, "")
    assert complaint.startswith("LIAISON_TEAMS_EMULATOR: ")


def test_a_port_that_is_taken_is_one_clear_line(run: Run) -> None:
    code, _, complaint = run("serve", "--port", "70000")
    assert (code, complaint.count("\n")) == (2, 1)
    assert complaint.startswith("--port: ")


def test_nothing_is_left_where_the_folder_is_missing(run: Run, tmp_path: Path) -> None:
    code, _, complaint = run("db", "upgrade", LIAISON_DATABASE_URL=f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")
    assert (code, complaint) == (
        2,
        NOT_THERE,
    )


@pytest.mark.parametrize(
    ("argv", "begins"),
    [
        (("db", "backup", "/nonexistent/x.gz"), "FILE: /nonexistent/x.gz cannot be written"),
        (("import", "needs", "{deep}"), "FILE: "),
        (("import", "agenda", "{deep}"), "FILE: "),
        (("import", "needs", "{empty}"), "FILE: "),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, tuple) else "",
)
def test_a_file_that_is_of_no_use_is_one_clear_line(run: Run, tmp_path: Path, argv: tuple[str, ...], begins: str) -> None:
    deep, empty = tmp_path / "deep.json", tmp_path / "empty.json"
    deep.write_text("[" * 100_000, "utf-8")
    empty.write_text("", "utf-8")
    code, out, complaint = run(*(part.format(deep=deep, empty=empty) for part in argv))
    assert (code, out, complaint.count("\n")) == (2, "", 1)
    assert complaint.startswith(begins)


@pytest.mark.parametrize("command", [("db", "check"), ("tick",), ("export", "needs")])
def test_a_damaged_database_is_one_clear_line(run: Run, file: Path, command: tuple[str, ...]) -> None:
    content = bytearray(file.read_bytes())
    content[20_000:80_000] = b"\xff" * 60_000
    file.write_bytes(bytes(content))
    code, _, complaint = run(*command)
    assert "Traceback" not in complaint
    assert code in (0, 1, 2)
    if code == 2:
        assert complaint.splitlines()[-1].startswith("LIAISON_DATABASE_URL: ")


def test_what_others_typed_does_not_command_a_terminal() -> None:
    assert on_screen("a\x1b[2J\u202eb\n\tc") == "a\ufffd[2J\ufffdb\n\tc"


@pytest.mark.parametrize(
    ("name", "value"), [("LIAISON_FILES_DIR", __file__), ("LIAISON_FILES_DIR", f"{__file__}/below"), ("SLACK_API_URL", "foo")]
)
def test_a_setting_that_cannot_be_is_one_clear_line(run: Run, name: str, value: str) -> None:
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"} if name.startswith("SLACK") else {}
    code, _, complaint = run("doctor", **{name: value, **slack})
    assert (code, complaint.count("\n")) == (2, 1)
    assert complaint.startswith(f"{name}: ")
