"""A page's markup as a tree: just enough to read what a person sees and what the page's script would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = ("br", "input", "link", "meta", "img")
_INLINE = ("span", "bdi", "strong", "em", "i", "a")


@dataclass(slots=True)
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, fits: Callable[[Node], bool]) -> Iterator[Node]:
        """Every element inside that fits, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                if fits(child):
                    yield child
                yield from child.all(fits)

    def with_(self, name: str) -> Iterator[Node]:
        """Every element inside that has an attribute."""
        return self.all(lambda node: name in node.attributes)

    def text(self, *, leave_out: Callable[[Node], bool] = lambda node: False) -> str:
        parts = [
            child if isinstance(child, str) else child.text(leave_out=leave_out) for child in self.children if not _out(child, leave_out)
        ]
        inside = "".join(parts)
        return inside if self.tag in _INLINE and "small" not in self.classes else f" {inside} "


def _out(child: Node | str, leave_out: Callable[[Node], bool]) -> bool:
    return isinstance(child, Node) and leave_out(child)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1:
            if self.open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
