"""Answers to one question: taken, asked about, or not understood."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from handlers.understanding.answers import (
    read_articles,
    read_choice,
    read_choices,
    read_date,
    read_instruments,
    read_moment,
    read_money,
    read_number,
    read_offset,
    read_parties,
    read_yes_no,
)

TODAY = date(2026, 11, 20)
"""A Friday."""

DATES = [
    ("en", "next Monday", "2026-11-23"),
    ("en", "30 June", "2027-06-30"),
    ("en", "June 30th, 2027", "2027-06-30"),
    ("en", "end of April", "2027-04-30"),
    ("en", "in three weeks", "2026-12-11"),
    ("en", "tomorrow", "2026-11-21"),
    ("en", "Q2 2027", "2027-06-30"),
    ("en", "mid-May 2027", "2027-05-15"),
    ("en", "2027-09-01", "2027-09-01"),
    ("en", "13/4/2027", "2027-04-13"),
    ("en", "4/13/2027", "2027-04-13"),
    ("en", "by the end of next month", "2026-12-31"),
    ("en", "end of the year", "2026-12-31"),
    ("en", "Friday 30 June 2028", "2028-06-30"),
    ("fr", "le 1er février 2027", "2027-02-01"),
    ("fr", "fin juin", "2027-06-30"),
    ("fr", "lundi prochain", "2026-11-23"),
    ("fr", "après-demain", "2026-11-22"),
    ("fr", "dans deux mois", "2027-01-20"),
    ("es", "30 de junio de 2027", "2027-06-30"),
    ("es", "a finales de abril", "2027-04-30"),
    ("es", "el próximo lunes", "2026-11-23"),
    ("es", "mañana", "2026-11-21"),
    ("ru", "30 июня 2027 г.", "2027-06-30"),
    ("ru", "30.06.2027", "2027-06-30"),
    ("ru", "до конца апреля", "2027-04-30"),
    ("ru", "через месяц", "2026-12-20"),
    ("ru", "в следующий понедельник", "2026-11-23"),
    ("ru", "послезавтра", "2026-11-22"),
    ("ar", "٣٠ يونيو ٢٠٢٧", "2027-06-30"),
    ("ar", "30 حزيران/يونيه 2027", "2027-06-30"),
    ("ar", "بعد شهرين", "2027-01-20"),
    ("ar", "يوم الاثنين القادم", "2026-11-23"),
    ("ar", "غدا", "2026-11-21"),
    ("ar", "نهاية أبريل", "2027-04-30"),
    ("zh", "2027年6月30日", "2027-06-30"),
    ("zh", "六月三十日", "2027-06-30"),
    ("zh", "明年3月底", "2027-03-31"),
    ("zh", "下周一", "2026-11-23"),
    ("zh", "三周后", "2026-12-11"),
    ("zh", "年底", "2026-12-31"),
]


@pytest.mark.parametrize(("language", "text", "day"), DATES)
def test_a_date_as_people_say_it(language: str, text: str, day: str) -> None:
    reading = read_date(text, language=language, today=TODAY)
    assert (reading.values, reading.sure) == ((date.fromisoformat(day),), True)


def test_digits_that_can_be_read_two_ways_are_two_values() -> None:
    reading = read_date("3/4/2027", language="en", today=TODAY)
    assert (reading.values, reading.sure) == ((date(2027, 4, 3), date(2027, 3, 4)), False)


@pytest.mark.parametrize("text", ["", "soon", "31 February 2027", "2027-13-45", "no idea"])
def test_what_is_no_date_is_nothing(text: str) -> None:
    assert read_date(text, language="en", today=TODAY).values == ()


NUMBERS = [
    ("en", "1.2m", "1200000"),
    ("en", "half a million", "500000"),
    ("en", "a million and a half", "1500000"),
    ("en", "one and a half million", "1500000"),
    ("en", "two hundred and fifty thousand", "250000"),
    ("en", "1,250,000.50", "1250000.50"),
    ("en", "35k", "35000"),
    ("en", "1.250 million", "1250000"),
    ("fr", "quatre-vingt mille", "80000"),
    ("fr", "quatre-vingt-dix-sept", "97"),
    ("fr", "un demi-million", "500000"),
    ("fr", "1 200 000,50", "1200000.50"),
    ("es", "medio millón", "500000"),
    ("es", "35 mil", "35000"),
    ("es", "treinta y cinco mil", "35000"),
    ("es", "1.200.000", "1200000"),
    ("ru", "1,5 млн", "1500000"),
    ("ru", "полтора миллиона", "1500000"),
    ("ru", "двести пятьдесят тысяч", "250000"),
    ("ar", "٢٠٠ ألف", "200000"),
    ("ar", "نصف مليون", "500000"),
    ("ar", "خمسة وعشرون ألف", "25000"),
    ("ar", "مليون ونصف", "1500000"),
    ("zh", "20万", "200000"),
    ("zh", "3.5万", "35000"),
    ("zh", "两百五十万", "2500000"),
    ("zh", "一亿", "100000000"),
    ("zh", "十二", "12"),
]


@pytest.mark.parametrize(("language", "text", "number"), NUMBERS)
def test_a_number_as_people_write_it(language: str, text: str, number: str) -> None:
    reading = read_number(text, language=language)
    assert (reading.values, reading.sure) == ((Decimal(number),), True)


MONEY = [
    ("en", "USD 200,000", "200000", "USD"),
    ("en", "$75k", "75000", "USD"),
    ("en", "75,000", "75000", None),
    ("en", "1.5 million Canadian dollars", "1500000", "CAD"),
    ("fr", "3 M€", "3000000", "EUR"),
    ("fr", "50 000 francs suisses", "50000", "CHF"),
    ("es", "35 mil dólares", "35000", "USD"),
    ("ru", "40 000 долл. США", "40000", "USD"),
    ("ru", "100 тыс. евро", "100000", "EUR"),
    ("ar", "٢٠٬٠٠٠ يورو", "20000", "EUR"),
    ("zh", "120万美元", "1200000", "USD"),
    ("zh", "五万人民币", "50000", "CNY"),
]


@pytest.mark.parametrize(("language", "text", "value", "currency"), MONEY)
def test_a_sum_has_its_currency_or_none(language: str, text: str, value: str, currency: str | None) -> None:
    assert read_money(text, language=language).values == ((Decimal(value), currency),)


@pytest.mark.parametrize(
    "text",
    [
        "-5 USD", "1e400 USD", "=1+1", "5 people", "12/5/2027", "2 February 2027", "1 Jan 2019", "call me at +254 700 123456", "200k XYZ",
        "not sure, maybe 3 or 4 workshops", "2 февраля 2027", "nothing", "30 June",
    ],
)  # fmt: skip
def test_a_number_of_something_else_is_no_sum(text: str) -> None:
    assert read_money(text, language=None).values == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("about 50,000", 50000), ("200k", 200000), ("max 1.2m", 1200000), ("environ 20 000", 20000), ("около 1,5 млн", 1500000),
     ("حوالي 200 ألف", 200000), ("大约20万", 200000), ("a budget of 90,000", 90000)],
)  # fmt: skip
def test_a_sum_may_be_said_roughly(text: str, value: int) -> None:
    assert read_money(text, language=None).values == ((Decimal(value), None),)


def test_a_range_is_asked_about() -> None:
    reading = read_money("entre 50 000 et 80 000 euros", language="fr")
    assert len(reading.values) == 2
    assert not reading.sure


LABELS = {
    "training": ("Training", "Formation", "培训", "التدريب"),
    "equipment_technology": ("Equipment", "Matériel", "设备"),
    "data_systems": ("Development of data collection or databases", "Bases de données"),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("training", "training"),
        ("2", "equipment_technology"),
        ("formation", "training"),
        ("设备", "equipment_technology"),
        ("databases", "data_systems"),
    ],
)
def test_a_choice_by_code_number_or_label(text: str, value: str) -> None:
    reading = read_choice(text, LABELS, language="en")
    assert (reading.values, reading.sure) == ((value,), True)


def test_a_likeness_is_never_sure() -> None:
    reading = read_choice("trainnig", LABELS, language="en")
    assert (reading.values[0], reading.sure) == ("training", False)


@pytest.mark.parametrize("text", ["", "0", "17", "zzzz"])
def test_what_is_not_in_the_list_is_nothing(text: str) -> None:
    assert read_choice(text, LABELS, language="en").values == ()


@pytest.mark.parametrize("text", ["training and equipment", "1, 2", "1 and 2", "培训和设备", "Formation et matériel"])
def test_several_choices_in_one_answer(text: str) -> None:
    reading = read_choices(text, LABELS, language="en")
    assert (reading.values, reading.sure) == ((("training", "equipment_technology"),), True)


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("oui", "non"), ("sí", "no"), ("да", "нет"), ("نعم", "لا"), ("是的", "不是")])
def test_yes_and_no_in_six_languages(yes: str, no: str) -> None:
    assert read_yes_no(yes).values == (True,)
    assert read_yes_no(no).values == (False,)


def test_neither_yes_nor_no_is_nothing() -> None:
    assert read_yes_no("perhaps").values == ()
    assert read_yes_no("yes and no").values == ()


MOMENTS = [
    ("en", "9 October 2020 12:00", (2020, 10, 9), "12:00"),
    ("en", "noon on 9 October 2020", (2020, 10, 9), "12:00"),
    ("en", "9 October 2020 at 6 pm", (2020, 10, 9), "18:00"),
    ("en", "9 October 2020", (2020, 10, 9), None),
    ("en", "21 September 2020 24:00", (2020, 9, 21), "24:00"),
    ("en", "2020-09-21T24:00", (2020, 9, 21), "24:00"),
    ("en", "21 September 2020 00:00", (2020, 9, 21), "00:00"),
    ("en", "21 September 2020 24:30", (2020, 9, 21), None),
    ("fr", "21 septembre 2020 24h", (2020, 9, 21), "24:00"),
    ("fr", "le 21 septembre 2020 à 24 heures", (2020, 9, 21), "24:00"),
    ("es", "21 de septiembre de 2020 a las 24:00", (2020, 9, 21), "24:00"),
    ("ru", "21 сентября 2020 в 24 часа", (2020, 9, 21), "24:00"),
    ("ar", "21 سبتمبر 2020 الساعة 24:00", (2020, 9, 21), "24:00"),
    ("zh", "2020年9月21日24点", (2020, 9, 21), "24:00"),
    ("zh", "2020年9月21日零点", (2020, 9, 21), "00:00"),
    ("fr", "16 oct 2027 18h30", (2027, 10, 16), "18:30"),
    ("fr", "midi le 9 octobre 2027", (2027, 10, 9), "12:00"),
    ("es", "9 de octubre de 2027 a las 6 de la tarde", (2027, 10, 9), "18:00"),
    ("ru", "9 октября 2027 в полдень", (2027, 10, 9), "12:00"),
    ("ru", "9 октября 2027 18:00", (2027, 10, 9), "18:00"),
    ("ar", "9 أكتوبر 2027 الساعة 12 ظهرا", (2027, 10, 9), "12:00"),
    ("zh", "2027年10月9日下午3点", (2027, 10, 9), "15:00"),
    ("zh", "2027年10月9日中午12点", (2027, 10, 9), "12:00"),
]


@pytest.mark.parametrize(("language", "text", "day", "clock"), MOMENTS)
def test_a_moment_has_its_hour_or_none(language: str, text: str, day: tuple[int, int, int], clock: str | None) -> None:
    assert read_moment(text, language=language, today=TODAY).values == ((date(*day), clock),)


MIDNIGHTS = [
    ("en", "midnight on 9 October 2027"),
    ("en", "9 October 2027, 12 midnight"),
    ("fr", "le 9 octobre 2027 à minuit"),
    ("es", "9 de octubre de 2027 a medianoche"),
    ("ru", "9 октября 2027 в полночь"),
    ("ar", "9 أكتوبر 2027 الساعة 12 منتصف الليل"),
    ("zh", "2027年10月9日午夜"),
]


@pytest.mark.parametrize(("language", "text"), MIDNIGHTS)
def test_midnight_is_either_end_of_its_day_and_asked(language: str, text: str) -> None:
    day = date(2027, 10, 9)
    reading = read_moment(text, language=language, today=TODAY)
    assert (reading.values, reading.sure) == (((day, "00:00"), (day, "24:00")), False)


OFFSETS = [
    ("en", "14 days before the opening", (14, "days", "opening")),
    ("en", "24 hours before the opening", (24, "hours", "opening")),
    ("en", "two weeks after the closing", (-2, "weeks", "closing")),
    ("fr", "14 jours avant l'ouverture", (14, "days", "opening")),
    ("es", "14 días antes de la apertura", (14, "days", "opening")),
    ("ru", "за 14 дней до открытия", (14, "days", "opening")),
    ("ar", "14 يوما قبل الافتتاح", (14, "days", "opening")),
    ("zh", "开幕前14天", (14, "days", "opening")),
]


@pytest.mark.parametrize(("language", "text", "offset"), OFFSETS)
def test_a_moment_counted_from_the_opening(language: str, text: str, offset: tuple[int, str, str]) -> None:
    assert read_offset(text, language=language).values == (offset,)


def test_parties_by_code_and_name() -> None:
    assert read_parties("ke", language="en").values == (("KE",),)
    assert read_parties("KE, Sénégal", language="fr").values == (("KE", "SN"),)
    assert read_parties("Congo", language="en").values == (("CD",), ("CG",))
    assert not read_parties("Kirgyzstan", language="en").sure


def test_articles_and_instruments() -> None:
    assert read_articles("33", language="en").values == ()
    assert read_articles("art 33", language="en").values == (("UNTOC.33",), ("UNCAC.33",))
    assert read_articles("UNCAC.33, article 52", language="en").values == (("UNCAC.33", "UNCAC.52"),)
    assert read_instruments("corruption et traite des personnes", language="fr").values == (("UNCAC", "TIP"),)
