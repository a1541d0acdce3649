"""Logs are one JSON object a line, whichever library writes them."""

from __future__ import annotations

import io
import json
import logging

from bot.cli_serve import json_handler


def _logged(level: int, message: str, **extra: object) -> dict[str, object]:
    stream = io.StringIO()
    logger = logging.Logger("some.library")
    logger.addHandler(json_handler(stream))
    try:
        raise ValueError("why")
    except ValueError:
        logger.log(level, message, 7, exc_info=True, extra=extra)
    [line] = stream.getvalue().splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_library_s_record_keeps_its_name_level_extras_and_traceback() -> None:
    said = _logged(logging.ERROR, "turn %s failed: «ошибка»", reference="1a2b")
    assert (said["event"], said["level"], said["logger"], said["reference"]) == ("turn 7 failed: «ошибка»", "error", "some.library", "1a2b")
    assert "ValueError: why" in str(said["exception"])
