"""What no platform would send: each is refused with 4xx or passed over, never answered with 500; `bench.rubbish` times it."""

from __future__ import annotations

from urllib.parse import urlencode

TO_SLACK = {
    "empty": b"",
    "array": b"[]",
    "null": b"null",
    "number": b"7",
    "cut off": b'{"type": "event_callback", "event"',
    "brackets": b"[" * 100_000,
    "objects": b'{"a":' * 50_000,
    "bad utf-8": b'{"a": "\xff"}',
    "nothing": b"{}",
    "no event": b'{"type": "event_callback"}',
    "event null": b'{"type": "event_callback", "event": null}',
    "event empty": b'{"type": "event_callback", "event": {}}',
    "event type": b'{"type": "event_callback", "event": {"type": 7}}',
    "message": b'{"type": "event_callback", "event": {"type": "message"}}',
    "team": b'{"type": "event_callback", "team_id": ["T"], "event": {"type": "message", "channel": 1, "user": {}, "ts": null}}',
    "actions": b'{"type": "block_actions", "actions": []}',
    "action": b'{"type": "block_actions", "actions": [7], "user": 3}',
    "bare action": b'{"type": "block_actions", "actions": [{"action_id": "x", "type": "button"}]}',
    "view": b'{"type": "view_submission", "view": {"callback_id": "form.x"}}',
    "view null": b'{"type": "view_submission", "view": null}',
    "state": b'{"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U"}, "view": {"id": "V", "callback_id": "form.x", '
    b'"private_metadata": "d", "state": {"values": {"a": {"value": 7}}}}}',
    "suggestion": b'{"type": "block_suggestion", "action_id": "x", "user": {"id": "U"}, "team": {"id": "T1"}}',
    "unknown": b'{"type": "comet"}',
}

TO_TEAMS = {
    "nothing": b"",
    "bad JSON": b'{"type": ',
    "a list": b"[]",
    "null": b"null",
    "a string": b'"message"',
    "brackets": b"[" * 100_000,
    "braces": b'{"a":' * 100_000,
    "bad UTF-8": b'{"type": "\xff\xfe"}',
    "not a number": b'{"type": "message", "value": NaN}',
    "a huge number": b'{"type": "message", "value": ' + b"9" * 5000 + b"}",
    "missing fields": b'{"type": "message"}',
    "wrong types": b'{"type": "message", "id": 7, "serviceUrl": [], "conversation": null, "from": "me", "recipient": {}}',
}


def in_a_form(raw: bytes) -> tuple[bytes, str]:
    """A body as Slack sends presses: a form with one field; and its content type."""
    return urlencode({"payload": raw}).encode(), "application/x-www-form-urlencoded"
