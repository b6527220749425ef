"""Limits that a shell sets (`ulimit`) are told as what they are, with the option that raises them."""

from __future__ import annotations

import subprocess

import pytest

from .conftest import BIN, ROOT, Project

pytestmark = pytest.mark.e2e


def limited(limit: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'ulimit {limit}; exec "$0" "$@"', str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@pytest.mark.parametrize("files", [24, 32, 40])
def test_a_job_that_fails_for_want_of_descriptors_says_so(echo: Project, files: int) -> None:
    words = ("--snakefile", str(ROOT / "Snakefile"), "--directory", str(echo.folder))
    done = limited(f"-n {files}", "snakemake", "-c2", *words)
    for line in done.stdout.splitlines():
        if " failed: " in line:
            assert "too many files are open at once: raise the limit (ulimit -n)" in line
    assert done.returncode == 0 or "oo many" in done.stdout
    echo.snakemake()
    assert echo.cineforge("verify", "--directory", str(echo.folder))


@pytest.mark.parametrize("program", ["snakemake", "cineforge"])
def test_a_limit_of_file_sizes_is_told_by_its_option(echo: Project, program: str) -> None:
    words: tuple[str, ...] = ("--directory", str(echo.folder))
    if program == "snakemake":
        words = ("-c2", "--snakefile", str(ROOT / "Snakefile"), *words)
    else:
        words = ("run", "echo", *words)
    done = limited("-f 1", program, *words)
    assert done.returncode == 1
    assert done.stdout.count("raise the limit (ulimit -f), then do it again") == 1
    assert "Traceback" not in done.stdout
    echo.snakemake()
