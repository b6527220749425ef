"""Servers read recipes in several threads at once."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cineforge.recipes.modules.entry_point import check_entry_point

LONG = "\n".join(f"def f{n}(a, b):\n    return [a * {n} for c in b if c]" for n in range(200))
MAIN = f"{LONG}\n\ndef run_module(inputs, params, project_config, context):\n    return None\n"


@pytest.mark.slow
def test_modules_are_read_by_several_threads_at_once(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(MAIN)

    def others_go_on(*_: object) -> None:
        time.sleep(0)  # as what is collected may do when it is closed

    before = gc.get_threshold()
    gc.callbacks.append(others_go_on)
    gc.set_threshold(100)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: check_entry_point(main, MAIN.encode()), range(40)))
    finally:
        gc.callbacks.remove(others_go_on)
        gc.set_threshold(*before)
    assert found == [[]] * 40
