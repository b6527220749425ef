"""Which parser of Fountain reads most: headings and cues of the small cases, and scenes and speeches of longer files.

    python -m venv /tmp/parsers && /tmp/parsers/bin/pip install \\
        fountain-py screenplay-tools fountain-tools fountain-parser jouvence screenplain \\
        defusedxml jsonschema pebble pydantic pyyaml
    PYTHONPATH=. /tmp/parsers/bin/python -m benchmarks.parsers [FILE.fountain ...]

A case is right when all headings and all cues are found, in order, and nothing else is taken for one. What is right is
what `tests/modules/test_reading_cases.py` asserts. `open-fdx-toolkit` reads .fdx alone and is not compared.
"""

from __future__ import annotations

import io
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "modules" / "cases"
#: Seconds of CPU time for one file.
LONGEST = 15
Found = list[tuple[str, str]]

#: Headings without numbers, cues without brackets, in the order of the text.
RIGHT: dict[str, Found] = {
    "n01_shouted_speech": [
        ("h", "INT. SIGNAL BOX - NIGHT"),
        *[("c", c) for c in ("PIA", "OSKAR", "PIA", "OSKAR")],
    ],
    "n02_cue_marks": [
        ("h", "INT. KITCHEN - DAY"),
        *[
            ("c", c)
            for c in (
                "ABEL, JR.",
                '"UNCLE ROY"',
                "Q! PRESENTER",
                "ROY, TESS & ABEL",
                "DR. O'NEIL, PH.D.",
            )
        ],
    ],
    "f08_boneyard_heading": [
        ("h", "INT. MILL - DAY"),
        ("h", "EXT. MILL POND - DAY"),
        ("h", "EXT. MILL ROAD - NIGHT"),
    ],
    "f08b_boneyard_heading_follows_text": [("h", "INT. MILL - DAY"), ("h", "EXT. MILL POND - DAY")],
    "f08c_boneyard_spec_form": [("h", "INT. SHED - DAY"), ("h", "EXT. LONG MEADOW - DAY")],
    "e01_scene_numbers": [
        *[
            ("h", h)
            for h in (
                "INT. BARN - DAY",
                "INT. BARN - DAY",
                "INT. BARN - NIGHT",
                "INT. BARN - DAY (1944)",
            )
        ],
        ("h", "LOFT"),
        ("h", "INT. BARN - DAY"),
    ],
    "e02_dual": [
        ("h", "INT. COURT - DAY"),
        *[("c", c) for c in ("ANSEL", "BRUNA", "ANSEL", "McRae")],
    ],
    "e03_forced": [
        ("h", "SNIPER VIEW"),
        ("c", "McKie"),
        *[
            ("h", h)
            for h in ("int. dairy - day", "INT DAIRY - NIGHT", "EST. DAIRY - DAY", "I/E CART - DAY")
        ],
        *[("h", h) for h in ("INT./EXT. CART - DUSK", "INT. DAIRY - DAY")],
        ("c", "R2D2"),
        ("c", "HANS"),
    ],
    "e05_notes": [("h", "INT. VAULT - DAY"), ("c", "IRMA"), ("h", "EXT. VAULT - NIGHT")],
    "e06_names": [
        ("h", "INT. МОСТ - DAY"),
        *[
            ("c", c)
            for c in (
                "ИВАН",
                "ÉLODIE",
                "ŁUKASZ",
                "王小明",
                "山田",
                "أحمد",
                "דוד",
                "🦊 FOX",
                "MARÍA JOSÉ",
            )
        ],
        *[("c", c) for c in ("O’HARA", "O'HARA")],
    ],
    "e07_crlf": [("h", "INT. CAFÉ - DAY"), ("c", "ZOË"), ("h", "EXT. QUAY - NIGHT")],
    "f09_title_keys": [("h", "INT. LAMP ROOM - NIGHT"), ("c", "IDA")],
    "f10_cues": [
        ("h", "INT. STATION - DAY"),
        *[
            ("c", c)
            for c in (
                "ORRIN",
                "ORRIN'S VOICE",
                "BESS",
                "ORRIN & BESS",
                "ORRIN AND BESS",
                "BESS/PIM",
                "PIM",
            )
        ],
    ],
}


def ours(text: str) -> Found:
    sys.path.insert(0, str(ROOT))
    bench = _of("tests.modules.module_bench")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "story.fountain"
        path.write_text(text, encoding="utf-8", newline="")
        script = bench.read_script(path)
    kinds = {"scene_heading": "h", "character": "c"}
    return [(kinds[e["type"]], e["text"]) for e in script["elements"] if e["type"] in kinds]


