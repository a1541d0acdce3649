"""What the laws of the tree read: its tracked files, its Python modules and what each imports."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("storage", "handlers", "scheduler", "bot")
"""From the cellar up: a module may import from its own floor and those before it."""


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, where, and whether it is imported as the module loads, and only for type checkers."""

    name: str
    line: int
    at_load: bool
    for_types: bool


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    @property
    def floor(self) -> str:
        return self.name.partition(".")[0]

    @property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.tree, package=self.package, at_load=True, for_types=False))

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


@cache
def modules() -> dict[str, Module]:
    """Every module of the four floors by its dotted name."""
    found = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return {module.name: module for module in map(_module, found)}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file git holds or would hold: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return tuple(path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file())


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def known(name: str) -> str | None:
    """The module of ours that an imported name stands for: itself, or the module that holds it."""
    while name:
        if name in modules():
            return name
        name = name.rpartition(".")[0]
    return None


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name=name, path=path, tree=ast.parse(path.read_text("utf-8"), str(path)))


def _imports(node: ast.AST, *, package: str, at_load: bool, for_types: bool) -> list[Import]:
    match node:
        case ast.Import():
            return [Import(alias.name, node.lineno, at_load, for_types) for alias in node.names]
        case ast.ImportFrom():
            base = _base(node, package)
            return [Import(f"{base}.{alias.name}".strip("."), node.lineno, at_load, for_types) for alias in node.names]
        case ast.If() if _asks_for_type_checking(node.test):
            typed = _among(node.body, package=package, at_load=at_load, for_types=True)
            return typed + _among(node.orelse, package=package, at_load=at_load, for_types=for_types)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            return _among(list(ast.iter_child_nodes(node)), package=package, at_load=False, for_types=for_types)
        case _:
            return _among(list(ast.iter_child_nodes(node)), package=package, at_load=at_load, for_types=for_types)


def _among(nodes: list[ast.stmt] | list[ast.AST], *, package: str, at_load: bool, for_types: bool) -> list[Import]:
    return [found for node in nodes for found in _imports(node, package=package, at_load=at_load, for_types=for_types)]


def _base(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)


def _asks_for_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
