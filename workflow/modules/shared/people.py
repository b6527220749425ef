"""Who is introduced by the action: a name in capitals with an age right after it (`A WAITRESS, 30s, ...`).

Screenplays set a person's name in capitals where they first appear, and props and sounds as well. Only the age tells
them apart without understanding the text, so a silent person introduced without one is not seen. What somebody is may
stand between: `JOE the bartender, 50`, `ANNA, a nurse in her thirties`.
"""

from __future__ import annotations

import re
from itertools import dropwhile

from .words import Word, capital_runs

_COUNTED = (
    r"(?!\s*(?:%|percent|feet|foot|ft|inch|miles?|metres?|meters?|yards?|minutes?|hours?|seconds?|days|weeks|months"
    r"|rounds|shots|times|pounds|dollars|degrees)\b)"
)
_PART = r"(?:(?:early|mid|late)[\s-]*)?(?:to[\s-]+(?:mid|late)[\s-]+)?"
_DECADE = r"(?:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)"
_SPELLED = rf"(?:{_DECADE}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:ish|-?something)?)"
_YEARS = (
    rf"(?:\d{{1,2}}(?!\d)(?:['’]?s\b|ish\b)?{_COUNTED}|teens?\b|teenage|{_SPELLED}\b{_COUNTED})"
)
_IN_THEIR = r"in\s+(?:his|her|their)\s+"
_AGE = re.compile(rf"\s*[,(]\s*\(?\s*(?:aged?\s+)?(?:{_IN_THEIR})?{_PART}{_YEARS}", re.IGNORECASE)
#: What somebody is, and then the age: up to eight small words that begin as such, none of which is AND.
_APPOSITION = re.compile(
    r"\s*[,(]?\s*(?:the|an?|his|her|their|our)(?:\s+(?!and\b)[a-zà-ÿ][\wà-ÿ'’-]*){1,8}?"
    rf"(?:\s*[,(]\s*(?:aged?\s+)?(?:{_IN_THEIR})?|\s+{_IN_THEIR}){_PART}(?i:{_YEARS})"
    r"(?=\s*(?:[,.;:!)–—]|-{2}|$|\n|\()|\s+(?:and|who|with)\b)"
)


def introduced_people(text: str) -> list[str]:
    """The names so introduced, as written, without a leading article."""
    names = []
    for run in capital_runs(text):
        name = list(dropwhile(_is_article, run))
        if name and any(age.match(text, name[-1].end) for age in (_AGE, _APPOSITION)):
            names.append(text[name[0].start : name[-1].end])
    return names


def _is_article(word: Word) -> bool:
    return word.text in ("A", "AN", "THE") or not word.text[0].isalpha()
