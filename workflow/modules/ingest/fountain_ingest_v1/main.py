"""From a Fountain or Final Draft file to a `script`: title page, flat list of elements with lines, warnings."""

from __future__ import annotations

from cineforge import (
    Inputs,
    ModuleContext,
    ModuleFailed,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
)

from .final_draft import is_final_draft, read_final_draft
from .fountain import parse_script
from .shared.heading_words import HeadingWords
from .source_text import fountain_text, read_source
from .vocabulary import Vocabulary, choose_vocabulary, every_language

_WHAT_A_SCENE_IS = {
    "Fountain": "a scene heading is a line of its own, with a blank line before and after it, such as"
    " 'INT. KITCHEN - DAY', or any text forced to be one by a leading period: '.KITCHEN'",
    "Final Draft": "each scene begins with a paragraph of the type Scene Heading",
}


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed for a file that is neither, too big, or holds no scene."""
    path = context.source("source")
    raw = read_source(path)
    own = context.source("vocabulary") if context.has_source("vocabulary") else None
    if is_final_draft(path.name, raw):
        form = "Final Draft"
        document = read_final_draft(path.name, raw)
        vocabulary = choose_vocabulary(document.headings(), params["languages"], own)
        vocabulary = vocabulary.with_lists(document.smart_times(), document.smart_intros())
        script = document.script(HeadingWords(vocabulary.words))
    else:
        form = "Fountain"
        text = fountain_text(path.name, raw)
        vocabulary = choose_vocabulary(_paragraph_starts(text), params["languages"], own)
        script = parse_script(text, HeadingWords(vocabulary.words), every_language())
    script["vocabulary"] = vocabulary.payload()
    for group in script["warning_groups"]:
        context.log.warning("%s: %s", path.name, group["message"])
    scenes = sum(element["type"] == "scene_heading" for element in script["elements"])
    if not scenes:
        unclosed = [w for w in script["warnings"] if w["code"].startswith("unclosed")]
        also = f" (line {unclosed[0]['line']}: {unclosed[0]['message']})" if unclosed else ""
        raise ModuleFailed(f"{path.name} has no scene{also}: {_WHAT_A_SCENE_IS[form]}")
    context.log.info("%s: %d elements, %d scenes", path.name, len(script["elements"]), scenes)
    context.log.info("headings are read by %s", _told(vocabulary))
    return ModuleResult(
        outputs={
            "script": Output(
                data=script,
                intent="List what the screenplay says, in its order, without judging it.",
                rationale=f"{scenes} scene headings found by the rules of {form}, read by {_told(vocabulary)}.",
            )
        }
    )


def _told(vocabulary: Vocabulary) -> str:
    how = "as the recipe says" if vocabulary.chosen == "given" else "found from the headings"
    return f"the words of {', '.join(vocabulary.languages)} ({how})"


def _paragraph_starts(text: str) -> list[str]:
    lines = text.split("\n")
    return [line for before, line in zip(["", *lines], lines, strict=False) if not before.strip()]
