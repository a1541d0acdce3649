"""Files on their way in: kept by content as they come, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from handlers.conversation.turn import File
from storage.files import Incoming, NotKept, keep_all

PIECE = 64 * 1024
"""Bytes that are read at a time."""


async def take(folder: Path, name: str, pieces: AsyncIterator[bytes]) -> File:
    """Keep a file as it comes in; one that is not taken is a `File` with the problem, for the person to read."""
    try:
        incoming = await asyncio.to_thread(Incoming, folder, name)
    except NotKept as problem:
        return File(name, problem=problem.code)
    try:
        async for piece in pieces:
            await asyncio.to_thread(incoming.add, piece)
        return File(name, incoming.size, await asyncio.to_thread(incoming.keep))
    except NotKept as problem:
        return File(name, problem=problem.code)
    finally:
        await asyncio.to_thread(incoming.drop)


def file_of(folder: Path, path: str) -> File:
    """Keep a file of this machine."""
    name = Path(path).name
    try:
        with Path(path).expanduser().open("rb") as source:
            digest, size = keep_all(folder, name, lambda: source.read(PIECE))
    except NotKept as problem:
        return File(name, problem=problem.code)
    except (OSError, ValueError):
        return File(name, problem="file_unreadable")
    return File(name, size, digest)
