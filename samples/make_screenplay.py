"""Writes a long, plausible Fountain screenplay: the same one for the same numbers.

    python samples/make_screenplay.py --scenes 200 --seed 1 > long.fountain

Places repeat, headings and cues take every usual form, and no two scenes are alike. The standard library is all it
needs. What it writes is nobody's work: treat it as dedicated to the public domain.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator

CHARACTERS = (
    "MARA",
    "OLD TOM",
    "DR. FENWICK",
    "JUNE O'HARA",
    "JEAN-LUC",
    "THE POSTMAN",
    "SERGEANT BELL",
    "IDA",
    "NILS",
    "AUNT ROSA",
    "GUARD #2",
    "THE DIVER",
    "PILAR",
    "BABA",
    "RADIO VOICE",
    "KESTREL",
)
PLACES = (
    ("INT.", "LIGHTHOUSE", ("LAMP ROOM", "STAIRS", "CELLAR")),
    ("EXT.", "HARBOUR", ("PIER", "FISH MARKET")),
    ("INT.", "POST OFFICE", ("SORTING ROOM", "COUNTER")),
    ("EXT.", "DUNES", ()),
    ("INT.", "FENWICK'S SURGERY", ("WAITING ROOM",)),
    ("INT./EXT.", "FERRY", ("BRIDGE", "CAR DECK")),
    ("I/E.", "PATROL CAR", ()),
    ("EXT.", "MARKET SQUARE", ("FOUNTAIN",)),
    ("INT.", "CAFE MERIDIAN", ("KITCHEN", "BACK TABLE")),
    ("INT.", "SUNKEN CHAPEL", ("NAVE", "CRYPT")),
    ("EST.", "ISLAND", ()),
    ("EXT.", "RAILWAY BRIDGE", ()),
    ("INT.", "SCHOOL", ("DAY ROOM", "GYM")),
    ("INT", "SUBMARINE", ("ENGINE ROOM",)),
)
TIMES = (
    "DAY",
    "NIGHT",
    "DAY",
    "NIGHT",
    "DAWN",
    "DUSK",
    "CONTINUOUS",
    "LATER",
    "MOMENTS LATER",
    "SAME",
)
DIVIDERS = (" - ", " - ", " - ", "--", " – ", " — ")
FORCED_HEADINGS = (".FLASHBACK", ".MONTAGE", ".BLACK SCREEN", ".UNDER WATER")
EXTENSIONS = (" (V.O.)", " (O.S.)", " (CONT'D)", " (on the phone)")
ASIDES = ("(softly)", "(to herself)", "(not looking up)", "(beat)", "(in Danish)", "(laughing)")
TRANSITIONS = ("CUT TO:", "SMASH CUT TO:", "DISSOLVE TO:", "> FADE TO BLACK.", "MATCH CUT TO:")
ADVERBS = (
    "slowly",
    "twice",
    "without a word",
    "at last",
    "by mistake",
    "in the dark",
    "with care",
    "too late",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOUNS = _words(
    "lamp letter rope engine ledger tide key photograph suitcase bell compass kettle map stamp lantern net whistle "
    "medal ticket violin telegram bicycle barometer parrot coat stone radio anchor door window"
)
ADJECTIVES = _words(
    "wet broken yellow borrowed silent heavy forged cold rusted second last small burning unopened crooked grey "
    "familiar missing hollow patient"
)
VERBS = _words(
    "lifts drops hides turns studies polishes refuses steals follows counts buries opens weighs forgets burns mends "
    "carries trades signs breaks"
)
OPENERS = (
    "You never said",
    "I should have known",
    "Nobody asks about",
    "Tell me again about",
    "They will come for",
    "I dreamed of",
    "Leave it. It is only",
    "My father lost",
    "There is no use in",
    "Listen: I saw",
)


def make_screenplay(scenes: int, seed: int) -> str:
    """A screenplay of so many scenes, ended by a newline. Raises ValueError for fewer than one."""
    if scenes < 1:
        raise ValueError("a screenplay needs at least one scene")
    chance = random.Random(seed)
    blocks = [_title_page(seed), "FADE IN:"]
    for number in range(1, scenes + 1):
        if number % 40 == 1:
            blocks.append(f"# ACT {number // 40 + 1}")
            blocks.append(f"= The matter of the {_thing(chance)}.")
        if number % 10 == 1:
            blocks.append(f"## SEQUENCE {number // 10 + 1}")
        blocks += _scene(chance, number)
    blocks += ["> FADE OUT.", "> THE END <"]
    return "\n\n".join(blocks) + "\n"


def _title_page(seed: int) -> str:
    return "\n".join(
        [
            "Title:",
            f"    **THE ISLAND, NUMBER {seed}**",
            "Credit: written by",
            "Author: make_screenplay.py",
            "Draft date: 1 January",
        ]
    )


def _scene(chance: random.Random, number: int) -> Iterator[str]:
    yield _heading(chance, number)
    if number % 7 == 0:
        yield f"[[Is the {_thing(chance)} planted early enough?]]"
    if number % 11 == 0:
        yield f"= {_sentence(chance)}"
    cast = chance.sample(CHARACTERS, chance.randint(1, 4))
    # Names the scene by its number, so that no two are alike whatever chance gives.
    yield f"{_action(chance, cast)} The tally on the wall says {number}."
    for _ in range(chance.randint(1, 5)):
        yield from _exchange(chance, cast)
        if chance.random() < 0.6:
            yield _action(chance, cast)
    if chance.random() < 0.12:
        yield f"~The {_thing(chance)}, the {_thing(chance)},\n~goes out with the tide"
    if chance.random() < 0.05:
        yield f"/* Cut: {_sentence(chance)} */"
    if chance.random() < 0.04:
        yield "> INTERMISSION <"
        yield "==="
    if chance.random() < 0.2:
        yield chance.choice(TRANSITIONS)


def _heading(chance: random.Random, number: int) -> str:
    numbered = f" #{number}#" if number % 3 == 0 else ""
    if chance.random() < 0.04:
        return f"{chance.choice(FORCED_HEADINGS)} {number}{numbered}"
    prefix, place, parts = chance.choice(PLACES)
    divider = chance.choice(DIVIDERS)
    words = [place]
    if parts and chance.random() < 0.5:
        words.append(chance.choice(parts))
    words.append(chance.choice(TIMES))
    return f"{prefix} {divider.join(words)}{numbered}"


def _exchange(chance: random.Random, cast: list[str]) -> Iterator[str]:
    if len(cast) > 1 and chance.random() < 0.08:
        yield f"{cast[0]}\n{_line(chance)}"
        yield f"{cast[1]} ^\n{_line(chance)}"
        return
    for _ in range(chance.randint(1, 4)):
        cue = chance.choice(cast) + (chance.choice(EXTENSIONS) if chance.random() < 0.2 else "")
        aside = f"{chance.choice(ASIDES)}\n" if chance.random() < 0.2 else ""
        yield f"{cue}\n{aside}" + " ".join(_line(chance) for _ in range(chance.randint(1, 3)))


def _thing(chance: random.Random) -> str:
    return f"{chance.choice(ADJECTIVES)} {chance.choice(NOUNS)}"


def _line(chance: random.Random) -> str:
    mark = chance.choice((".", ".", "?", "!"))
    emphasised = f"*{chance.choice(NOUNS)}*" if chance.random() < 0.1 else chance.choice(NOUNS)
    return f"{chance.choice(OPENERS)} the {chance.choice(ADJECTIVES)} {emphasised}{mark}"


def _sentence(chance: random.Random) -> str:
    who = chance.choice(CHARACTERS).title()
    return f"{who} {chance.choice(VERBS)} the {_thing(chance)}."


def _action(chance: random.Random, cast: list[str]) -> str:
    sentences = []
    for _ in range(chance.randint(1, 4)):
        adverb = f" {chance.choice(ADVERBS)}" if chance.random() < 0.3 else ""
        who = chance.choice(cast).title()
        sentences.append(f"{who} {chance.choice(VERBS)} the {_thing(chance)}{adverb}.")
    return " ".join(sentences)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Write a long Fountain screenplay to standard output."
    )
    parser.add_argument("--scenes", type=int, default=200, help="how many scenes (200)")
    parser.add_argument(
        "--seed", type=int, default=1, help="another number, another screenplay (1)"
    )
    options = parser.parse_args()
    if options.scenes < 1:
        parser.error("--scenes must be at least 1")
    sys.stdout.write(make_screenplay(options.scenes, options.seed))


if __name__ == "__main__":
    main()
