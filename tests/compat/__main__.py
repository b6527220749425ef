"""Tries the lowest and the newest Snakemake that pyproject.toml allows, with every Python that is there.

`python -m tests.compat` makes an environment for each pair in `.venv-compat/` and runs in it what stands in `TRIED`.
The exit status is 1 if any of them failed, or none could be tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".venv-compat"
#: Newest last. One that is not on this machine is left out, and said so.
PYTHONS = ("3.11", "3.12", "3.13")
TRIED = (
    "tests/bridge",
    "tests/e2e/test_echo.py",
    "tests/e2e/test_run_command.py",
    "tests/e2e/test_runs_on_record.py",
    "tests/e2e/test_many_fan_outs.py",
    "tests/e2e/test_remote_jobs.py",
)


def main() -> int:
    """Try each pair, and print how it went."""
    requirement = _snakemake_requirement()
    lowest = re.search(r">=([\d.]+)", requirement)
    assert lowest is not None, f"{requirement} names no lowest version"
    results = []
    for python in _pythons():
        for wanted in (f"snakemake=={lowest.group(1)}", requirement):
            results.append(_tried(python, wanted))
    for line in results:
        print(*line, sep="\t")
    return 0 if results and all(status == "passed" for *_, status in results) else 1


def _snakemake_requirement() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: str = next(each for each in project["dependencies"] if re.match(r"snakemake[<>=]", each))
    return found


def _pythons() -> Iterator[str]:
    for version in PYTHONS:
        found = next(filter(_works, _places(version)), None)
        if found is None:
            print(f"Python {version} is not on this machine: not tried")
        else:
            yield found


def _places(version: str) -> Iterator[str]:
    """Where a Python may be. What pyenv puts on the path works only for the version that is chosen at the time."""
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}")))


def _works(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True).returncode == 0


def _tried(python: str, requirement: str) -> tuple[str, str, str]:
    """The Python, the Snakemake that came, and how the tests went."""
    name = re.sub(r"[^\w.]+", "-", f"{Path(python).name}-{requirement}")
    home = ENVIRONMENTS / name
    own = home / "bin" / "python"
    if not own.exists():
        _do([python, "-m", "venv", str(home)])
    _do([str(own), "-m", "pip", "install", "-q", "-e", f"{ROOT}[dev]", requirement])
    shown = "import snakemake; print(snakemake.__version__)"
    came = subprocess.check_output([str(own), "-c", shown], text=True).strip()
    print(f"-- {Path(python).name}, snakemake {came}", flush=True)
    done = subprocess.run([str(own), "-m", "pytest", "-n", "2", *TRIED], cwd=ROOT)
    return Path(python).name, f"snakemake {came}", "passed" if done.returncode == 0 else "FAILED"


def _do(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
