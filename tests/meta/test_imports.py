"""Every arrow points down: bot, scheduler, handlers, storage; no circles; the ground floor of handlers knows no room."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from tests.meta.tree import FLOORS, Import, Module, known, modules

GROUND_FLOOR = "handlers.conversation"
LIKELY = 40
"""Fewer modules than this, and the test has read the wrong folder."""


def ours(module: Module) -> Iterator[tuple[Import, str]]:
    for found in module.imports:
        target = known(found.name)
        if target is not None and target != module.name:
            yield found, target


def loads(module: Module) -> set[str]:
    """What must have been loaded before this module; the packages around it are left aside: they start it, it does not start them."""
    targets = {target for found, target in ours(module) if found.at_load and not found.for_types}
    return {target for target in targets if not module.name.startswith(f"{target}.")}


def test_the_modules_and_their_imports_were_read() -> None:
    assert len(modules()) > LIKELY
    assert sum(1 for module in modules().values() for _ in ours(module)) > LIKELY
    assert {module.floor for module in modules().values()} == set(FLOORS)


def test_imports_go_downwards_only() -> None:
    height = {floor: level for level, floor in enumerate(FLOORS)}
    upwards = [
        f"{module.name}:{found.line} imports {target}"
        for module in modules().values()
        for found, target in ours(module)
        if height[target.partition(".")[0]] > height[module.floor]
    ]
    assert upwards == []


def test_no_floor_imports_tests_or_benchmarks() -> None:
    strays = [
        f"{module.name}:{found.line} imports {found.name}"
        for module in modules().values()
        for found in module.imports
        if found.name.partition(".")[0] in ("tests", "bench")
    ]
    assert strays == []


def test_no_modules_load_each_other_in_a_circle() -> None:
    graph = {module.name: loads(module) for module in modules().values()}
    circle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        circle = list(found.args[1])
    assert circle == []


def test_the_ground_floor_of_handlers_imports_no_room() -> None:
    ground = [module for module in modules().values() if module.name.startswith(GROUND_FLOOR)]
    rooms = [
        f"{module.name}:{found.line} imports {target}"
        for module in ground
        for found, target in ours(module)
        if target.startswith("handlers.") and not target.startswith(GROUND_FLOOR)
    ]
    assert len(ground) > 3
    assert rooms == []
