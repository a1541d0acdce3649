"""How long the next attempt waits, and what a rate bucket gives."""

from __future__ import annotations

import pytest

from scheduler.backoff import CAP, MOST_ATTEMPTS, SPREAD, backoff
from storage.buckets import burst_of, door_key, draw, place_key


@pytest.mark.parametrize(("attempts", "ceiling"), [(1, 4.0), (2, 8.0), (3, 16.0), (8, 512.0), (9, CAP), (MOST_ATTEMPTS, CAP), (5000, CAP)])
def test_the_wait_lies_anywhere_under_a_ceiling_that_doubles_up_to_a_quarter_of_an_hour(attempts: int, ceiling: float) -> None:
    assert [backoff(attempts, chance=chance) for chance in (0.0, 0.5, 1.0)] == [0.0, ceiling / 2, ceiling]


@pytest.mark.parametrize("after", [0.0, 1.0, 30.0, 3600.0])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_what_the_platform_asked_for_is_kept_and_not_much_more(after: float, chance: float) -> None:
    assert after <= backoff(7, chance=chance, after=after) <= after + SPREAD


def test_a_wait_that_is_less_than_nothing_is_nothing() -> None:
    assert backoff(1, chance=0.0, after=-5.0) == 0.0


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    tokens, waits = burst_of(1.0), []
    for _ in range(4):
        tokens, wait = draw(tokens, elapsed=0.0, per_second=1.0)
        waits.append(wait)
    assert waits == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize("step", [0.05, 0.5, 0.9])
def test_a_bucket_looked_at_now_and_then_gives_its_whole_rate_and_never_more(step: float) -> None:
    tokens, given = 0.0, 0
    for _ in range(int(1000 / step)):
        elapsed = step
        while True:
            tokens, wait = draw(tokens, elapsed=elapsed, per_second=1.0)
            if wait:
                break
            given, elapsed = given + 1, 0.0
    assert 990 <= given <= 1000


def test_a_clock_that_goes_backwards_gives_nothing_away() -> None:
    assert draw(0.0, elapsed=-3600.0, per_second=1.0) == (0.0, 1.0)


@pytest.mark.parametrize(("per_second", "burst"), [(0.2, 2.0), (1.0, 2.0), (2.5, 2.5), (50.0, 3.0)])
def test_a_quiet_place_takes_two_or_three_at_once(per_second: float, burst: float) -> None:
    assert burst_of(per_second) == burst


def test_a_place_has_one_bucket_however_its_address_is_written() -> None:
    assert place_key("post", {"a": 1, "b": "é"}) == place_key("post", {"b": "é", "a": 1})
    assert len({place_key("post", {"a": 1}), place_key("post", {"a": 2}), place_key("desk", {"a": 1}), door_key("post")}) == 4
