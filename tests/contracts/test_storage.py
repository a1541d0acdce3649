"""What the storage promises, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel, select

from storage import backup, migrate
from storage.database import Database, StorageProblem, database_now
from storage.needs import Need
from storage.people import Person, add_person, reachable_identity
from storage.records import next_reference, set_setting, setting

AT = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)

TITLE = "«Ñ» العربية 中文 \U0001f58b"


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    migrate.upgrade(empty)
    return empty


def _need(database: Database, at: datetime = AT) -> None:
    with database.transaction() as session:
        person = add_person(session, Person(name="Ke", created_at=at))
        session.add(
            Need(
                ref=next_reference(session, "N", at), party="KE", title=TITLE, language="en", owner_id=person.id or 0,
                amount=Decimal("123456789012.34"), created_at=at, updated_at=at,
            )
        )  # fmt: skip


def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []
    assert migrate.state(database) == "current"


def test_an_instant_comes_back_as_it_went_in(database: Database) -> None:
    _need(database, AT.astimezone(timezone(timedelta(hours=5, minutes=45))))
    with database.reading() as session:
        need = session.exec(select(Need)).one()
    assert need.created_at == AT
    assert need.created_at.tzinfo is not None
    assert need.amount == Decimal("123456789012.34")


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError)), database.transaction() as session:
        session.add(Person(name="x", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001  (the naive one is the point)


def _take_one_and_fail(database: Database) -> None:
    with database.transaction() as session:
        next_reference(session, "N", AT)
        raise ZeroDivisionError


def test_references_are_never_reused_and_a_rollback_takes_its_number_back(database: Database) -> None:
    with database.transaction() as session:
        assert next_reference(session, "N", AT) == "N-2026-0001"
    with pytest.raises(ZeroDivisionError):
        _take_one_and_fail(database)
    with database.transaction() as session:
        assert [next_reference(session, kind, AT) for kind in ("N", "A", "N")] == ["N-2026-0002", "A-2026-0001", "N-2026-0003"]


def test_settings(database: Database) -> None:
    with database.transaction() as session:
        assert setting(session, "x") is None
        set_setting(session, "x", {"a": [1]})
        set_setting(session, "x", {"a": [2]})
        assert setting(session, "x") == {"a": [2]}


def test_a_person_is_written_to_where_they_were_last_and_at_their_desk_otherwise(database: Database) -> None:
    with database.transaction() as session:
        person = add_person(session, Person(name="Ke", created_at=AT))
        desk = reachable_identity(session, person.id or 0)
        assert desk is not None
        assert desk.door == "desk"


def test_the_databases_clock_is_near_ours(database: Database) -> None:
    with database.transaction() as session:
        assert abs(database_now(session) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_backup_restores_elsewhere_with_everything(database: Database, postgres_or_sqlite_elsewhere: str, tmp_path: Path) -> None:
    _need(database)
    rows = backup.write(database, tmp_path / "b.gz")
    other = Database(postgres_or_sqlite_elsewhere)
    assert backup.restore(other, tmp_path / "b.gz") == rows
    with other.transaction() as session:
        need = session.exec(select(Need)).one()
        assert (need.created_at, need.amount) == (AT, Decimal("123456789012.34"))
        assert next_reference(session, "N", AT) == "N-2026-0002"
        assert add_person(session, Person(name="after", created_at=AT)).id == 2
    assert backup.integrity(other) == ()
    other.close()


def test_a_backup_never_overwrites(database: Database, tmp_path: Path) -> None:
    _need(database)
    backup.write(database, tmp_path / "b.gz")
    with pytest.raises(backup.BackupProblem):
        backup.restore(database, tmp_path / "b.gz")


def test_what_is_no_backup_is_refused(database: Database, tmp_path: Path) -> None:
    for content in (b"", b"not gzip", b"\x1f\x8b rubbish"):
        (tmp_path / "b.gz").write_bytes(content)
        with pytest.raises(backup.BackupProblem):
            backup.restore(database, tmp_path / "b.gz")


@pytest.fixture(params=["sqlite", "same"])
def postgres_or_sqlite_elsewhere(request: pytest.FixtureRequest, empty_url: str, tmp_path: Path) -> str:
    """An empty database of the other kind or the same: a backup is also the way from one to the other."""
    if request.param == "sqlite" or empty_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
    url: str = request.getfixturevalue("postgres").fresh_url()
    return url


def test_states_of_a_database(empty: Database) -> None:
    database = empty
    assert migrate.state(database) == "empty"
    migrate.upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.state(database) == "newer"
    with pytest.raises(StorageProblem) as problem:
        migrate.upgrade(database)
    assert problem.value.code == "database_newer"


def test_somebody_elses_tables_are_never_touched(empty: Database) -> None:
    with empty.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(StorageProblem) as problem:
        migrate.upgrade(empty)
    assert problem.value.code == "database_not_ours"
