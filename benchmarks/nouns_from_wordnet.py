"""Writes the nouns by category that `scene_report` sorts a scene's capitals with, from Princeton WordNet 3.0.

    apt-get install wordnet-base
    python -m benchmarks.nouns_from_wordnet /usr/share/wordnet > workflow/modules/scene_report/scene_report_v1/nouns.txt

A word is listed under the category of its most frequent sense; one that is a verb far more often is marked with a `*`,
so that RUNS is not taken for a stretch of wool. Words whose most frequent sense is no thing are left out.

Slurs are left out: words that WordNet itself marks as offensive, derogatory, disparaging, insulting or obscene terms or
as ethnic slurs, in its definition or by its usage pointers, in the sense that would be listed, or in any sense if the
texts in which people marked senses never use the word; and some, by hand, that it does not mark.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from functools import cache
from hashlib import sha256
from pathlib import Path

#: How WordNet's definitions tell a slur.
_SLUR = re.compile(
    r"ethnic slur|offensive (?:and \w+ )?(?:term|name|word|slang|epithet)|derogatory|disparag(?:ing|ement)|pejorative"
    r"|(?:obscene|vulgar|insulting|abusive|disrespectful)(?:,? \w+){0,2} (?:term|name|word|slang|epithet)s?"
    r"|term of (?:abuse|contempt|disparagement|disrespect)|slang (?:term|word)s? for|vulgar slang",
    re.IGNORECASE,
)
#: Slurs that WordNet marks nowhere, by digest, so that this file holds none of them.
_ALSO_SLURS = frozenset(
    """
    05aced517f 08234c948b 110c6c5a86 158869a973 22f3ae2927 27eb0c4ad7 2d84fef55b 45d866ee37 46505206c3
    49d3bc1476 4b18aefe82 56d9e1f657 6122fdf4ae 6b571f65fa 72f33361b2 94a877e2ce 96c91fa847 9ae315a94e
    a008b48962 a4d7510f2e a7847e3627 ad412adb49 ad6cacf3af b9ef608311 bcd1642bca c2c3b68b48 ce094c5d62
    d6be0c9fb0 da88439262 e3ae0782ba e84dde508a f59e28f8bb fca0183d3e
    """.split()  # noqa: SIM905
)
#: Synsets of usage to which slurs point.
_USAGE = (
    "disparagement.1",
    "ethnic_slur.1",
    "obscenity.1",
    "obscenity.2",
    "vulgarism.1",
    "dysphemism.1",
)
#: Synsets by a word and the number of its sense; of several above one another the nearest counts.
ROOTS = {
    "animals": ["animal.1"],
    "person": ["person.1", "people.1", "social_group.1", "military_unit.1", "crowd.1"],
    "vehicles": ["vehicle.1"],
    "wardrobe": ["clothing.1", "footwear.1", "footwear.2", "headdress.1", "garment.1", "attire.1"],
    "set_dressing": [
        *(
            "furniture.1",
            "furnishing.2",
            "home_appliance.1",
            "floor_cover.1",
            "curtain.1",
            "sign.2",
        ),
        *(
            "lamp.2",
            "chandelier.1",
            "statue.1",
            "painting.1",
            "wall_clock.1",
            "fixture.1",
            "flag.1",
        ),
    ],
    "makeup": [
        "cosmetic.1",
        "wound.1",
        "wound.3",
        "blood.1",
        "wig.1",
        "hairdo.1",
        "scar.1",
        "tattoo.2",
        "bruise.1",
    ],
    "sfx": [
        "explosion.1",
        "fire.1",
        "fire.3",
        "smoke.1",
        "fog.1",
        "precipitation.3",
        "spark.2",
        "flame.1",
        "steam.1",
    ],
    "place": [
        *(
            "structure.1",
            "location.1",
            "geological_formation.1",
            "way.6",
            "opening.10",
            "land.4",
            "room.1",
        ),
        *(
            "body_of_water.1",
            "facility.1",
            "building_material.1",
            "celestial_body.1",
            "area.5",
            "surface.1",
        ),
    ],
    "body": ["body_part.1", "human_body.1", "body.1"],
    "sound": ["sound.4", "noise.1", "sound.1", "cry.1", "utterance.1"],
    "music": ["music.1", "musical_composition.1", "song.1"],
    "props": [
        *(
            "instrumentality.3",
            "document.1",
            "written_communication.1",
            "money.1",
            "food.1",
            "food.2",
            "beverage.1",
        ),
        *(
            "publication.1",
            "product.2",
            "toy.1",
            "fabric.1",
            "drug.1",
            "flower.1",
            "jewelry.1",
            "decoration.1",
        ),
        *(
            "writing.2",
            "picture.1",
            "representation.2",
            "plaything.1",
            "paper.1",
            "book.1",
            "creation.2",
            "block.1",
        ),
        *(
            "record.1",
            "currency.1",
            "medium_of_exchange.1",
            "edible_fruit.1",
            "baked_goods.1",
            "candle.1",
            "letter.1",
        ),
    ],
}


def main(folder: Path) -> None:
    synsets, senses = read_nouns(folder)
    wanted = {
        senses[word][int(number) - 1]: category
        for category, names in ROOTS.items()
        for word, _, number in (name.rpartition(".") for name in names)
        if word in senses and len(senses[word]) >= int(number)
    }

    @cache
    def category_of(synset: str) -> str | None:
        level, seen = [synset], {synset}
        while level:
            for each in level:
                if each in wanted:
                    return wanted[each]
            level = [above for each in level for above in synsets[each] if above not in seen]
            seen.update(level)
        return None

    verbs = verb_counts(folder)
    nouns = noun_counts(folder)
    slurs = read_slurs(folder, senses)
    words: dict[str, list[str]] = defaultdict(list)
    for word, own in sorted(senses.items()):
        plain = word.replace("_", " ")
        if (
            not plain.replace(" ", "").replace("-", "").isalpha()
            or plain.count(" ") > 1
            or len(plain) < 3
        ):
            continue
        if any(map(str.isupper, plain)):
            continue
        category = category_of(own[0])
        if category is None:
            continue
        if own[0] in slurs or (not nouns[word] and slurs.intersection(own)):
            continue
        if sha256(word.encode()).hexdigest()[:10] in _ALSO_SLURS:
            continue
        if " " in plain and category_of(senses.get(plain.split()[-1], own)[0]) == category:
            continue  # the last word tells as much
        words[category].append(plain + "*" * (verbs[word] > 2 * nouns[word]))
    print(
        "# From Princeton WordNet 3.0, Copyright 2006 by Princeton University; see nouns.license.txt."
    )
    print(
        "# Made by `python -m benchmarks.nouns_from_wordnet`, which leaves slurs out; what it gets wrong is put right"
        " in words.txt."
    )
    for category in sorted(words):
        print(f"{category}: {', '.join(words[category])}")
    frequent = sorted(word for word in verbs if word.isalpha() and verbs[word] > 1)
    print(f"verb: {', '.join(frequent)}")


def read_nouns(folder: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The synsets above each synset, and the synsets of each word, the most frequent first."""
    synsets: dict[str, list[str]] = {}
    for line in lines(folder / "data.noun"):
        fields = line.split(" | ")[0].split()
        words = int(fields[3], 16)
        rest = fields[4 + 2 * words :]
        pointers = [rest[1 + 4 * n : 5 + 4 * n] for n in range(int(rest[0]))]
        synsets[fields[0]] = [target for kind, target, *_ in pointers if kind in ("@", "@i")]
    senses = {}
    for line in lines(folder / "index.noun"):
        fields = line.split()
        senses[fields[0]] = fields[-int(fields[2]) :]
    return synsets, senses


