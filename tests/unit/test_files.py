"""A file is kept once, under what it holds; what is too large, of another kind, or nothing at all leaves no trace."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from storage.files import LARGEST, NotKept, keep_all, path_of

PDF = b"%PDF-1.7\nA national plan"


def keep(folder: Path, name: str, content: bytes) -> str:
    source = io.BytesIO(content)
    return keep_all(folder, name, lambda: source.read(65536))[0]


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_once_whatever_it_is_called(tmp_path: Path) -> None:
    digest = keep(tmp_path, "plan.pdf", PDF)
    assert keep(tmp_path, "Plan national.PDF", PDF) == digest == hashlib.sha256(PDF).hexdigest()
    assert kept(tmp_path) == [path_of(tmp_path, digest)]
    assert path_of(tmp_path, digest).read_bytes() == PDF
    assert path_of(tmp_path, digest).stat().st_mode & 0o111 == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.exe", PDF, "file_type"),
        ("plan", PDF, "file_type"),
        ("plan.pdf.js", PDF, "file_type"),
        ("plan.svg", b"<svg onload=alert(1)>", "file_type"),
        ("plan.html", b"<script>", "file_type"),
        ("plan.pdf", b"", "file_empty"),
        ("plan.pdf", b"MZ\x90\x00", "file_other_type"),
        ("plan.docx", PDF, "file_other_type"),
        ("plan.png", b"<html>", "file_other_type"),
        ("plan.txt", b"\x00\x01\x02", "file_other_type"),
        ("plan.pdf", b"%PDF" + b"x" * LARGEST, "file_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_taken_leaves_nothing_behind(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(NotKept) as problem:
        keep(tmp_path, name, content)
    assert problem.value.code == code
    assert kept(tmp_path) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 63 + "/"])
def test_only_a_hash_leads_to_a_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="hash"):
        path_of(tmp_path, digest)
