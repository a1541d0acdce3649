"""Where files are fetched: by a link that was made for one person and lasts a quarter of an hour; always to be saved, never shown."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from sqlmodel import Session

from bot.web.desk import Desk
from bot.web.session import unsigned
from storage.attachments import Attachment
from storage.database import database_now
from storage.files import TYPES, path_of

_GONE = "this link is no longer good"


class Shelf:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def file(self, request: web.Request) -> web.StreamResponse:
        """404 for a link that was not made here, is too old, or whose file was taken away."""
        row = await self.desk.reading(self._found, request.match_info["token"])
        path = path_of(self.desk.house.settings.files_dir, row.digest)
        if not await asyncio.to_thread(path.is_file):
            raise web.HTTPNotFound(text=_GONE)
        return web.FileResponse(path, headers=_to_be_saved(row.name))

    def _found(self, session: Session, token: str) -> Attachment:
        message = unsigned(self.desk.secret, "file", token)
        attachment_id, _, until = message.split(".") if message and message.count(".") == 2 else ("0", "", "0")
        row = session.get(Attachment, int(attachment_id))
        if row is None or row.removed_at is not None or int(until) < database_now(session).timestamp():
            raise web.HTTPNotFound(text=_GONE)
        session.expunge(row)
        return row


def _to_be_saved(name: str) -> dict[str, str]:
    """What makes a browser save a file under its name and never run or show it."""
    kind = TYPES.get(Path(name).suffix.lstrip(".").lower(), "application/octet-stream")
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return {
        "Content-Type": kind if mimetypes.guess_extension(kind) else "application/octet-stream",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