def read_slurs(folder: Path, senses: dict[str, list[str]]) -> set[str]:
    """The synsets whose definition or usage says that they are slurs."""
    usage = {
        senses[word][int(number) - 1]
        for word, _, number in (name.rpartition(".") for name in _USAGE)
        if word in senses and len(senses[word]) >= int(number)
    }
    found = set()
    for line in lines(folder / "data.noun"):
        numbers, _, definition = line.partition(" | ")
        fields = numbers.split()
        words = int(fields[3], 16)
        rest = fields[4 + 2 * words :]
        pointers = [rest[1 + 4 * n : 5 + 4 * n] for n in range(int(rest[0]))]
        marked = any(kind == ";u" and target in usage for kind, target, *_ in pointers)
        if marked or _SLUR.search(definition):
            found.add(fields[0])
    return found


def verb_counts(folder: Path) -> dict[str, int]:
    return counts(folder, "2")


def noun_counts(folder: Path) -> dict[str, int]:
    return counts(folder, "1")


def counts(folder: Path, kind: str) -> dict[str, int]:
    """How often a text that people tagged has a word as a verb (2) or a noun (1)."""
    found: dict[str, int] = defaultdict(int)
    for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, _, count = line.split()
        word, _, rest = key.partition("%")
        if rest.startswith(f"{kind}:"):
            found[word] += int(count)
    return found


def lines(path: Path) -> list[str]:
    return [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("  ")
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
