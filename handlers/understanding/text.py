"""What was typed, as tokens: one spelling for every script, so that vocabularies and messages meet."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 4000
"""Characters of a message that are read; what follows is ignored, so no text can hold a turn up."""

_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad]")
_SAME = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬٪ةىیکøØłŁıđ\u2011\u2212", "01234567890123456789.,%هييكoOlLid--")
_TOKEN = re.compile(r"[0-9]+|[$€£¥₽%]|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")
_ARABIC_PREFIXES = ("وال", "بال", "فال", "كال", "ولل", "لل", "و", "ف", "ب", "ل", "ك")
_ARABIC_ENDINGS = ("نا", "ها", "هم", "ون", "ين", "ا")


class Token(NamedTuple):
    """One word, run of digits, Chinese character or currency sign.

    `gap` is what stands between it and the token before; `capital` and `loud` say how its letters were cased.
    """

    word: str
    gap: str
    capital: bool
    loud: bool

    @property
    def is_number(self) -> bool:
        return self.word[0] in "0123456789"


def plain(text: str) -> str:
    """`text` with European digits, without accents, vowel signs, direction marks or widths; case is kept."""
    if text.isascii():
        return text[:LONGEST]
    decomposed = unicodedata.normalize("NFKD", text[:LONGEST])[:LONGEST]
    return _MARKS.sub("", decomposed).translate(_SAME)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, casefolded, in order."""
    source = plain(text)
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(source):
        raw = match.group()
        loud = len(raw) > 1 and raw.isupper()
        found.append(Token(raw.casefold(), source[end : match.start()], raw[0].isupper(), loud))
        end = match.end()
    return found


@lru_cache(maxsize=4096)
def words(phrase: str) -> tuple[str, ...]:
    """The words of a vocabulary phrase, spelled as `tokens` spells messages."""
    return tuple(match.group().casefold() for match in _TOKEN.finditer(plain(phrase)))


@lru_cache(maxsize=8192)
def arabic_forms(word: str) -> tuple[str, ...]:
    """An Arabic word as written, then without its conjunction, preposition, article and ending; least changed first.

    The article stays on after a conjunction or preposition, because a name either has it or not (السنغال, مالي).
    """
    forms = [word]
    for prefix in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            rest = word[len(prefix) :]
            forms.append("ال" + rest if len(prefix) > 1 else rest)
            if prefix in ("و", "ف") and rest[:1] in "بلك" and len(rest) > 3:
                forms.append(rest[1:])
    forms += [form[2:] for form in forms if form.startswith("ال") and len(form) > 4]
    forms += [form[: -len(ending)] for form in forms for ending in _ARABIC_ENDINGS if form.endswith(ending) and len(form) > len(ending) + 3]
    return tuple(dict.fromkeys(forms))


def is_arabic(word: str) -> bool:
    return "\u0600" <= word[0] <= "\u06ff"


def is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


def is_cyrillic(word: str) -> bool:
    return "\u0400" <= word[0] <= "\u04ff"
