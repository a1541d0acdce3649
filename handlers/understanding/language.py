"""Which of the six languages a message is written in: its script, then the words it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from handlers.understanding.lexicon import Hit
from handlers.understanding.text import LONGEST, Token, is_arabic, is_chinese, is_cyrillic

LATIN = ("en", "fr", "es")
_LETTERS = {"es": frozenset("ñ¿¡áíóú"), "fr": frozenset("çèêëàâùûœ")}
_CLOSE = 1
_TELLING = {"speech": 2, "cue": 1, "when": 1, "type": 1, "number": 1, "half": 2, "scale": 1, "month": 1}


def detect(text: str, tokens: Sequence[Token], hits: Sequence[Hit], hint: str | None) -> str:
    """The language of a message; `hint` (what its writer usually speaks) decides where the words do not."""
    script = _script(tokens)
    if script != "latin":
        return script
    likeliest = _by_words(tokens, hits)
    written = set(text[:LONGEST].lower())
    likeliest.update({language: 2 * len(letters & written) for language, letters in _LETTERS.items()})
    best = max(likeliest.values(), default=0)
    leading = [language for language in LATIN if best and likeliest[language] >= best - _CLOSE]
    if hint in leading or (hint and not leading):
        return hint
    return next((language for language in leading if likeliest[language] == best), "en")


def _script(tokens: Sequence[Token]) -> str:
    letters: Counter[str] = Counter()
    for token in tokens:
        word = token.word
        if is_chinese(word):
            letters["zh"] += 3
        elif is_arabic(word):
            letters["ar"] += len(word)
        elif is_cyrillic(word):
            letters["ru"] += len(word)
        elif word.isalpha():
            letters["latin"] += len(word) if not token.loud else 1
    return letters.most_common(1)[0][0] if letters else "latin"


def _by_words(tokens: Sequence[Token], hits: Sequence[Hit]) -> Counter[str]:
    said: Counter[str] = Counter()
    for hit in hits:
        for kind, language in {(sense.kind, sense.language) for sense in hit.senses}:
            if kind in _TELLING and (kind != "when" or len(tokens[hit.start].word) > 1):
                said[language] += _TELLING[kind] * (hit.end - hit.start)
    return said
