"""Writes the nouns by category that `scene_report` sorts a scene's capitals with, from Princeton WordNet 3.0.

    apt-get install wordnet-base
    python -m benchmarks.nouns_from_wordnet /usr/share/wordnet > workflow/modules/scene_report/scene_report_v1/nouns.txt

A word is listed under the category of its most frequent sense; one that is a verb far more often is marked with a `*`,
so that RUNS is not taken for a stretch of wool. Words whose most frequent sense is no thing are left out.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

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
        if " " in plain and category_of(senses.get(plain.split()[-1], own)[0]) == category:
            continue  # the last word tells as much
        words[category].append(plain + "*" * (verbs[word] > 2 * nouns[word]))
    print(
        "# From Princeton WordNet 3.0, Copyright 2006 by Princeton University; see nouns.license.txt."
    )
    print(
        "# Made by `python -m benchmarks.nouns_from_wordnet`; what it gets wrong is put right in words.txt."
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
