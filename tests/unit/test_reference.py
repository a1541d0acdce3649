"""Laws of the reference data: complete in six languages, unique, and true to the documents it was taken from."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage import reference

LISTS = ("party", "instrument", "article", "assistance_type", "region", "regional_group", "body", "currency")
FILES = ("countries", "instruments", "articles", "assistance_types", "regions", "regional_groups", "bodies", "currencies")
WEST_AFRICA = {"BF", "BJ", "CI", "CV", "GH", "GM", "GN", "GW", "LR", "ML", "MR", "NE", "NG", "SL", "SN", "TG"}
ARTICLES_OF = {"UNTOC": 41, "UNCAC": 71, "TIP": 20, "SOM": 25, "FIREARMS": 21}


@pytest.fixture(scope="module")
def tenth_session() -> dict[str, Any]:
    text = (files("storage.reference") / "sessions" / "ctoc-cop-10.json").read_text(encoding="utf-8")
    session: dict[str, Any] = json.loads(text)
    return session


def assert_in_six_languages(names: Any, what: str) -> None:
    assert set(names) == set(reference.LANGUAGES), what
    assert all(name == name.strip() and name for name in names.values()), what


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_label_in_each_of_the_six_languages(name: str) -> None:
    codes = reference.code_list(name)
    assert codes
    for code, entry in codes.items():
        assert_in_six_languages(entry.names, f"{name} {code}")
        assert reference.label(name, code, "ar") == entry.names["ar"]


@pytest.mark.parametrize(("name", "file"), list(zip(LISTS, FILES, strict=True)))
def test_no_code_is_lost_to_a_duplicate(name: str, file: str) -> None:
    assert len(reference.code_list(name)) == len(list(reference.rows(file)))


@pytest.mark.parametrize("language", reference.LANGUAGES)
@pytest.mark.parametrize("name", ["party", "instrument", "assistance_type", "region", "regional_group", "body", "currency"])
def test_no_two_codes_share_a_label(name: str, language: str) -> None:
    labels = Counter(entry.names[language] for entry in reference.code_list(name).values())
    assert [label for label, count in labels.items() if count > 1] == []


def test_the_lists_are_as_long_as_their_sources() -> None:
    assert len(reference.parties()) == 198
    assert len(reference.articles()) == 178
    assert len(reference.assistance_types()) == 16
    assert len(reference.regional_groups()) == 5
    assert len(reference.currencies()) == 48


def test_each_instrument_has_all_its_articles_numbered_without_a_gap() -> None:
    assert {code: instrument.articles for code, instrument in reference.instruments().items()} == ARTICLES_OF
    for code, count in ARTICLES_OF.items():
        numbers = [article.number for article in reference.articles().values() if article.instrument == code]
        assert sorted(numbers) == list(range(1, count + 1)), code


def test_the_full_titles_of_the_instruments_are_in_six_languages() -> None:
    for instrument in reference.instruments().values():
        assert_in_six_languages(instrument.titles, instrument.code)


def test_an_article_is_named_as_the_treaty_names_it() -> None:
    assert reference.articles()["UNCAC.33"].names["es"] == "Protección de los denunciantes"
    assert reference.articles()["UNTOC.18"].names["fr"] == "Entraide judiciaire"
    assert reference.articles()["UNTOC.16"].names["ru"] == "Выдача"


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
@pytest.mark.parametrize("name", LISTS)
def test_a_label_is_written_in_the_script_of_its_language(name: str, language: str) -> None:
    first, last = {"ar": ("\u0600", "\u06ff"), "ru": ("\u0400", "\u04ff"), "zh": ("\u4e00", "\u9fff")}[language]
    for code, entry in reference.code_list(name).items():
        assert any(first <= letter <= last for letter in entry.names[language]), f"{name} {code}"


def test_every_geographic_name_of_a_party_is_a_region() -> None:
    known = {region.names["en"] for region in reference.regions().values()}
    used = {name for party in reference.parties().values() for name in (party.region, party.subregion, party.intermediate)}
    assert used - {""} <= known
    assert known - used == {"World"}


def test_every_region_but_the_world_lies_in_another() -> None:
    for code, region in reference.regions().items():
        assert len(code) == 3
        assert (region.parent in reference.regions()) is (code != "001")
        if region.parent:
            assert reference.members(code) <= reference.members(region.parent)


def test_western_africa_is_its_sixteen_states() -> None:
    assert reference.members("011") == WEST_AFRICA


def test_a_place_is_a_party_a_region_or_a_regional_group() -> None:
    assert reference.members("KE") == {"KE"}
    assert reference.members("001") == set(reference.parties())
    assert {"KE", "SN", "TN"} <= reference.members("african")
    assert "PE" in reference.members("grulac")
    assert "PE" not in reference.members("african")
    with pytest.raises(KeyError):
        reference.members("999")


def test_regional_groups_do_not_overlap() -> None:
    counted = Counter(party for group in reference.regional_groups() for party in reference.members(group))
    assert max(counted.values()) == 1


def test_the_places_around_kenya_are_its_regions_and_its_group() -> None:
    assert set(reference.places_around("KE")) == {"001", "002", "202", "014", "african"}


def test_the_agenda_of_the_tenth_session_is_complete(tenth_session: dict[str, Any]) -> None:
    numbers = [item["number"] for item in tenth_session["items"]]
    subs = {"1": "abcdef", "2": "abcd"}
    assert numbers == [n for top in "123456789" for n in (top, *(f"{top} ({letter})" for letter in subs.get(top, "")))]
    for item in tenth_session["items"]:
        assert_in_six_languages(item["title"], item["number"])
    assert_in_six_languages(tenth_session["title"], "title")
    assert_in_six_languages(tenth_session["place"], "place")
    assert (tenth_session["body"], tenth_session["session"], tenth_session["symbol"]) == ("COP", 10, "CTOC/COP/2020/1")


def test_the_documents_of_the_tenth_session_are_those_of_its_documentation_lists(tenth_session: dict[str, Any]) -> None:
    documents = tenth_session["documents"]
    assert len({(document["symbol"], document["title"]) for document in documents}) == len(documents) == 19
    symbols = {document["symbol"].removeprefix("CTOC/COP/2020/") for document in documents}
    assert symbols == {*"123456789", *(f"CRP.{n}" for n in range(1, 6))}
    per_item = Counter(item for document in documents for item in document["items"])
    assert per_item == {"1 (c)": 1, "2 (a)": 3, "2 (b)": 3, "2 (c)": 2, "2 (d)": 3, "4": 3, "5": 3, "6": 1}


def test_what_refers_to_an_agenda_item_refers_to_one_there_is(tenth_session: dict[str, Any]) -> None:
    numbers = {item["number"] for item in tenth_session["items"]}
    for part in ("documents", "deadlines", "meetings"):
        assert all(set(entry["items"]) <= numbers for entry in tenth_session[part]), part
    taken_up = {item for meeting in tenth_session["meetings"] for item in meeting["items"]}
    assert numbers - taken_up == {"1"}


def test_every_deadline_of_the_tenth_session_closes_when_the_document_says(tenth_session: dict[str, Any]) -> None:
    closing = {deadline["kind"]: (deadline["at"], deadline["expectation"]) for deadline in tenth_session["deadlines"]}
    assert closing == {
        "draft_resolutions": ("2020-09-22T00:00:00+02:00", "optional"),
        "speakers_list": ("2020-10-09T12:00:00+02:00", "optional"),
        "high_level_speakers": ("2020-10-09T12:00:00+02:00", "optional"),
        "credentials": ("2020-10-11T12:00:00+02:00", "expected"),
        "credentials_provisional": ("2020-10-16T12:00:00+02:00", "expected"),
        "budget": ("2020-08-13T12:00:00+02:00", "expected"),
    }
    assert len(tenth_session["deadlines"]) == len(closing)
    for deadline in tenth_session["deadlines"]:
        assert_in_six_languages(deadline["title"], deadline["kind"])
        assert deadline["source"].endswith(".")
        assert (deadline["addressee"] == "secretariat") is (deadline["kind"] == "budget")


def test_a_deadline_is_said_as_a_wall_time_or_as_an_offset_and_both_give_its_instant(tenth_session: dict[str, Any]) -> None:
    opens = datetime.fromisoformat(tenth_session["opens"])
    zone = ZoneInfo(tenth_session["zone"])
    for deadline in tenth_session["deadlines"]:
        wall, offset = deadline["wall"], deadline["offset"]
        assert (wall is None) is (offset is not None), deadline["kind"]
        if offset:
            said = opens - timedelta(**{offset["unit"]: offset["count"]})
        else:
            day, hour = wall.split("T")
            midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
            said = midnight + timedelta(hours=int(hour[:2]), minutes=int(hour[3:]))
        assert said == datetime.fromisoformat(deadline["at"]), deadline["kind"]


def test_only_the_list_of_speakers_says_when_it_opens(tenth_session: dict[str, Any]) -> None:
    opening = {deadline["kind"]: deadline["opens_at"] for deadline in tenth_session["deadlines"] if deadline["opens_at"]}
    assert opening == {"speakers_list": "2020-08-31T00:00:00+02:00"}


def test_the_meetings_of_the_tenth_session_are_its_organization_of_work(tenth_session: dict[str, Any]) -> None:
    consultations, *meetings = tenth_session["meetings"]
    assert (consultations["start"][:10], consultations["items"], consultations["time_stated"]) == ("2020-10-09", [], False)
    starts = [meeting["start"] for meeting in meetings]
    assert starts == [f"2020-10-{day}T{hour}:00:00+02:00" for day in range(12, 17) for hour in (12, 16)]
    for meeting in tenth_session["meetings"]:
        assert_in_six_languages(meeting["title"], meeting["start"])
    assert meetings[-1]["end"] == tenth_session["closes"]
    assert meetings[0]["start"] == tenth_session["opens"]


def test_every_moment_of_the_tenth_session_is_aware_and_in_the_zone_of_vienna(tenth_session: dict[str, Any]) -> None:
    zone = ZoneInfo(tenth_session["zone"])
    spans = [(meeting["start"], meeting["end"]) for meeting in tenth_session["meetings"]]
    spans += [(deadline["opens_at"] or deadline["at"], deadline["at"]) for deadline in tenth_session["deadlines"]]
    spans.append((tenth_session["opens"], tenth_session["closes"]))
    for start, end in spans:
        first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
        assert first.utcoffset() == first.astimezone(zone).utcoffset()
        assert last.utcoffset() == last.astimezone(zone).utcoffset()
        assert first <= last
