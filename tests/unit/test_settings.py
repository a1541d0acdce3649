"""Each mistake in the environment is one line with the variable's name."""

from __future__ import annotations

import pytest

from bot.settings import SettingsProblem, from_environment, is_loopback

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
TEAMS = {"MICROSOFT_APP_ID": "a", "MICROSOFT_APP_PASSWORD": "p", "MICROSOFT_APP_TENANT_ID": "t", "MICROSOFT_APP_TYPE": "SingleTenant"}


def test_an_empty_environment_is_a_web_chat_on_a_sqlite_file() -> None:
    settings = from_environment({})
    assert (settings.database_url, settings.zone) == ("sqlite:///liaison.sqlite", "Europe/Vienna")
    assert settings.slack is None
    assert settings.teams is None
    assert len(settings.secret_key) >= 32


def test_a_whole_environment_is_taken() -> None:
    settings = from_environment(SLACK | TEAMS | {"LIAISON_TIMEZONE": "Africa/Nairobi", "SLACK_API_URL": "http://127.0.0.1:1/api"})
    assert settings.slack is not None
    assert settings.slack.api_url == "http://127.0.0.1:1/api/"
    assert settings.teams is not None
    assert settings.teams.tenant_id == "t"


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"LIAISON_SECRET_KEY": "short"}, ["LIAISON_SECRET_KEY"]),
        ({"LIAISON_TIMEZONE": "Mars/Base"}, ["LIAISON_TIMEZONE"]),
        ({"LIAISON_TIMEZONE": "../../etc/passwd"}, ["LIAISON_TIMEZONE"]),
        ({"LIAISON_BASE_URL": "liaison.example"}, ["LIAISON_BASE_URL"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_SIGNING_SECRET": "s"}, ["SLACK_BOT_TOKEN"]),
        (SLACK | {"SLACK_APP_TOKEN": "nonsense"}, ["SLACK_APP_TOKEN"]),
        ({"MICROSOFT_APP_ID": "a"}, ["MICROSOFT_APP_TENANT_ID", "MICROSOFT_APP_PASSWORD"]),
        (TEAMS | {"MICROSOFT_APP_TYPE": "MultiTenant"}, ["MICROSOFT_APP_TYPE"]),
        ({"LIAISON_TEAMS_EMULATOR": "yes"}, ["LIAISON_TEAMS_EMULATOR"]),
    ],
)
def test_each_mistake_is_a_line_that_begins_with_its_variable(environment: dict[str, str], names: list[str]) -> None:
    with pytest.raises(SettingsProblem) as problem:
        from_environment(environment)
    assert [line.split(":")[0] for line in problem.value.lines] == names


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.1", False), ("example.org", False)],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
