"""Whether a request comes from Slack: checked on the raw bytes, before anything parses them.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac

WINDOW = 300
"""Seconds a request's time stamp may differ from ours."""


def sign(secret: str, *, timestamp: str, body: bytes) -> str:
    """The signature Slack sends in `X-Slack-Signature`."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def is_genuine(secret: str, *, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether `signature` is Slack's for these bytes, made within `WINDOW` seconds of `now` (seconds since 1970)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > WINDOW:
        return False
    return hmac.compare_digest(sign(secret, timestamp=timestamp, body=body).encode(), signature.encode("utf-8", "replace"))
