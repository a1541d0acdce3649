"""The databases the contracts run on are real, empty, and apart from each other."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool


def tables(url: str) -> list[str]:
    engine = sa.create_engine(url, poolclass=NullPool)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def make_table(url: str) -> None:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_behind (word TEXT)"))
        connection.execute(sa.text("INSERT INTO left_behind VALUES ('جهة التنسيق')"))
        assert connection.scalar(sa.text("SELECT word FROM left_behind")) == "جهة التنسيق"
    engine.dispose()


def test_a_database_is_empty_and_takes_every_script(empty_url: str) -> None:
    assert tables(empty_url) == []
    make_table(empty_url)
    assert tables(empty_url) == ["left_behind"]


def test_a_test_never_meets_what_another_left_behind(empty_url: str) -> None:
    assert tables(empty_url) == []
