"""One page of the real Chromium, driven from Python through `drive.mjs`.

    with open_page(tmp_path) as page:
        page.goto(url)
        page.click(role("button", "Save"))
        page.wait_text("N-2020-0001")

An element ("at") is a CSS selector, or what `role`, `label`, `placeholder` or `words` return. A step that cannot be taken within
the page's time raises StepFailed, whose text holds Chromium's own account. Names that resolve to anything but loopback are refused.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser.clients import HERE, chromium_path, module_path, node_path

Element = str | Mapping[str, object]


class StepFailed(AssertionError):
    """A step could not be taken: nothing matched, or it did not happen in time."""


def role(kind: str, name: str | None = None, *, exact: bool = False, nth: int | None = None) -> Element:
    """An element by its accessible role and name, as a screen reader finds it; `nth` -1 is the last."""
    return _element({"role": kind, "name": name, "exact": exact, "nth": nth})


def label(text: str, *, nth: int | None = None) -> Element:
    """A field by its label."""
    return _element({"label": text, "nth": nth})


def placeholder(text: str, *, nth: int | None = None) -> Element:
    """A field by the hint shown in it while it is empty."""
    return _element({"placeholder": text, "nth": nth})


def words(text: str, *, exact: bool = False, nth: int | None = None) -> Element:
    """An element by the text it shows."""
    return _element({"text": text, "exact": exact, "nth": nth})


def selector(css: str, *, nth: int) -> Element:
    """The nth match of a CSS selector; -1 is the last."""
    return f"{css} >> nth={nth}"


class Page:
    """A page; every method waits until what it names is there."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self._answer()

    def goto(self, url: str) -> None:
        self._take("goto", url=url)

    def fill(self, at: Element, value: str) -> None:
        self._take("fill", at=at, value=value)

    def click(self, at: Element) -> None:
        self._take("click", at=at)

    def check(self, at: Element, *, checked: bool = True) -> None:
        self._take("check", at=at, checked=checked)

    def choose(self, at: Element, value: str) -> None:
        self._take("choose", at=at, value=value)

    def upload(self, at: Element, *files: Path) -> None:
        self._take("upload", at=at, files=[str(file) for file in files])

    def focus(self, at: Element) -> None:
        self._take("focus", at=at)

    def type(self, text: str) -> None:
        """Keys pressed one by one into whatever has the focus."""
        self._take("type", text=text)

    def press(self, key: str, at: Element | None = None) -> None:
        """One key by its DOM name (`Enter`, `Tab`, `Control+a`)."""
        self._take("press", key=key, at=at)

    def wait_text(self, text: str, *, within: str | None = None) -> None:
        self._take("wait_text", text=text, within=within)

    def wait_selector(self, at: Element, *, state: str = "visible") -> None:
        """State: `visible`, `hidden`, `attached` or `detached`."""
        self._take("wait_selector", at=at, state=state)

    def screenshot(self, path: Path, *, full: bool = False, at: Element | None = None) -> Path:
        """A PNG of what is in view, of the full page, or of one element."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._take("screenshot", path=str(path), full=full, at=at)
        return path

    def text(self, at: Element | None = None) -> str:
        """The text a person sees, of one element or of the page."""
        return str(self._take("text", at=at))

    def value(self, at: Element) -> str:
        return str(self._take("value", at=at))

    def attribute(self, at: Element, name: str) -> str | None:
        found = self._take("attribute", at=at, attribute=name)
        return None if found is None else str(found)

    def count(self, at: Element) -> int:
        return int(str(self._take("count", at=at)))

    def eval(self, script: str) -> object:
        """What a JavaScript expression gives in the page."""
        return self._take("eval", script=script)

    def viewport(self, width: int, height: int) -> None:
        self._take("viewport", width=width, height=height)

    def url(self) -> str:
        return str(self._take("url"))

    def problems(self) -> list[str]:
        """Uncaught errors and console errors so far."""
        return _strings(self._take("problems"))

    def outside(self) -> list[str]:
        """Addresses beyond loopback that the page asked for (and did not get)."""
        return _strings(self._take("outside"))

    def steps(self, steps: Sequence[Mapping[str, object]]) -> list[object]:
        """Several steps in one go; the value of each."""
        self._send(list(steps))
        return [_value(self._answer()) for _ in steps]

    def _take(self, name: str, **given: object) -> object:
        self._send({"do": name, **{key: value for key, value in given.items() if value is not None}})
        return _value(self._answer())

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise StepFailed(f"the driver ended: {self._log.read_text('utf-8', 'replace')[-2000:]}")
        answer: dict[str, object] = json.loads(line)
        return answer


@contextmanager
def open_page(
    folder: Path,
    *,
    locale: str = "en-GB",
    timezone: str = "Europe/Vienna",
    colours: str = "light",
    width: int = 1280,
    height: int = 900,
    seconds: float = 15.0,
) -> Iterator[Page]:
    """A page in a Chromium of its own, whose empty profile lies in `folder`; `seconds` bounds each step, `colours` is `light` or `dark`."""
    module_path("playwright-core/package.json")
    profile = Path(tempfile.mkdtemp(prefix="chromium-", dir=folder))
    given = {
        "profile": str(profile),
        "chromium": chromium_path(),
        "locale": locale,
        "timezone": timezone,
        "colours": colours,
        "width": width,
        "height": height,
        "timeout": seconds * 1000,
    }
    log = profile.with_suffix(".log")
    with log.open("wb") as errors:
        command = [node_path(), str(HERE / "drive.mjs"), json.dumps(given)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8")
    try:
        yield Page(process, log)
    finally:
        _close(process)
        shutil.rmtree(profile, ignore_errors=True)


def _close(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _element(given: Mapping[str, object | None]) -> Element:
    return {key: value for key, value in given.items() if value is not None}


def _strings(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def _value(answer: Mapping[str, object]) -> object:
    if not answer["ok"]:
        raise StepFailed(f"{json.dumps(answer['step'], ensure_ascii=False)} at {answer['url']}: {answer['error']}")
    return answer["value"]
