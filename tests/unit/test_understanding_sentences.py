"""One sentence in six languages is one meaning."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from handlers.understanding.understand import INTENTS, understand

TODAY = date(2026, 11, 20)

LEGISLATION = {
    "en": "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000",
    "fr": "Le Kenya a besoin d'aide pour rédiger une loi sur la traite des personnes d'ici le 30 juin 2027, environ 200 000 dollars",
    "es": "Kenya necesita ayuda para redactar legislación sobre la trata de personas antes del 30 de junio de 2027, unos 200.000 dólares",
    "ru": "Кении нужна помощь в разработке законодательства о торговле людьми до 30 июня 2027 года, около 200 тыс. долл. США",
    "ar": "تحتاج كينيا إلى المساعدة في صياغة تشريعات بشأن الاتجار بالأشخاص بحلول ٣٠ يونيو ٢٠٢٧، حوالي ٢٠٠ ألف دولار",
    "zh": "肯尼亚需要协助起草关于贩运人口的立法,2027年6月30日之前,约20万美元",
}


@pytest.mark.parametrize(("language", "text"), LEGISLATION.items())
def test_a_need_is_the_same_need_in_every_language(language: str, text: str) -> None:
    understood = understand(text, language=None, today=TODAY)
    assert (understood.intent, understood.language) == ("need", language)
    assert (understood.parties, understood.instruments, understood.assistance_types) == (("KE",), ("TIP",), ("legislative_drafting",))
    assert (understood.amount, understood.currency, understood.date) == (Decimal(200_000), "USD", date(2027, 6, 30))
    assert not understood.ambiguous
    assert understood.confidence >= 0.9


INTENT = [
    ("deadlines", "what is due?"),
    ("deadlines", "what are my deadlines"),
    ("deadlines", "ما هي المواعيد النهائية؟"),
    ("deadlines", "有什么截止日期?"),
    ("deadlines", "quelles sont les échéances ?"),
    ("deadlines", "какие у нас сроки?"),
    ("deadlines", "¿cuándo vence el plazo?"),
    ("credentials", "submit our credentials"),
    ("credentials", "подать полномочия"),
    ("activity", "we are funding training for customs officers in Kenya"),
    ("activity", "我们正在资助肯尼亚海关官员的培训"),
    ("offer", "Norway can provide trainers to Nepal"),
    ("offer", "La Norvège peut fournir des formateurs au Népal"),
    ("subscribe", "tell me about new needs in West Africa on firearms"),
    ("subscribe", "أبلغوني بالاحتياجات الجديدة في غرب أفريقيا"),
    ("unsubscribe", "cancelen las alertas por favor"),
    ("digest", "digest now"),
    ("silence", "мы нарушаем молчание"),
    ("draft_resolution", "Nous souhaitons déposer un projet de résolution"),
    ("speaker", "请把我们部长列入发言名单"),
    ("help", "hello"),
    ("help", "مساعدة"),
    ("help", "help"),
]


@pytest.mark.parametrize(("intent", "text"), INTENT)
def test_what_people_say_is_what_they_want(intent: str, text: str) -> None:
    assert understand(text, language=None, today=TODAY).intent == intent


PLACES = [
    ("les douaniers malgaches demandent une formation", ("MG",), ()),
    ("армянский запрос на обучение", ("AM",), ()),
    ("Помощь Кыргызстану", ("KG",), ()),
    ("needs in West Africa", (), ("011",)),
    ("besoins en Afrique de l'Ouest", (), ("011",)),
    ("中亚的需求", (), ("143",)),
    ("Latin America", (), ("419",)),
    ("الاحتياجات في غرب أفريقيا", (), ("011",)),
    ("Western European and Others Group", (), ("weog",)),
    ("Guinea-Bissau and Equatorial Guinea", ("GW", "GQ"), ()),
    ("South Africa, not Southern Africa", ("ZA",), ("018",)),
    ("The Dominican Republic", ("DO",), ()),
    ("Нигерия и Нигер", ("NG", "NE"), ()),
    ("印度尼西亚和印度", ("ID", "IN"), ()),
    ("索马里", ("SO",), ()),
    ("nous avons reçu la formation en français", (), ()),
    ("the US and Turkey", ("US", "TR"), ()),
    ("tell us about polish", (), ()),
    ("الدعم المالي", (), ()),
    ("200 Canadian dollars", (), ()),
]


@pytest.mark.parametrize(("text", "parties", "regions"), PLACES)
def test_places_by_name_adjective_and_case(text: str, parties: tuple[str, ...], regions: tuple[str, ...]) -> None:
    understood = understand(text, language=None, today=TODAY)
    assert (understood.parties, understood.regions) == (parties, regions)


AMBIGUOUS = [
    ("Congo needs training", "parties", ("CD", "CG")),
    ("Le Congo demande une formation", "parties", ("CD", "CG")),
    ("几内亚需要培训", "parties", ("GN", "GQ", "GW", "PG")),
    ("training by 3/4/2027", "date", ("2027-04-03", "2027-03-04")),
    ("формы до 3/4/2027", "date", ("2027-04-03", "2027-03-04")),
    ("Fiji needs training, 20,000 dollars", "currency", ("USD", "FJD")),
    ("Kenia necesita 100 pesos", "currency", ("MXN", "COP", "CLP", "ARS", "PHP", "UYU", "DOP")),
    ("help with article 33", "articles", ("UNTOC.33", "UNCAC.33")),
    ("Ethopia needs training", "parties", ("ET",)),
]


@pytest.mark.parametrize(("text", "field", "candidates"), AMBIGUOUS)
def test_what_can_be_read_two_ways_is_asked(text: str, field: str, candidates: tuple[str, ...]) -> None:
    assert understand(text, language=None, today=TODAY).ambiguous[field] == candidates


ARTICLES = [
    ("art. 33 UNCAC", ("UNCAC.33",)),
    ("المادة ٥٢", ("UNCAC.52",)),
    ("反腐败公约第五十二条", ("UNCAC.52",)),
    ("статьи 16 и 18 Палермской конвенции", ("UNTOC.16", "UNTOC.18")),
    ("UNCAC.33 and UNTOC.29", ("UNCAC.33", "UNTOC.29")),
    ("articles 5, 6 et 7 du Protocole relatif aux armes à feu", ("FIREARMS.5", "FIREARMS.6", "FIREARMS.7")),
    ("artículo 99 de la UNCAC", ()),
]


@pytest.mark.parametrize(("text", "articles"), ARTICLES)
def test_articles_go_with_the_instrument_named(text: str, articles: tuple[str, ...]) -> None:
    assert understand(text, language=None, today=TODAY).articles == articles


def test_a_dollar_sign_alone_is_a_us_dollar_not_asked_about() -> None:
    understood = understand("Syria needs equipment, $75,000", language="en", today=TODAY)
    assert (understood.amount, understood.currency, dict(understood.ambiguous)) == (Decimal(75_000), "USD", {})


def test_a_mixed_message_means_both() -> None:
    understood = understand("Kenya needs training by 30 June 2027 and when is the deadline for credentials?", language="en", today=TODAY)
    assert (understood.intent, understood.also) == ("need", ("deadlines",))


@pytest.mark.parametrize("text", ["", "   ", "asdf qwer", "The weather in Vienna is nice", "今天天气很好", "…"])
def test_what_is_not_understood_is_unknown_with_three_likely_meanings(text: str) -> None:
    understood = understand(text, language="en", today=TODAY)
    assert understood.intent == "unknown"
    assert understood.confidence < 0.4
    assert len(understood.likely) == 3
    assert set(understood.likely) <= set(INTENTS)


def test_json_has_exactly_the_promised_keys() -> None:
    shown = understand("Kenya needs 2.5 euros by 30 June 2027", language="en", today=TODAY).as_json()
    assert list(shown) == [
        *("intent", "also", "language", "parties", "regions", "instruments", "articles", "assistance_types"),
        *("amount", "currency", "date", "date_from", "ambiguous", "confidence"),
    ]
    assert (shown["amount"], shown["currency"], shown["date"], shown["date_from"]) == (2.5, "EUR", "2027-06-30", None)


COUNTED = ["Training 200 officers in 5 regions", "20万人", "25 ordinateurs", "document CTOC/COP/2020/1", "N-2026-0007", "COVID-19"]


@pytest.mark.parametrize("text", COUNTED)
def test_a_number_that_counts_is_no_money_and_no_date(text: str) -> None:
    understood = understand(text, language=None, today=TODAY)
    assert (understood.amount, understood.currency, understood.date, understood.date_from) == (None, None, None, None)


RANGES = [
    ("fr", "Nous avons besoin d'une formation de janvier à décembre 2027", "2027-01-01", "2027-12-31"),
    ("fr", "Formation de novembre à mars 2027", "2026-11-01", "2027-03-31"),
    ("es", "Necesitamos capacitación de enero a diciembre de 2027", "2027-01-01", "2027-12-31"),
    ("en", "Training January to December 2027", "2027-01-01", "2027-12-31"),
    ("en", "Training from November 2027 to February", "2027-11-01", "2028-02-29"),
    ("en", "Training from 1 May 2028 to 30 June", "2028-05-01", "2028-06-30"),
    ("ru", "Обучение: январь–декабрь 2027 года", "2027-01-01", "2027-12-31"),
    ("ar", "نحتاج إلى تدريب من يناير إلى ديسمبر 2027", "2027-01-01", "2027-12-31"),
    ("zh", "我们需要培训，2027年1月至12月", "2027-01-01", "2027-12-31"),
    ("zh", "我们需要培训，2027年1月1日至12月31日", "2027-01-01", "2027-12-31"),
    ("zh", "我们需要培训，从2027年11月到2028年3月", "2027-11-01", "2028-03-31"),
    ("zh", "我们需要培训，2027年1月—12月", "2027-01-01", "2027-12-31"),
]


@pytest.mark.parametrize(("language", "text", "first", "last"), RANGES)
def test_a_range_has_its_beginning_and_its_end(language: str, text: str, first: str, last: str) -> None:
    understood = understand(text, language=language, today=TODAY)
    assert (str(understood.date_from), str(understood.date)) == (first, last)


@pytest.mark.parametrize(
    "text", ["training in January and March 2027", "formations en janvier et mars 2027", "cursos en enero y marzo de 2027"]
)
def test_two_months_joined_by_and_are_no_range(text: str) -> None:
    assert understand(text, language=None, today=TODAY).date_from is None
