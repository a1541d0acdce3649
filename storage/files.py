"""Files on disk, once each: a file is kept under the hash of what it holds, in the folder of `LIAISON_FILES_DIR`.

Nothing here is ever executed or served as it is: a file leaves only as an attachment to be saved, under its own name.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""

TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "csv": "text/csv",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
"""What may be kept, by ending. Whatever the sender says of its type is not asked."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINS: dict[str, bytes] = {
    "pdf": b"%PDF", "doc": _OLE, "xls": _OLE, "ppt": _OLE, "docx": _ZIP, "xlsx": _ZIP, "pptx": _ZIP, "odt": _ZIP, "ods": _ZIP,
    "rtf": b"{\\rtf", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff",
}  # fmt: skip
_BEGINS_LOOSELY = ("pdf",)
"""Readers take a PDF that begins within its first kilobyte."""


class NotKept(Exception):
    """The file is not taken; `code`: `file_too_large`, `file_type`, `file_empty`, `file_other_type`, `file_unreadable`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ending_of(name: str) -> str:
    """The ending that says what a file is; NotKept where it is none of `TYPES`."""
    ending = name.rpartition(".")[2].strip().lower()
    if "." not in name or ending not in TYPES:
        raise NotKept("file_type")
    return ending


class Incoming:
    """A file as it comes in, piece by piece: counted and hashed on the way, and kept at the end or not at all."""

    def __init__(self, folder: Path, name: str) -> None:
        self.ending = ending_of(name)
        self.folder = folder
        self.size = 0
        self._begins = b""
        self._digest = hashlib.sha256()
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f".incoming-{secrets.token_hex(8)}"
        self._file = self._path.open("xb")

    def add(self, piece: bytes) -> None:
        """NotKept as soon as it is too large."""
        self.size += len(piece)
        if self.size > LARGEST:
            raise NotKept("file_too_large")
        self._begins = (self._begins + piece)[:1024] if len(self._begins) < 1024 else self._begins
        self._digest.update(piece)
        self._file.write(piece)

    def keep(self) -> str:
        """Put it in its place; the hash it is found by. NotKept where it is empty, or begins like something else than its ending says."""
        if not self.size:
            raise NotKept("file_empty")
        wanted = _BEGINS.get(self.ending, b"")
        found = wanted in self._begins if self.ending in _BEGINS_LOOSELY else self._begins.startswith(wanted)
        if not found or (self.ending in ("txt", "csv") and b"\x00" in self._begins):
            raise NotKept("file_other_type")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        digest = self._digest.hexdigest()
        target = path_of(self.folder, digest)
        target.parent.mkdir(exist_ok=True)
        self._path.chmod(0o600)
        self._path.replace(target)
        return digest

    def drop(self) -> None:
        """Leave nothing behind; harmless after `keep`."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def path_of(folder: Path, digest: str) -> Path:
    """Where the file with this hash is, or would be. ValueError for what is no such hash."""
    if len(digest) != 64 or not all(letter in "0123456789abcdef" for letter in digest):
        raise ValueError("not a hash of a file")
    return folder / digest[:2] / digest


def keep_all(folder: Path, name: str, read: Callable[[], bytes]) -> tuple[str, int]:
    """Keep what `read` gives piece by piece until it gives nothing: its hash and size."""
    incoming = Incoming(folder, name)
    try:
        while piece := read():
            incoming.add(piece)
        return incoming.keep(), incoming.size
    finally:
        incoming.drop()
