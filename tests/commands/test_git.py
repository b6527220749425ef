"""Git and a project: what `init` tells it, and what becomes of versions that it took for text. All with real Git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cineforge.commands.main import main
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.project.git_files import write_git_files
from cineforge.store import ArtifactStore
from cineforge.store.versions.line_ends import LineEndsChanged

SAID = Provenance(source=Source.AI)


def git(folder: Path, *words: str) -> str:
    settings = ["user.name=film", "user.email=film@localhost", "init.defaultBranch=main"]
    options = [each for setting in settings for each in ("-c", setting)]
    done = subprocess.run(
        ["git", *options, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "film"
    with ArtifactStore(folder) as store:
        store.save_artifact("tale", None, {"n": 1}, SAID, files={"a.csv": b"a,b\r\n1,2\r\n"})
        store.save_artifact("tale", None, {"n": 2}, SAID)
    git(folder, "init", "-q")
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")


def clone(project: Path, *settings: str) -> Path:
    target = project.with_name("clone")
    options = [each for setting in settings for each in ("-c", setting)]
    git(project.parent, "clone", "-q", *options, str(project), str(target))
    return target


def verify(project: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    status = main(["verify", "--directory", str(project)])
    return status, capsys.readouterr().out


def follow(told: str, project: Path) -> None:
    """Type the commands of a message, which stand indented by two."""
    lines = dict.fromkeys(line[2:] for line in told.splitlines() if line.startswith("  "))
    subprocess.run("\n".join(lines), shell=True, cwd=project, check=True, executable="/bin/bash")


def test_init_tells_git_that_versions_are_no_text_and_what_is_not_for_others(
    tmp_path: Path,
) -> None:
    assert main(["init", str(tmp_path / "film"), "--recipe", "echo"]) == 0
    assert (tmp_path / "film/.gitattributes").read_text() == "artifacts/** -text -merge\n"
    ignored = (tmp_path / "film/.gitignore").read_text().splitlines()
    assert ignored == [".cineforge/", ".snakemake/", "artifacts/.live/"]
    assert (tmp_path / "film/artifacts/.project").is_file()


def test_what_a_project_tells_git_already_stays(tmp_path: Path) -> None:
    lfs = "*.png filter=lfs diff=lfs merge=lfs -text\n* text=auto"
    (tmp_path / ".gitattributes").write_text(lfs)
    (tmp_path / ".gitignore").write_text(".cineforge/\n")
    for _ in range(2):
        write_git_files(tmp_path)
    assert (tmp_path / ".gitattributes").read_text() == f"{lfs}\nartifacts/** -text -merge\n"
    assert (tmp_path / ".gitignore").read_text() == ".cineforge/\n.snakemake/\nartifacts/.live/\n"
    git(tmp_path, "init", "-q")
    said = git(tmp_path, "check-attr", "text", "filter", "--", "artifacts/x/_/v0001/files/a.png")
    assert said.splitlines()[0].endswith("text: unset")
    assert said.splitlines()[1].endswith("filter: lfs")


@pytest.mark.slow
def test_with_its_attributes_a_clone_is_whole_whatever_git_is_set_to(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_git_files(project)
    git(project, "config", "core.autocrlf", "true")
    commit(project)
    for setting in ("core.autocrlf=true", "core.eol=crlf"):
        copy = clone(project, setting)
        assert verify(copy, capsys)[0] == 0
        copy.rename(project.with_name(setting))


def test_a_clone_with_other_line_ends_is_told_and_mended_by_the_command_that_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".gitignore").write_text(".cineforge/\nartifacts/.live/\n")
    commit(project)
    copy = clone(project, "core.autocrlf=true")
    with (
        pytest.raises(LineEndsChanged, match="git checkout -- artifacts"),
        ArtifactStore(copy) as store,
    ):
        store.require_all_known()  # as runs and plans do: they would make all of it once more
    status, told = verify(copy, capsys)
    assert status == 1
    assert told.count("the line ends were changed, as Git does") == 2
    follow(told, copy)
    status, told = verify(copy, capsys)
    assert (status, told.splitlines()[-1]) == (0, "2 versions, 0 damaged")
    with ArtifactStore(copy) as store:
        store.require_all_known()
        assert str(store.head(ArtifactKey("tale"))) == "tale@2"


@pytest.mark.slow
def test_an_attached_file_that_lost_its_line_ends_is_mended_by_the_command_that_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project, "config", "core.autocrlf", "input")
    (project / ".gitignore").write_text(".cineforge/\nartifacts/.live/\n")
    commit(project)
    copy = clone(project)
    status, told = verify(copy, capsys)
    assert status == 1
    assert "files/a.csv: the line ends were changed" in told
    follow(told, copy)
    assert verify(copy, capsys)[0] == 0
    commit(copy)
    assert verify(clone(copy.rename(project.with_name("next"))), capsys)[0] == 0


@pytest.mark.parametrize("with_attributes", [True, False])
def test_two_branches_with_the_same_number_leave_one_side_whole_or_the_way_to_it(
    project: Path, capsys: pytest.CaptureFixture[str], with_attributes: bool
) -> None:
    if with_attributes:
        write_git_files(project)
    else:
        (project / ".gitignore").write_text(".cineforge/\nartifacts/.live/\n")
    commit(project)
    other = clone(project)
    for folder, who in ((project, "one"), (other, "another")):
        with ArtifactStore(folder) as store:
            store.save_artifact("tale", None, {"by": who}, SAID)
        commit(folder)
    with pytest.raises(subprocess.CalledProcessError):
        git(project, "pull", "-q", "--no-rebase", str(other))
    status, told = verify(project, capsys)
    if not with_attributes:
        assert status == 1
        assert "meta.json: Git left a merge's conflict in it" in told
        assert "pydantic" not in told
        follow(told.replace("    (or --theirs)", ""), project)
        status, told = verify(project, capsys)
    assert (status, told.splitlines()[-1]) == (0, "3 versions, 0 damaged")
    assert main(["show", "tale", "--directory", str(project)]) == 0
    assert '"by": "one"' in capsys.readouterr().out


def test_links_that_git_wrote_as_text_are_made_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_git_files(project)
    commit(project)
    copy = clone(project, "core.symlinks=false")
    assert not (copy / "current/tale/_.json").is_symlink()
    assert verify(copy, capsys)[0] == 0
    with ArtifactStore(copy) as store:
        store.reindex()
        assert (copy / "current/tale/_.json").resolve() == copy / "artifacts/tale/_/v0002/data.json"
        ref = store.list_versions("tale")[0]
        assert store.ensure_ticket(ref).resolve() == copy / "artifacts/tale/_/v0001/data.json"
