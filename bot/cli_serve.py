"""`liaison serve`: the server."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
from typing import Any, TextIO

import structlog
from aiohttp import web

from bot.app import build
from bot.house import House
from bot.settings import Settings, SettingsProblem

DEFAULT_PORT = 8000


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("serve", help="start the server: web chat, Slack and Teams, whatever is configured")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on ({DEFAULT_PORT}); 0 takes a free one")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with listening(arguments.host, arguments.port) as listen:
        serve(build(settings), listen, host=arguments.host, out=out)
    return 0


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; SettingsProblem when the address cannot be had."""
    if not 0 <= port <= 65535:
        raise SettingsProblem((f"--port: {port} is no port; they go from 0 to 65535",))
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        raise SettingsProblem((f"--port: {host}:{port} cannot be listened on ({problem})",)) from None


def serve(house: House, listen: socket.socket, *, host: str, out: TextIO) -> None:
    """Serve until SIGINT or SIGTERM; what is in hand is finished first."""
    from bot.server import application  # the platforms' SDKs take a third of a second that no other command should wait for

    app = application(house, host=host)
    log_as_json()
    port = listen.getsockname()[1]
    out.write(f"Web chat: http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}/chat\n")
    out.flush()
    asyncio.run(_until_stopped(app, listen))
    house.close()


async def _until_stopped(app: web.Application, listen: socket.socket) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=10)
    await runner.setup()
    await web.SockSite(runner, listen).start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
    await runner.cleanup()


def log_as_json() -> None:
    """One JSON object a line on standard error, whichever library logs."""
    logging.basicConfig(level=logging.INFO, handlers=[json_handler(sys.stderr)], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def json_handler(stream: TextIO) -> logging.Handler:
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ExtraAdder(),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    return handler