def fountain_py(text: str) -> Found:
    kinds = {"scene_heading": "h", "character": "c"}
    return [
        (kinds[e.type.value], e.text)
        for e in _of("fountain").FountainParser().parse(text).elements
        if e.type.value in kinds
    ]


def screenplay_tools(text: str) -> Found:
    parser = _of("screenplay_tools.fountain.parser").Parser()
    parser.add_text(text)
    return _by_type(parser.script.elements)


def fountain_tools(text: str) -> Found:
    parser = _of("fountain_tools.parser").Parser()
    parser.add_text(text)
    return _by_type(parser.script.elements)


def _of(module: str) -> Any:
    """A module of a parser that need not be installed."""
    return import_module(module)


def _by_type(elements: Any) -> Found:
    found: Found = []
    for each in elements:
        if each.type.name == "HEADING":
            found.append(("h", each.text))
        elif each.type.name == "CHARACTER":
            found.append(("c", each.name))
    return found


def fountain_parser(text: str) -> Found:
    found: Found = []
    for each in _of("fountain_parser").parse(text).elements:
        kind = type(each).__name__
        if kind == "SceneHeading":
            found.append(("h", each.text))
        elif kind == "Character":
            found.append(("c", each.name))
        elif kind in ("DialogueBlock", "DualDialogue"):
            blocks = [each] if kind == "DialogueBlock" else [each.left, each.right]
            found += [("c", block.character.name) for block in blocks]
    return found


def jouvence(text: str) -> Found:
    cue = _of("jouvence.document").TYPE_CHARACTER
    found: Found = []
    for scene in _of("jouvence.parser").JouvenceParser().parseString(text).scenes:
        if scene.header:
            found.append(("h", scene.header.lstrip(".")))
        found += [("c", p.text.lstrip("@")) for p in scene.paragraphs if p.type == cue]
    return found


def screenplain(text: str) -> Found:
    kinds = _of("screenplain.types")
    found: Found = []
    for each in _of("screenplain.parsers.fountain").parse(io.StringIO(text)):
        if isinstance(each, kinds.Slug):
            found.append(("h", str(each.line)))
        elif isinstance(each, kinds.DualDialog):
            found += [("c", str(each.left.character)), ("c", str(each.right.character))]
        elif isinstance(each, kinds.Dialog):
            found.append(("c", str(each.character)))
    return found


PARSERS: dict[str, Callable[[str], Found]] = {
    "this project": ours,
    "fountain-py": fountain_py,
    "screenplay-tools": screenplay_tools,
    "fountain-tools": fountain_tools,
    "fountain-parser": fountain_parser,
    "jouvence": jouvence,
    "screenplain": screenplain,
}


def _plain(found: Found) -> Found:
    """Brackets behind a cue, numbers and marks that parsers leave on in ways of their own are not judged."""
    shown = []
    for kind, text in found:
        text = re.sub(r"\s*#[^#]*#\s*$", "", text).strip()
        if kind == "c":
            text = re.sub(r"\s*\(.*\)\s*$", "", text.lstrip("@").rstrip("^ ").strip())
        shown.append((kind, re.sub(r"\s+-$", "", text.lstrip(".") if kind == "h" else text)))
    return shown


def main(paths: list[str]) -> None:
    longer = [Path(path) for path in paths]
    print(
        f"| parser | cases right of {len(RIGHT)} | wrong |"
        + "".join(f" {p.stem} |" for p in longer)
    )
    for name, parse in PARSERS.items():
        wrong = []
        for case, right in RIGHT.items():
            text = (CASES / f"{case}.fountain").read_bytes().decode("utf-8-sig")
            if _try(parse, text) != right:
                wrong.append(case.split("_")[0])
        cells = []
        for path in longer:
            began = time.process_time()
            found = _try(parse, path.read_text(encoding="utf-8-sig")) or []
            kinds = [kind for kind, _ in found]
            took = time.process_time() - began
            cells.append(f" {kinds.count('h')} scenes, {kinds.count('c')} cues, {took:.2f} s |")
        print(f"| {name} | {len(RIGHT) - len(wrong)} | {', '.join(wrong)} |" + "".join(cells))


def _try(parse: Callable[[str], Found], text: str) -> Found | None:
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        return _plain(parse(text))
    except Exception as error:  # a parser that fails is a figure, not the end of the comparison
        print(f"{parse.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _give_up(_number: int, _frame: object) -> None:
    raise TimeoutError(f"more than {LONGEST} s of CPU time")


if __name__ == "__main__":
    main(sys.argv[1:])
