"""What a fan-out made before, as its module gets it: payloads of an older schema lifted, as far as that can be done."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.lifting import lifted
from cineforge.running.workers.spec import OutputContract
from cineforge.store import layout
from cineforge.store.versions.seal import parse_metadata, payload_as_sealed


def previous_payloads(
    folders: Mapping[str, Path], contract: OutputContract | None, log: logging.Logger
) -> dict[str, Any]:
    """By own id. One that cannot be lifted is given as it was saved, and told: it is looked at, not read for work.

    Raises StoreDamaged for one that is not as it was published.
    """
    found = {
        entity: json.loads(payload_as_sealed(folder, layout.ref_of(folder)))
        for entity, folder in sorted(folders.items())
    }
    upgrades = None if contract is None else contract.upgrades
    if upgrades is None:
        return found
    left: list[ModuleFailed] = []
    for entity, payload in found.items():
        record = parse_metadata(folders[entity] / layout.META_FILE)
        name = f"{upgrades.rules.name} '{entity}'"
        try:
            found[entity] = lifted(payload, record.schema_version, upgrades, name)
        except ModuleFailed as error:
            left.append(error)
    if left:
        more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
        log.warning("what was made before is given as it was saved: %s%s", left[0], more)
    return found
