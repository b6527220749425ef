"""From a Fountain file to a `script`: title page, flat list of elements with source lines, warnings."""

from __future__ import annotations

from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.module_result import ModuleResult, Output

from .parsed import parse_script
from .source_text import read_screenplay


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Raises ModuleFailed for a file that is no text, too big, or holds no scene."""
    path = context.source("source")
    text = read_screenplay(path)
    script = parse_script(text)
    for warning in script["warnings"]:
        context.log.warning("%s:%s: %s", path.name, warning["line"], warning["message"])
    scenes = sum(element["type"] == "scene_heading" for element in script["elements"])
    if not scenes:
        unclosed = [w for w in script["warnings"] if w["code"].startswith("unclosed")]
        also = f" (line {unclosed[0]['line']}: {unclosed[0]['message']})" if unclosed else ""
        raise ModuleFailed(
            f"{path.name} has no scene{also}: a scene heading is a line of its own, with a blank line before and "
            "after it, such as 'INT. KITCHEN - DAY', or any text forced to be one by a leading period: '.KITCHEN'"
        )
    context.log.info("%s: %d elements, %d scenes", path.name, len(script["elements"]), scenes)
    return ModuleResult(
        outputs={
            "script": Output(
                data=script,
                intent="List what the screenplay says, in its order, without judging it.",
                rationale=f"{scenes} scene headings found by the rules of Fountain.",
            )
        }
    )
