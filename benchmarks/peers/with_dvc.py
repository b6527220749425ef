"""DVC: each instance is a command of its own, and what it made is in a cache.

It has to be told all scenes beforehand, as it has no fan-out that is found while it runs.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.peers.peer import Peer


class WithDvc(Peer):
    name = "dvc"
    most = 100  # it writes its lock file anew after each instance

    def __init__(self, folder: Path, scenes: int, environment: Path) -> None:
        super().__init__(folder, scenes, environment)
        (folder / "dvc.yaml").write_text(json.dumps({"stages": self._stages(scenes)}))
        settings = folder / ".dvc" / "config"
        settings.parent.mkdir()
        settings.write_text(
            "[core]\n    no_scm = True\n    analytics = false\n    check_update = false\n"
            f"    site_cache_dir = {settings.parent / 'site'}\n"
        )

    def command(self, operation: str, edited: int) -> list[str]:
        asked = [f"analysis@scene_{edited}"] if operation == "one" else []
        return [self.program, "repro", *asked]

    def _stages(self, scenes: int) -> dict[str, object]:
        step = f"{self.environment / 'bin' / 'python'} steps.py"
        names = [f"scene_{number}" for number in range(1, scenes + 1)]
        each = {
            "cmd": f"{step} analysis ${{item}}",
            "deps": ["scene/${item}.json"],
            "outs": ["analysis/${item}.json"],
        }
        return {
            "script": {"cmd": f"{step} script", "deps": ["story.txt"], "outs": ["script.json"]},
            "breakdown": {"cmd": f"{step} breakdown", "deps": ["script.json"], "outs": ["scene"]},
            "analysis": {"foreach": names, "do": each},
            "board": {
                "cmd": f"{step} board",
                "deps": [f"analysis/{name}.json" for name in names],
                "outs": ["board.json"],
            },
        }
