"""What was registered before the demo begins: subscriptions first, so that the needs after them are heard of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    at: datetime
    person: str
    form: str
    answers: Mapping[str, Any]


def _at(day: str, hour: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"2020-{day}T{hour}:00+02:00")


STORY: tuple[Told, ...] = (
    Told(_at("07-06"), "donor-no", "subscription", {"instruments": ["UNTOC", "TIP", "SOM", "FIREARMS"], "frequency": "at_once"}),
    Told(_at("07-07"), "donor-fr", "subscription", {"places": ["011"], "frequency": "weekly"}),
    Told(
        _at("07-08"), "donor-de", "subscription",
        {"instruments": ["UNCAC"], "assistance_types": ["training", "legal_advice"], "frequency": "daily"},
    ),
    Told(
        _at("07-13"), "donor-fr", "activity",
        {
            "title": "Formation des magistrats à l’entraide judiciaire", "recipients": ["SN", "CI"], "instruments": ["UNTOC"],
            "articles": ["UNTOC.18"], "assistance_types": ["training"], "status": "2", "starts_on": "2020-06-01", "ends_on": "2021-12-31",
            "commitment": "350000", "currency": "EUR",
        },
    ),
    Told(
        _at("07-20"), "donor-de", "activity",
        {
            "title": "Asset recovery advisers for prosecution services", "recipients": ["KE", "TN"], "instruments": ["UNCAC"],
            "articles": ["UNCAC.52"], "assistance_types": ["on_site_expert"], "status": "1",
            "starts_on": "2020-11-01", "ends_on": "2022-10-31", "commitment": "600000", "currency": "EUR",
        },
    ),
    Told(
        _at("07-22"), "sn", "need",
        {
            "title": "Formation des magistrats aux enquêtes sur la traite", "assistance_types": ["training"], "instruments": ["TIP"],
            "articles": ["TIP.5"], "needed_by": "2021-03-31", "amount": "80000", "currency": "EUR",
            "beneficiary": "École de la magistrature",
        },
    ),
    Told(
        _at("07-29"), "pe", "need",
        {
            "title": "Marcaje de armas de fuego en los depósitos regionales", "assistance_types": ["equipment_technology", "training"],
            "instruments": ["FIREARMS"], "articles": ["FIREARMS.8"], "needed_by": "2021-06-30", "amount": "120000", "currency": "USD",
        },
    ),
    Told(
        _at("08-05"), "kg", "need",
        {
            "title": "База данных для учёта конфискованных активов", "assistance_types": ["data_systems"], "instruments": ["UNCAC"],
            "articles": ["UNCAC.31"], "needed_by": "2021-12-31", "amount": "150000", "currency": "USD",
        },
    ),
    Told(
        _at("08-17"), "tn", "need",
        {
            "title": "صياغة قانون بشأن حماية الشهود", "assistance_types": ["legislative_drafting"], "instruments": ["UNTOC"],
            "articles": ["UNTOC.24"], "needed_by": "2021-05-31",
        },
    ),
    Told(
        _at("08-20"), "fj", "need",
        {
            "title": "Maritime interviewing course for border officers", "assistance_types": ["training"], "instruments": ["SOM"],
            "needed_by": "2021-04-30", "amount": "45000", "currency": "USD",
        },
    ),
)  # fmt: skip
