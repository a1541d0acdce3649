"""Draw the two icons of the app package: `python -m deploy.teams.icons` writes color.png and outline.png beside this file.

Two arcs that meet: one who asks and one who gives. 192 × 192 in colour, 32 × 32 white on nothing, as the package demands.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

Pixel = tuple[int, int, int, int]

BLUE: Pixel = (0, 90, 156, 255)
WHITE: Pixel = (255, 255, 255, 255)
NOTHING: Pixel = (255, 255, 255, 0)
FINE = 4
"""Samples a pixel in each direction, for smooth edges."""


def is_drawn(x: float, y: float) -> bool:
    """Whether a point of the unit square lies on one of the two rings, each open towards the other."""
    for centre, side in ((0.37, 1), (0.63, -1)):
        distance = ((x - centre) ** 2 + (y - 0.5) ** 2) ** 0.5
        if 0.17 <= distance <= 0.25 and not (abs(y - 0.5) < 0.06 and (x - centre) * side > 0):
            return True
    return False


def covered(size: int, column: int, row: int) -> float:
    """How much of a pixel is drawn, 0 to 1."""
    steps = [(at + 0.5) / FINE for at in range(FINE)]
    hits = sum(is_drawn((column + dx) / size, (row + dy) / size) for dx in steps for dy in steps)
    return hits / FINE**2


def mixed(ink: Pixel, paper: Pixel, share: float) -> bytes:
    return bytes(round(a * share + b * (1 - share)) for a, b in zip(ink, paper, strict=True))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(size: int, ink: Pixel, paper: Pixel) -> bytes:
    """A square RGBA picture."""
    lines = (b"\x00" + b"".join(mixed(ink, paper, covered(size, column, row)) for column in range(size)) for row in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(lines), 9)) + chunk(b"IEND", b"")


def main() -> None:
    here = Path(__file__).parent
    (here / "color.png").write_bytes(png(192, WHITE, BLUE))
    (here / "outline.png").write_bytes(png(32, WHITE, NOTHING))


if __name__ == "__main__":
    main()
