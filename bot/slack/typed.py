"""Slack's notation undone: what the person typed, from what Slack sends of it.

https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` arrive escaped; links, mentions and dates in angle brackets.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ENTITY = re.compile(r"&(lt|gt|amp);")
_CHARACTER = {"lt": "<", "gt": ">", "amp": "&"}


def typed(text: str, *, bot_user: str | None = None) -> str:
    """`<@UBOT> need for <https://x.org|x.org> &amp; more` → `need for x.org & more`."""
    if bot_user:
        text = re.sub(rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>", " ", text)
    shown = _TOKEN.sub(_as_typed, text)
    return _ENTITY.sub(lambda found: _CHARACTER[found.group(1)], shown).strip()


def _as_typed(found: re.Match[str]) -> str:
    mark, target, label = found.group(1), found.group(2), found.group(3)
    match mark:
        case "@" | "#":
            return f"{mark}{label or target}"
        case "!":
            return label or f"@{target.split('^', 1)[0]}"
    bare = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in target:
        return label or bare
    return f"{label} ({bare})"
