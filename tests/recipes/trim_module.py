"""A module without mistakes, for the tests that make one in it."""

from __future__ import annotations

import pytest

from cineforge.model.errors import Problem, ProblemsFound
from cineforge.recipes.modules.discovery import find_modules
from cineforge.recipes.modules.module_folder import FoundModule
from tests.recipes.workshop import Workshop

GOOD = """\
module_id: trim_v1
stage: trimming
description: Trims.
inputs:
  text: {type: draft}
  names: {type: name, many: true}
outputs:
  - {type: trimmed}
parameters:
  properties:
    width: {type: integer, default: 3}
project_config: [margin]
resources: {threads: 2, mem_mb: 100}
helpers: [measure.py]
"""


def read(shop: Workshop, module_id: str = "trim_v1") -> FoundModule:
    return find_modules([shop.root / "modules"]).get(module_id)


def problems_of(shop: Workshop, module_id: str = "trim_v1") -> tuple[Problem, ...]:
    with pytest.raises(ProblemsFound) as caught:
        read(shop, module_id)
    return caught.value.problems
