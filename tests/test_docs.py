"""What the documents show can be typed: their Python runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import cineforge
from cineforge import testing
from cineforge.commands.main import COMMANDS
from cineforge.recipes.json_schema.schema_check import ReadSchema
from cineforge.recipes.modules.manifest import ModuleFile
from cineforge.recipes.recipe import StageEntry
from cineforge.recipes.resolved import Upgrades
from cineforge.running.workers.lifting import lifted

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def python_blocks(document: Path) -> str:
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return "\n".join(blocks)


def test_the_examples_of_the_store_run_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_film").mkdir()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "page_1.png").write_bytes(b"a picture")
    exec(compile(python_blocks(ROOT / "docs" / "store.md"), "docs/store.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[:1] == [
        "script@1 -> script@2, through report/scene_7@1 scene/scene_7@1"
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_shown_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    shown = set(re.findall(r"(?m)^\s*cineforge ([a-z]+)", text)) | set(
        re.findall(r"`cineforge ([a-z]+)", text)
    )
    assert shown <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert all((document.parent / link).exists() for link in links)


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "AGENTS.md"])
def test_every_path_that_developers_are_sent_to_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    tops = "cineforge|tests|workflow|schemas|recipes|samples|profiles|docs|benchmarks"
    shown = re.findall(rf"`((?:{tops})/[\w./-]*)`", text)
    assert len(shown) > 10
    assert [path for path in shown if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = re.findall(r"\btests/[\w/]+(?:\.py)?(?![\w/<])", document.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"cineforge {name}" not in text] == []


def test_the_readme_names_the_commands_of_which_1_is_an_answer() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)`", text.split("where 1 is an answer (")[1].split(")")[0])
    modules = {name: importlib.import_module(f"cineforge.commands.{name}") for name in COMMANDS}
    troubled = {name: each.TROUBLE for name, each in modules.items() if hasattr(each, "TROUBLE")}
    assert troubled == dict.fromkeys(named, 2)


def test_the_recipe_document_has_every_key() -> None:
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    missing = [name for name in StageEntry.model_fields if f"`{name}`" not in text]
    manifest = [name for name in ModuleFile.model_fields if f"{name}:" not in text]
    assert [*missing, *manifest] == []


def test_the_reference_has_every_public_name() -> None:
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"(?m)^::: cineforge\.([\w.]+)$", text))
    public = {name for name in cineforge.__all__ if not name.startswith("_")}
    assert shown == public | {f"testing.{name}" for name in testing.__all__}


def test_the_module_shown_passes_the_test_shown_and_what_lifts_lifts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    manifest = next(
        each for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "module_id" in each
    )
    main, upgrades, test = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    files = {
        "modules/biography/biography_v1/module.yaml": manifest,
        "modules/biography/biography_v1/main.py": main,
        "modules/shared/wording.py": "",
        "schemas/artifacts/biography.schema.json": "{}",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(test, "docs/recipes.md", "exec"), names)
    names["test_a_biography_has_the_name_and_is_paid_for"]()
    old = {"pages": 1.5, "places": ["HALL", "STAIRS"]}
    rules = ReadSchema("scene", tmp_path, "", '{"version": "3", "required": ["eighths", "place"]}')
    found = lifted(old, "1", Upgrades(tmp_path, upgrades.encode(), "", rules), "scene/scene_1@1")
    assert found == {"eighths": 12, "place": "HALL - STAIRS"}


#: Words that other ones have taken the place of; docs/glossary.md has those.
REPLACED = {
    r"\bheed(s|ed)?\b": "enabled reasons, counts",
    r"\b(?i:foresight|foreseen)\b": "dry-run planner, planned",
    r"\boutlook\b": "plan",
    r"\bin thought\b": "takes for done",
    r"\b(take|takes|taken|taking|took) up\b": "register, collect",
    r"\bmend(s|ed|ing)?\b": "repair, fix, patch",
    r"\bresigns?\b": "release",
    r"\bin good order\b": "after the jobs at work",
    r"\bhas been followed by\b": "was superseded by",
    r"\bledger\b": "existing versions",
    r"\buntold\b": "collected",
    r"\b(froze|frozen plan|frozen jobs?|thaw|thawed)\b": "job file, index snapshot",
}


#: The same in the names of functions, classes, parameters and variables.
REPLACED_NAMES = re.compile(
    r"(?i)(^|_)((un)?told|heed(ed)?|foresee[ns]?|foresight|outlook|mends?|ledger|thaw|froze|below|forge|resigns?|aim"
    r"|deaf|agreement|declaration|placing)(_|$)"
)


def names_in(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.arg():
                found.add(node.arg)
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
    return found


@pytest.mark.slow
def test_no_function_parameter_or_variable_bears_a_replaced_word() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("cineforge", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for name in names_in(path)
        if REPLACED_NAMES.search(name)
    }
    assert not found


def messages(path: Path) -> str:
    """The texts of a file that people may come to read: no docstrings, and no keys."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spoken = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spoken
    ]
    return "\n".join(text for text in texts if " " in text)


@pytest.mark.slow
def test_replaced_words_stay_away() -> None:
    texts = {each: each.read_text(encoding="utf-8") for each in DOCUMENTS}
    texts |= {path: messages(path) for path in sorted((ROOT / "cineforge").rglob("*.py"))}
    texts |= {path: path.read_text() for path in sorted((ROOT / "cineforge").rglob("*.html"))}
    found = [
        f"{path.relative_to(ROOT)}: {word} (say: {instead})"
        for word, instead in REPLACED.items()
        for path, text in texts.items()
        if re.search(word, text)
    ]
    assert found == []


def test_the_glossary_defines_each_word_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = [
        word.strip() for row in re.findall(r"(?m)^\| ([^|]+) \|", text) for word in row.split(",")
    ]
    defined = [word for word in words if word not in ("word", "")]
    assert len(defined) > 50
    assert len(set(defined)) == len(defined)
