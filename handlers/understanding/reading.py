"""What an answer may mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """One value and `sure`: take it. Several, or not `sure`: ask which. None: not understood."""

    values: tuple[T, ...]
    sure: bool


def one_of(values: Iterable[T], *, sure: bool = True) -> Reading[T]:
    """A reading of these candidates: sure if there is exactly one."""
    unique = tuple(dict.fromkeys(values))
    return Reading(unique, sure and len(unique) == 1)
