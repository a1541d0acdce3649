"""Where the server listens, as its doors may ask: an open door insists on loopback."""

from __future__ import annotations

from aiohttp import web

HOST = web.AppKey("host", str)
