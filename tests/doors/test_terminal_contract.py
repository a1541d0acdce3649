"""What programs may rely on at the terminal (DESIGN 8): `liaison chat --json`, a line in and JSON objects out."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from storage.exchange.records import NEED_HEADS
from storage.reference import LANGUAGES, code_list
from tests.doors.commands import Run, exported
from tests.doors.terminal import ROOT, Reply, Terminal, draft_of, environment

NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
KINDS = {"say", "ask", "review", "receipt", "list", "form", "chart", "file", "refused"}
KEYS = {"kind", "text", "ask", "fields", "actions", "ref", "code", "path"}


def actions(replies: list[Reply]) -> list[dict[str, str]]:
    return [action for reply in replies for action in reply.get("actions", ())]


def primary(replies: list[Reply]) -> str:
    """The id of the one action that saves."""
    [found] = [action["id"] for action in actions(replies) if action["style"] == "primary"]
    return found


def is_as_promised(reply: Reply) -> bool:
    """Whether a reply has the keys and shapes of the contract, and leaves absent keys out."""
    assert reply.keys() <= KEYS, reply
    assert {"kind", "text"} <= reply.keys()
    assert reply["kind"] in KINDS
    assert all(reply[name] for name in reply.keys() - {"text"}), reply
    assert all(set(action) == {"id", "label", "style"} for action in reply.get("actions", ()))
    assert all(set(field) == {"name", "label", "value"} for field in reply.get("fields", ()))
    assert ("ask" in reply) == (reply["kind"] == "ask")
    if reply["kind"] == "ask":
        assert set(reply["ask"]) == {"field", "kind", "choices"}
        assert all(set(choice) == {"value", "label"} for choice in reply["ask"]["choices"])
    if reply["kind"] == "review":
        assert len([action for action in reply["actions"] if action["style"] == "primary"]) == 1
    assert reply["kind"] != "refused" or reply["code"]
    assert reply["kind"] != "receipt" or reply["ref"]
    return True


async def test_every_reply_has_the_promised_shape(chat: Terminal) -> None:
    said = [
        ("ke", "help"), ("ke", "what is due?"), ("ke", NEED), ("ke", "hmm"), ("ke", "skip the rest"), ("ke", "change"), ("ke", "save"),
        ("ke", "my needs"), ("ke", "withdraw N-2020-0006"), ("ke", "Senegal needs a law"), ("ke", "/inbox"), ("donor-no", "/inbox"),
        ("sec", "move session to 19 October 2020"), ("sec", "digest"), ("igo", "help"), ("tn", "ما المطلوب؟"), ("ke", "/press nothing:1"),
        ("ke", "{"), ("ke", '{"event_id": "a"}'), ("ke", "/now yesterday"), ("ke", "/tick"),
    ]  # fmt: skip
    heard = [reply for person, text in said for reply in await chat.line(person, text)]
    assert all(is_as_promised(reply) for reply in heard)
    assert {reply["kind"] for reply in heard} >= {"say", "ask", "review", "receipt", "list", "refused"}


async def test_the_main_job_asks_only_what_is_missing_and_ends_in_a_record(chat: Terminal, run: Run) -> None:
    replies = await chat.line("ke", NEED)
    while replies[-1]["kind"] == "ask":
        assert replies[-1]["ask"]["field"] in ("articles", "beneficiary")
        [skip, *_] = [action["id"] for action in actions(replies) if "skip" in action["id"]]
        replies = await chat.line("ke", f"/press {skip}")
    assert replies[-1]["kind"] == "review"
    [receipt] = await chat.line("ke", f"/press {primary(replies)}")
    assert receipt["kind"] == "receipt"
    [need] = [row for row in exported(run, "needs") if row["ref"] == receipt["ref"]]
    assert tuple(need) == NEED_HEADS
    assert need["lines"] == [{"assistance_type": "legislative_drafting", "status": "requested"}]
    assert (need["party"], need["instruments"], need["needed_by"]) == ("KE", ["TIP"], "2027-06-30")
    assert (need["amount"], need["currency"], need["status"]) == (200000, "USD", "open")
    alerts = await chat.line("donor-no", "/inbox")
    assert any(receipt["ref"] in alert["text"] and "Trafficking in Persons Protocol" in alert["text"] for alert in alerts)
    assert any(action["id"] == f"match.interested:{receipt['ref']}" for action in actions(alerts))
    assert await chat.line("donor-no", "/inbox") == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_choice_is_answered_by_its_value_or_its_label_in_any_language(chat: Terminal, language: str) -> None:
    for answer in ("SOM", code_list("instrument")["SOM"].names[language]):
        await chat.line("ke", "/press form.new:need")
        await chat.line("ke", "A register of vessels")
        await chat.line("ke", "training")
        [asked] = await chat.line("ke", answer)
        assert asked["ask"]["field"] == "needed_by"


async def test_a_whole_form_is_handed_in_as_answers_and_problems_stand_beside_their_fields(chat: Terminal) -> None:
    [asked] = await chat.line("ke", "/press form.new:need")
    [form] = await chat.line("ke", f"/press form.sheet:{draft_of(asked)}")
    assert form["kind"] == "form"
    assert {"title", "assistance_types", "instruments"} <= {field["name"] for field in form["fields"]}
    given = {"title": "A register of vessels", "assistance_types": ["training"], "instruments": "SOM; TIP", "needed_by": "2019-01-01"}
    [form] = await chat.line("ke", json.dumps({"answers": given}))
    assert form["kind"] == "form"
    assert {field["name"]: field["value"] for field in form["fields"]}["instruments"] == "SOM; TIP"
    [asked] = await chat.line("ke", json.dumps({"answers": given | {"needed_by": "2021-06-30"}}))
    assert asked["ask"]["field"] == "amount"


async def test_a_message_delivered_twice_leaves_one_record_and_equal_answers(chat: Terminal, run: Run) -> None:
    await chat.line("ke", NEED)
    review = await chat.line("ke", "skip the rest")
    save = json.dumps({"action": primary(review), "event_id": uuid.uuid4().hex})
    assert await chat.line("ke", save) == await chat.line("ke", save)
    assert [row["party"] for row in exported(run, "needs")].count("KE") == 1


async def test_a_process_killed_between_any_two_messages_goes_on_where_it_was(chat: Terminal, run: Run) -> None:
    heard = []
    for line in (NEED, "article 5", "back", "article 5", "Office of the Director of Public Prosecutions", "save"):
        heard.append((await chat.line("ke", line))[-1])
        await chat.restart()
    asked = [reply["ask"]["field"] for reply in heard if reply["kind"] == "ask"]
    assert asked == ["articles", "beneficiary", "articles", "beneficiary"]
    assert [reply["kind"] for reply in heard[-2:]] == ["review", "receipt"]
    [need] = [row for row in exported(run, "needs") if row["party"] == "KE"]
    assert (need["articles"], need["beneficiary"]) == (["TIP.5"], "Office of the Director of Public Prosecutions")


async def test_a_process_killed_before_its_answer_was_read_answers_the_next_delivery_with_one_receipt(chat: Terminal, run: Run) -> None:
    await chat.line("ke", NEED)
    save = json.dumps({"action": primary(await chat.line("ke", "skip the rest")), "event_id": uuid.uuid4().hex})
    assert chat.process
    assert chat.process.stdin
    chat.process.stdin.write(f"{save}\n".encode())
    await chat.process.stdin.drain()
    await chat.restart()
    [receipt] = await chat.line("ke", save)
    assert receipt["kind"] == "receipt"
    assert [row["ref"] for row in exported(run, "needs") if row["party"] == "KE"] == [receipt["ref"]]
    alerts = [alert for alert in await chat.line("donor-no", "/inbox") if receipt["ref"] in alert["text"]]
    assert len(alerts) == 1


async def test_a_draft_is_not_lost_between_people_and_drafts_are_their_own(chat: Terminal) -> None:
    [asked] = await chat.line("ke", NEED)
    [refused] = await chat.line("fj", f"/press form.save:{draft_of(asked)}:1")
    assert refused["code"] == "not_your_form"
    [again] = await chat.line("ke", "resume")
    assert again["ask"]["field"] == asked["ask"]["field"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        *[("/as nobody", "nobody"), ("/now 2020-09-01T09:00", "offset"), ("[1]", ""), ('{"text": 3}', "JSON")],
        *[("/now 9999-12-31T23:59-05:00", "2100"), ("/now 0001-01-01T00:00+14:00", "1990")],
    ],
)
async def test_a_line_that_is_none_of_the_contract_is_refused_and_the_chat_goes_on(chat: Terminal, line: str, words: str) -> None:
    await chat.line("ke", "help")
    process = chat.process
    assert process
    replies = await chat.line("ke", line)
    assert replies
    assert words in replies[-1]["text"]
    [listing] = await chat.line("ke", "help")
    assert listing["kind"] == "list"
    assert chat.process is process


async def test_a_file_of_this_machine_goes_to_the_open_form_or_the_record_named(chat: Terminal, tmp_path: Path) -> None:
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(b"%PDF-1.7 a national plan")
    await chat.line("ke", NEED)
    [kept] = await chat.line("ke", json.dumps({"file": str(plan), "event_id": "f1"}))
    assert "plan.pdf" in kept["text"]
    review = await chat.line("ke", "skip the rest")
    receipt, *_ = await chat.line("ke", f"/press {primary(review)}")
    [attached] = await chat.line("ke", json.dumps({"file": str(plan), "text": receipt["ref"]}))
    assert receipt["ref"] in attached["text"]
    [card] = await chat.line("ke", receipt["ref"])
    assert card["text"].count("plan.pdf") == 2
    for path, code in ((str(tmp_path / "absent.pdf"), "file_unreadable"), (str(tmp_path), "file_unreadable"), ("\x00", "file_unreadable")):
        [refused] = await chat.line("ke", json.dumps({"file": path}))
        assert (refused["kind"], refused["code"]) == ("refused", code)


@pytest.mark.parametrize("line", ["", "   ", "\t"])
async def test_an_empty_line_is_answered_too_since_a_program_waits_for_it(chat: Terminal, line: str) -> None:
    assert await chat.line("ke", line) == []


def test_without_a_demo_database_the_chat_makes_a_throwaway_and_leaves_nothing(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--as", "ke", "--demo", "--json"], input="what is due?\n", capture_output=True, text=True,
        env=environment("", TMPDIR=str(tmp_path), PYTHONPATH=str(ROOT)), cwd=tmp_path, check=True, timeout=60,
    )  # fmt: skip
    listing, done = map(json.loads, told.stdout.splitlines())
    assert (listing["kind"], done, told.stderr) == ("list", {"kind": "done"}, "")
    assert list(tmp_path.iterdir()) == []
