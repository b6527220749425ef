"""Who is introduced by the action: a name in capitals with an age right after it (`A WAITRESS, 30s, ...`).

Screenplays set a person's name in capitals where they first appear, and props and sounds as well. Only the age tells
them apart without understanding the text, so a silent person introduced without one is not seen.
"""

from __future__ import annotations

import re
from itertools import dropwhile

from .words import Word, capital_runs

_AGE = re.compile(
    r"\s*[,(]\s*\(?\s*(?:aged?\s+)?(?:(?:early|mid|late)[\s-]+)?"
    r"(?:\d{1,2}(?!\d)(?:['’]?s\b)?(?!\s*(?:%|percent|feet|foot|miles?|metres?|meters?|minutes?|hours?|seconds?)\b)"
    r"|teens?\b|teenage)",
    re.IGNORECASE,
)


def introduced_people(text: str) -> list[str]:
    """The names so introduced, as written, without a leading article."""
    names = []
    for run in capital_runs(text):
        name = list(dropwhile(_is_article, run))
        if name and _AGE.match(text, name[-1].end):
            names.append(text[name[0].start : name[-1].end])
    return names


def _is_article(word: Word) -> bool:
    return word.text in ("A", "AN", "THE") or not word.text[0].isalpha()
