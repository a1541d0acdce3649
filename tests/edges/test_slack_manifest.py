"""The app manifest asks for what the door uses, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from bot.slack.read import EVENTS, TAKEN_UP
from bot.slack.register import PATH

ROOT = Path(__file__).parents[2]
_CALL = re.compile(r"client\.([a-z]+_[a-z_]+)|\"((?:chat|views|users|conversations|auth)\.[a-zA-Z]+)\"")

EVERY_KIND = ("channels", "groups", "im", "mpim")
SCOPES: dict[str, set[str]] = {
    "auth.test": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.open": {"im:write"},
    "conversations.history": {f"{kind}:history" for kind in EVERY_KIND},
    "conversations.replies": {f"{kind}:history" for kind in EVERY_KIND},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
}
"""What each method of the Web API needs: https://docs.slack.dev/reference/methods"""

HEARD: dict[str, dict[str, set[str]]] = {
    "app_home_opened": {"app_home_opened": set()},
    "app_mention": {"app_mention": {"app_mentions:read"}},
    "member_joined_channel": {"member_joined_channel": {"channels:read", "groups:read"}},
    "message": {f"message.{kind}": {f"{kind}:history"} for kind in EVERY_KIND},
}
"""The subscriptions of each event the door reads, and the scopes they need: https://docs.slack.dev/reference/events"""


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "slack" / "manifest.yaml").read_text("utf-8"))
    return found


def methods_called() -> set[str]:
    """Every method of the Web API that the door's source names."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot" / "slack").glob("*.py"))
    named = {(call or dotted) for call, dotted in _CALL.findall(source)} - {"api_call", "base_url"}
    return {name if "." in name else name.replace("_", ".", 1) for name in named}


def test_the_scopes_are_those_of_what_is_called_and_heard() -> None:
    called = methods_called()
    assert called == SCOPES.keys()
    needed = {scope for method in called for scope in SCOPES[method]} | {
        s for heard in HEARD.values() for scopes in heard.values() for s in scopes
    }
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed | {"commands"} | FILES


FILES = {"files:read"}
"""What fetching a shared file needs: its address takes the same token."""


def test_the_subscriptions_are_those_of_what_is_read() -> None:
    assert HEARD.keys() == EVENTS.keys()
    subscribed = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(subscribed) == sorted(name for heard in HEARD.values() for name in heard)


def test_everything_arrives_at_the_one_address() -> None:
    settings, [command] = manifest()["settings"], manifest()["features"]["slash_commands"]
    interactivity = settings["interactivity"]
    addresses = {
        settings["event_subscriptions"]["request_url"],
        interactivity["request_url"],
        interactivity["message_menu_options_url"],
        command["url"],
    }
    [address] = addresses
    assert address.endswith(PATH)
    assert interactivity["is_enabled"] is True


def test_the_shortcuts_are_those_the_door_reads() -> None:
    shortcuts = manifest()["features"]["shortcuts"]
    assert {shortcut["callback_id"] for shortcut in shortcuts} == TAKEN_UP.keys()
    for shortcut in shortcuts:
        assert shortcut["type"] == "message"
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_the_home_and_messages_tabs_are_open_and_commands_escape_as_messages_do() -> None:
    features = manifest()["features"]
    assert features["app_home"] == {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    assert [(c["command"], c["should_escape"]) for c in features["slash_commands"]] == [("/liaison", True)]
