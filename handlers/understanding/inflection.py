"""Names in their forms: Russian cases of States, regions, treaties and currencies; Arabic and Spanish adjectives of nationality."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

MOST = 250
"""Forms made of one name; cases agree within a name, so the rest would never be said."""

_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ская", ("ская", "ской", "скую", "скою")),
    ("ский", ("ский", "ского", "скому", "ским", "ском")),
    ("ские", ("ские", "ских", "ским", "скими")),
    ("ая", ("ая", "ой", "ую")),
    ("яя", ("яя", "ей", "юю")),
    ("ый", ("ый", "ого", "ому", "ым", "ом")),
    ("ий", ("ий", "его", "ему", "им", "ем")),
    ("ое", ("ое", "ого", "ому", "ым", "ом")),
    ("ые", ("ые", "ых", "ым", "ыми")),
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ва", ("ва", "вов", "вам", "вами", "вах", "вы", "ве", "ву", "вой")),
    ("а", ("а", "ы", "и", "е", "у", "ой", "ою", "ей")),
    ("я", ("я", "и", "е", "ю", "ей")),
    ("ы", ("ы", "", "ам", "ами", "ах")),
    ("ль", ("ль", "ля", "лю", "лем", "ле")),
    ("ство", ("ство", "ства", "ству", "ством", "стве")),
    ("ай", ("ай", "ая", "аю", "аем", "ае")),
    ("ей", ("ей", "ея", "ею", "еем", "ее")),
)
_CONSONANTS = frozenset("бвгджзклмнпрстфхцчшщ")
_SMALL = frozenset({"и", "к", "от", "в", "для", "о", "об", "с", "югу", "африки"})


def russian_forms(name: str) -> Iterator[str]:
    """The forms of a Russian name, one word or several: Кения → кении, кению, кенией …"""
    yield from (
        " ".join(chosen) for chosen in islice(product(*(word_forms(word) for word in name.lower().replace("-", " ").split())), MOST)
    )


def word_forms(word: str) -> tuple[str, ...]:
    """The cases of one word; a word that does not change comes back alone."""
    if word in _SMALL or len(word) < 3 or not "а" <= word[0] <= "я":
        return (word,)
    for ending, cases in _ENDINGS:
        if word.endswith(ending):
            return tuple(word[: -len(ending)] + case for case in cases)
    if word[-1] in _CONSONANTS:
        return (word, word + "а", word + "у", word + "ом", word + "е")
    return (word,)


def arabic_adjectives(word: str) -> tuple[str, ...]:
    """The forms of an adjective of nationality such as كيني; nothing for other words."""
    if " " in word or not word.endswith("ي") or len(word) < 4 or word.startswith("ال"):
        return ()
    forms = (word, word + "ة", word + "ين", word + "ون", word + "ات")
    return (*forms[1:], *("ال" + form for form in forms))


def spanish_adjectives(word: str) -> tuple[str, ...]:
    """The feminine and plural of an adjective of nationality such as libio or francés; nothing for other words."""
    if " " in word or len(word) < 5:
        return ()
    if word.endswith("és"):
        return (word[:-2] + "esa", word[:-2] + "eses", word[:-2] + "esas")
    return (word[:-1] + "a", word + "s", word[:-1] + "as") if word.endswith("o") else ()
