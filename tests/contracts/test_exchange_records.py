"""What `export` writes, `import` reads: the same rows, nothing doubled; and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from handlers.assistance.importing import in_words
from handlers.conversation.words import say
from storage.activities import Activity
from storage.exchange.incoming import Report, import_
from storage.exchange.records import ACTIVITY_HEADS, NEED_HEADS, export
from storage.exchange.sheets import FORMATS
from storage.needs import Need
from storage.records import Audit
from tests.assistance import ENGLISH, NOW, Register

NASTY = '=HYPERLINK("http://x";"y")'


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    register = Register(database_url)
    register.focal_point("ke", "KE")
    register.focal_point("ke", "KE", convention="UNCAC")
    register.donor("no", "Norad")
    yield register
    register.database.close()


@pytest.fixture
def filled(register: Register) -> Register:
    need = {"assistance_types": ["training", "legal_advice"], "instruments": ["TIP"], "articles": ["UNTOC.29", "TIP.5"]}
    register.fill("ke", "need", title=NASTY, **need, amount="USD 200,000", needed_by="2027-06-30", description='one\ntwo, "three"; four')
    register.fill("ke", "need", title="'=quoted", assistance_types=["other"], instruments=["UNCAC"], beneficiary="-1", amount="EUR 10.50")
    register.fill(
        "no", "activity", title="@Courses", recipients=["014", "PE"], assistance_types=["training"], instruments=["SOM"], status="2",
        partners="UNODC; IOM", starts_on="2026-01-01", ends_on="2027-01-31",
    )  # fmt: skip
    return register


def exported(register: Register, kind: str, file_format: str) -> bytes:
    with register.database.reading() as session:
        return export(kind, file_format, session)


def imported(register: Register, kind: str, data: bytes, file_format: str, *, dry_run: bool = False) -> Report:
    with register.database.transaction() as session:
        return import_(kind, data, file_format, session, now=NOW, owner_id=1, dry_run=dry_run)


def test_a_need_is_exported_under_the_promised_keys(filled: Register) -> None:
    first, second = json.loads(exported(filled, "needs", "json"))
    assert tuple(first) == NEED_HEADS
    assert first["lines"] == [{"assistance_type": kind, "status": "requested"} for kind in ("training", "legal_advice")]
    assert (first["amount"], first["needed_by"], first["instruments"]) == (200000, "2027-06-30", ["TIP", "UNTOC"])
    assert second["amount"] == 10.5
    [activity] = json.loads(exported(filled, "activities", "json"))
    assert tuple(activity) == ACTIVITY_HEADS
    assert (activity["provider"], activity["recipients"], activity["end"]) == ("Norad", ["014", "PE"], "2027-01-31")


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kind", ["needs", "activities"])
def test_an_export_read_back_changes_nothing(filled: Register, kind: str, file_format: str) -> None:
    before = exported(filled, kind, "json")
    report = imported(filled, kind, exported(filled, kind, file_format), file_format)
    assert (report.added, report.changed, report.problems) == (0, 0, ())
    assert report.unchanged > 0
    assert exported(filled, kind, "json") == before


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("kind", ["needs", "activities"])
def test_an_export_read_elsewhere_makes_the_same_rows(filled: Register, kind: str, file_format: str) -> None:
    before = json.loads(exported(filled, kind, "json"))
    data = exported(filled, kind, file_format)
    _emptied(filled)
    assert imported(filled, kind, data, file_format).added == len(before)
    assert json.loads(exported(filled, kind, "json")) == before
    assert imported(filled, kind, data, file_format).unchanged == len(before)


def test_what_a_party_reported_stays_the_partys_through_a_file_even_one_that_does_not_say_so(register: Register) -> None:
    reported = {"title": "Courses", "recipients": ["KE"], "assistance_types": ["training"], "instruments": ["TIP"], "provider": "Norad"}
    register.fill("ke", "activity", **reported, status="2")
    [row] = json.loads(exported(register, "activities", "json"))
    assert list(row)[-1] == "reported_by"
    assert row.pop("reported_by") == "KE"
    report = imported(register, "activities", json.dumps([row]).encode(), "json")
    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    [kept] = register.rows(Activity)
    assert (kept.reported_by, kept.organization_id) == ("KE", None)


def _emptied(register: Register) -> None:
    tables = Need.metadata.tables
    with register.database.transaction() as session:
        for name in ("match", "need_line", "need_tag", "need", "activity_tag", "activity", "sequence"):
            session.connection().execute(tables[name].delete())


def test_no_cell_is_run_by_a_spreadsheet(filled: Register) -> None:
    table = list(csv.reader(io.StringIO(exported(filled, "needs", "csv").decode("utf-8-sig"), newline="")))
    assert table[0] == list(NEED_HEADS)
    assert [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert table[1][NEED_HEADS.index("title")] == f"'{NASTY}"
    sheet = load_workbook(io.BytesIO(exported(filled, "needs", "xlsx"))).worksheets[0]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_bad_rows_are_one_line_each_and_good_ones_are_kept(register: Register) -> None:
    rows: list[dict[str, Any]] = [
        {"party": "KE", "title": "Good", "instruments": "TIP; UNTOC", "lines": "training"},
        {"party": "XX", "title": "Bad party", "instruments": "TIP", "lines": "training", "needed_by": "soon"},
        {"party": "KE", "title": "Bad date", "instruments": "TIP", "lines": "training", "needed_by": "soon"},
        {"party": "KE", "title": "", "instruments": "TIP", "lines": "training"},
        {"ref": "A-2026-0001", "party": "KE", "title": "Bad reference", "instruments": "TIP", "lines": "training"},
    ]
    data = json.dumps(rows).encode()
    report = imported(register, "needs", data, "json")
    assert report.added == 1
    assert [say(in_words(problem), ENGLISH) for problem in report.problems] == [
        "Row 3, party: “XX” is not a code of this list.",
        "Row 4, needed_by: “soon” is not a date such as 2027-06-30.",
        "Row 5, title: nothing stands here, and something has to.",
        "Row 6, ref: “A-2026-0001” is not a reference of this kind of record.",
    ]
    assert imported(register, "needs", data, "json").unchanged == 1


def test_a_dry_run_says_what_would_be_and_keeps_nothing(filled: Register) -> None:
    data = exported(filled, "needs", "csv")
    _emptied(filled)
    audits = len(filled.rows(Audit))
    assert imported(filled, "needs", data, "csv", dry_run=True).added == 2
    assert filled.rows(Need) == []
    assert len(filled.rows(Audit)) == audits


def test_an_imported_number_is_never_given_out_again(register: Register) -> None:
    row = {"ref": "N-2026-0041", "party": "KE", "title": "Imported", "instruments": ["TIP"], "lines": ["training"]}
    imported(register, "needs", json.dumps([row]).encode(), "json")
    receipt = register.fill("ke", "need", title="Mine", assistance_types=["training"], instruments=["TIP"])[0]
    assert receipt.ref == "N-2026-0042"  # type: ignore[union-attr]


def test_a_changed_row_changes_its_record(filled: Register) -> None:
    rows = json.loads(exported(filled, "needs", "json"))
    rows[0]["lines"][0]["status"] = "offered"
    rows[0]["priority"] = "high"
    report = imported(filled, "needs", json.dumps(rows).encode(), "json")
    assert (report.changed, report.unchanged) == (1, 1)
    [first, _] = json.loads(exported(filled, "needs", "json"))
    assert (first["priority"], first["lines"][0]["status"]) == ("high", "offered")


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_of_another_kind_is_one_problem(register: Register, file_format: str) -> None:
    report = imported(register, "needs", b"\xff\xfe\x00 no such file", file_format)
    assert [problem.code for problem in report.problems] == ["not_readable"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("visibility", "public", "wider"), ("title", "Other words", "own_words"), ("description", "Other words", "own_words"),
        ("status", "withdrawn", "own_words"), ("party", "SN", "other_owner"),
    ],
)  # fmt: skip
def test_a_file_never_speaks_for_a_state(filled: Register, column: str, value: str, code: str) -> None:
    rows = json.loads(exported(filled, "needs", "json"))
    rows[0][column] = value
    rows[1]["priority"] = "urgent"
    report = imported(filled, "needs", json.dumps(rows).encode(), "json")
    assert (report.changed, [(problem.row, problem.column, problem.code) for problem in report.problems]) == (1, [(2, column, code)])
    assert filled.rows(Need)[0].model_dump()[column] != value
    assert say(in_words(report.problems[0]), ENGLISH).startswith(f"Row 2, {column}: ")


def test_a_file_may_narrow_who_sees_a_record(filled: Register) -> None:
    rows = json.loads(exported(filled, "needs", "json"))
    rows[0]["visibility"] = "donors"
    assert imported(filled, "needs", json.dumps(rows).encode(), "json").changed == 1


def test_an_activity_keeps_its_owner_whatever_its_provider_is_called(filled: Register) -> None:
    with filled.database.transaction() as session:
        activity = session.get_one(Activity, 1)
        activity.organization_id, activity.visibility = None, "secretariat"
        session.add(activity)
    rows = json.loads(exported(filled, "activities", "json"))
    assert imported(filled, "activities", json.dumps(rows).encode(), "json").unchanged == 1
    assert filled.rows(Activity)[0].organization_id is None
    rows[0]["reported_by"] = "KE"
    [problem] = imported(filled, "activities", json.dumps(rows).encode(), "json").problems
    assert (problem.column, problem.code) == ("reported_by", "other_owner")


def test_a_new_activity_belongs_to_the_organization_it_names(filled: Register) -> None:
    [row] = json.loads(exported(filled, "activities", "json"))
    before = filled.rows(Activity)[0].organization_id
    imported(filled, "activities", json.dumps([row | {"ref": None, "title": "Another one"}]).encode(), "json")
    assert [activity.organization_id for activity in filled.rows(Activity)] == [before, before]


def test_nobody_is_named_for_what_a_file_changed_and_both_states_are_kept(filled: Register) -> None:
    rows = json.loads(exported(filled, "needs", "json"))
    rows[0]["priority"] = "high"
    imported(filled, "needs", json.dumps(rows).encode(), "json")
    [audit] = [row for row in filled.rows(Audit) if row.action == "need.imported"]
    assert (audit.person_id, audit.door) == (None, "import")
    assert ((audit.before or {})["priority"], (audit.after or {})["priority"]) == ("medium", "high")
