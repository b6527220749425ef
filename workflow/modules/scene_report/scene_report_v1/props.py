"""The props of a scene: what its action sets in capitals and is not something else.

Left out, by their words: the names of characters; camera and editing terms (`CLOSE ON THE KEY` leaves `KEY`);
transitions; sounds, known by a list or by the exclamation mark behind them (`FWOOSH!`); words between quotation marks,
which are read or heard; paragraphs wholly in capitals, which are titles or shots; and sentences of three words and
more in capitals, which tell what happens (`THE LIGHTS GO OUT.`). What this cannot tell: a silent
person or animal introduced in capitals without an age (`A STRAY DOG`), an acronym (`LED`) and a word that is only
shouted count as props. People overrule it in the scene's report.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import dropwhile
from typing import Any

from .quotes import Lines
from .shared.names_in_text import NameFinder
from .shared.words import Word, capital_runs

#: The length is bounded so that marks without a partner cost no time.
_QUOTED = re.compile(r'"[^"]{0,500}"|“[^”]{0,500}”|„[^“”]{0,500}[“”]|«[^»]{0,500}»')
#: What stands before and after a sentence; before it, so many characters are looked at.
_STARTS = re.compile(r"(?:^|[.!?])\s*$")
_ENDS = re.compile(r" *(?:$|[.!?\n])")
_NEAR = 10


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: A stretch of capitals that holds nothing but these is no prop.
_SMALL = _set(
    "A AN THE AND OR BUT OF ON IN AT TO FROM WITH WITHOUT INTO ONTO OVER UNDER BY FOR AS IS ARE WE HE SHE IT THEY "
    "HIS HER ITS THEIR OUR MY YOUR THIS THAT THESE THOSE NO NOT ALL VERY NOW THEN I YOU US HIM THEM WHO"
)
_CAMERA = _set(
    "ANGLE ANGLES ANOTHER REVERSE CLOSE CLOSER CLOSEUP CLOSE-UP UP EXTREME WIDE WIDER WIDEN WIDENS PAN PANS PANNING "
    "TILT TILTS ZOOM ZOOMS DOLLY DOLLIES CRANE CRANES TRACK TRACKS TRACKING SHOT SHOTS POV P.O.V AERIAL HANDHELD "
    "STEADICAM CAMERA RACK FOCUS SLOW SLO-MO MOTION TIME-LAPSE SPLIT SCREEN FREEZE FRAME INSERT INSERTS SERIES MONTAGE "
    "INTERCUT INTERCUTTING FLASHBACK FLASHBACKS FLASHFORWARD BACK SCENE SUPER SUPERIMPOSE TITLE TITLES CARD CREDITS "
    "CHYRON OMITTED CONTINUED CONT'D VO V.O OS O.S OC O.C MOS M.O.S B.G BG F.G FG ESTABLISHING MOMENTS LATER "
    "CONTINUOUS SAME DAY NIGHT INT EXT BEGIN BEGINS END ENDS RESUME REVEAL REVEALS REVEALING BEAT PAUSE"
)
_TRANSITION = _set(
    "CUT CUTS SMASH MATCH JUMP FADE FADES DISSOLVE DISSOLVES WIPE WIPES IRIS BLACK WHITE OUT"
)
_SOUND = _set(
    "SOUND SOUNDS NOISE NOISES BANG BANGS BARK BARKS BAM BEEP BEEPS BEEPING BLAM BLARE BLARES BLAST BLASTS BOOM BOOMS "
    "BUZZ BUZZES BUZZING CHIME CHIMES CLANG CLANGS CLAP CLAPS CLATTER CLATTERS CLICK CLICKS CLINK CLINKS CRACK CRACKS "
    "CRACKLE CRACKLES CRASH CRASHES CRASHING CREAK CREAKS CREAKING CRIES CRUNCH CRUNCHES CRY DING DINGS DONG EXPLODE "
    "EXPLODES EXPLODING EXPLOSION FWOOSH GASP GASPS GROAN GROANS GROWL GROWLS GRUNT GRUNTS GUNFIRE GUNSHOT GUNSHOTS "
    "HISS HISSES HONK HONKS HOWL HOWLS HUM HUMS KNOCK KNOCKS KNOCKING LAUGH LAUGHS LAUGHTER MEOW MOAN MOANS MUSIC POP "
    "POPS POUNDING POUNDS RATTLE RATTLES RING RINGS RINGING ROAR ROARS RUMBLE RUMBLES SCREAM SCREAMS SCREAMING SCREECH "
    "SCREECHES SHATTER SHATTERS SHOUT SHOUTS SHRIEK SHRIEKS SIGH SIGHS SIZZLE SIZZLES SLAM SLAMS SLAMMING SMASHES SNAP "
    "SNAPS SPLASH SPLASHES SQUEAK SQUEAKS SQUEAL SQUEALS SILENCE THUD THUDS THUMP THUMPS THUNDER TICK TICKS TICKING "
    "TOCK VOICE VOICES WAIL WAILS WHAM WHINE WHINES WHIR WHIRS WHISPER WHISPERS WHISTLE WHISTLES WHOOSH WHOOSHES YELL "
    "YELLS YELP YELPS ZAP"
)
_EDGES = _SMALL | _CAMERA
_NOTHING = _EDGES | _TRANSITION | _SOUND


def props_of(
    elements: Sequence[Mapping[str, Any]], character_names: Collection[str]
) -> list[dict[str, Any]]:
    """`{name, offset, quote}` of each prop where the scene first has it, in that order; offsets as of the elements."""
    finder = NameFinder(character_names)
    found: dict[str, dict[str, Any]] = {}
    for element in elements:
        text = element["text"]
        if element["type"] != "action" or text.isupper():
            continue
        taken = bytearray(len(text))
        for naming in finder.namings(text):
            taken[naming.start : naming.end] = b"\1" * (naming.end - naming.start)
        for quoted in _QUOTED.finditer(text):
            taken[quoted.start() : quoted.end()] = b"\1" * len(quoted.group())
        lines = Lines(element)
        for run in capital_runs(text):
            for part in _apart(run, taken):
                name = _name(text, part)
                if name and name not in found:
                    line = lines.at(part[0].start)
                    found[name] = {"name": name, "offset": line["offset"], "quote": line["text"]}
    return list(found.values())


def _apart(run: list[Word], taken: bytearray) -> list[list[Word]]:
    """A run without the words that are somebody's name, or quoted, and without what goes with a name (`POOR BOB`)."""
    parts: list[list[Word]] = [[]]
    after: list[Word | None] = [None]
    for word in run:
        if taken[word.start]:
            parts.append([])
            after.append(word)
        else:
            parts[-1].append(word)
    return [
        part
        for part, name in zip(parts, after, strict=True)
        if part
        and (part is parts[-1] or part[-1].text in _SMALL)
        and (name is None or name.text != name.bare.upper() or part[0].text in _SMALL)
    ]


def _name(text: str, run: list[Word]) -> str | None:
    if text.startswith("!", run[-1].end):
        return None
    words = list(dropwhile(_is_edge, run))
    words = list(dropwhile(_is_edge, reversed(words)))[::-1]
    shown = [word.text.replace("’", "'") for word in words]
    if all(word in _NOTHING or not any(map(str.isalpha, word)) for word in shown):
        return None
    if len(shown) > 2 and _is_sentence(text, run):
        return None
    if any(word in _SOUND for word in shown) or sum(map(str.isalpha, "".join(shown))) < 2:
        return None
    return " ".join(shown)


def _is_sentence(text: str, run: Sequence[Word]) -> bool:
    return bool(_STARTS.search(text[max(0, run[0].start - _NEAR) : run[0].start])) and bool(
        _ENDS.match(text, run[-1].end)
    )


def _is_edge(word: Word) -> bool:
    return word.text.rstrip(".").upper() in _EDGES
