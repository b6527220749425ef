"""From a Fountain or Final Draft file to a `script`: title page, flat list of elements with lines, warnings."""

from __future__ import annotations

from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.module_result import ModuleResult, Output

from .final_draft import is_final_draft, parse_final_draft
from .parsed import parse_script
from .source_text import fountain_text, read_source

_WHAT_A_SCENE_IS = {
    "Fountain": "a scene heading is a line of its own, with a blank line before and after it, such as"
    " 'INT. KITCHEN - DAY', or any text forced to be one by a leading period: '.KITCHEN'",
    "Final Draft": "each scene begins with a paragraph of the type Scene Heading",
}


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Raises ModuleFailed for a file that is neither, too big, or holds no scene."""
    path = context.source("source")
    raw = read_source(path)
    if is_final_draft(path.name, raw):
        form, script = "Final Draft", parse_final_draft(path.name, raw)
    else:
        form, script = "Fountain", parse_script(fountain_text(path.name, raw))
    for warning in script["warnings"]:
        context.log.warning("%s:%s: %s", path.name, warning["line"], warning["message"])
    scenes = sum(element["type"] == "scene_heading" for element in script["elements"])
    if not scenes:
        unclosed = [w for w in script["warnings"] if w["code"].startswith("unclosed")]
        also = f" (line {unclosed[0]['line']}: {unclosed[0]['message']})" if unclosed else ""
        raise ModuleFailed(f"{path.name} has no scene{also}: {_WHAT_A_SCENE_IS[form]}")
    context.log.info("%s: %d elements, %d scenes", path.name, len(script["elements"]), scenes)
    return ModuleResult(
        outputs={
            "script": Output(
                data=script,
                intent="List what the screenplay says, in its order, without judging it.",
                rationale=f"{scenes} scene headings found by the rules of {form}.",
            )
        }
    )
