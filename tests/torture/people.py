"""People who say all that they may while runs are on; and `current/` in every state that it may be found in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from cineforge import ArtifactStore
from cineforge.model.health import Verdict
from tests.torture.children import BIN, ROOT, cineforge, run_command, snakemake
from tests.torture.runs import do_in_batches
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth, ref_of, versions

#: Within so many seconds of a run's start people act.
_LONGEST_RUN = 6.0
_ARTIFACTS = [f"echo_copy/{name}" for name in "abc"] + [f"echo_item/{name}" for name in "abc"]
_ARTIFACTS += ["echo_all", "echo_pick/red"]
#: The same of a project that does many in one job.
_IN_BATCHES = [f"{kind}/item_{n}" for kind in ("echo_copy", "echo_item") for n in range(18)]
_IN_BATCHES += ["echo_all", "echo_pick/tag_0"]
#: Each word, as often as it is said; `release` takes back what was put or held before in the same run.
_WORDS = ("put", "put", "edit", "hold", "hold", "release", "confirm", "revise", "all")
_EDITOR = 'sed -i \'s/"text": "[^"]*"/"text": "edited in {round_}"/\''
_VERDICTS = {"confirm": Verdict.CONFIRMED, "revise": Verdict.NEEDS_REVISION}
#: A forced run makes new versions of these; members that come out the same keep theirs, and their links untouched.
_MADE_ANEW = [name for name in _ARTIFACTS if not name.startswith("echo_item/")]
#: What a run sees of links without making any. Where a link leads is looked at when it is made.
_SEEN = ("edit", "torn", "folder", "pipe", "all gone")


def people_in_runs(bench: Bench, count: int) -> Trials:
    """Forced runs of the echo recipe, plain or through `cineforge run`, while people act at random instants.

    What was put, edited or held is the head when the run has ended, what was judged is judged so, and the run ends
    well; then status, plan and snakemake agree whether there is work. Half of the time one job does many.
    """
    trials = Trials("put, edit, hold, release, confirm, revise at random instants of runs")
    project = bench.folder / "film"
    assert run_command(["cineforge", "init", str(project), "--recipe", "echo"]).status == 0
    assert run_command(snakemake(project, "-c2")).status == 0
    truth, place, acted, artifacts = Truth(project), ("--directory", str(project)), 0, _ARTIFACTS
    for round_ in range(count):
        if round_ == count // 2:
            do_in_batches(project, items=18, batch=8)
            assert run_command(snakemake(project, "-c2")).status == 0
            artifacts = _IN_BATCHES
        before = versions(project)
        words = snakemake(project, "-c2", "-F")
        if bench.luck.random() < 0.5:
            words = ["cineforge", "run", "echo", "--force", "-c2", *place]
        with (bench.folder / "said").open("w+") as said:
            run = subprocess.Popen(
                [str(BIN / words[0]), *words[1:]], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
            )
            said_so = Said()
            for _ in range(4):
                time.sleep(bench.luck.uniform(0.0, _LONGEST_RUN / 4))
                word, artifact = bench.luck.choice(_WORDS), bench.luck.choice(artifacts)
                if word == "release" and said_so.held:
                    artifact = bench.luck.choice(list(said_so.held))
                done = _act(project, word, artifact, round_, said_so)
                acted += done and run.poll() is None
            status = run.wait()
            said.seek(0)
            told = said.read()
        after = versions(project)
        losses = [f"{name} changed" for name, raw in before.items() if after.get(name) != raw]
        if status != 0 or "Traceback" in told:
            losses.append(f"the run ended with status {status}: {told.strip()[-300:]}")
        losses += said_so.losses(project)
        losses += _agreement(project)
        for artifact in said_so.held:
            cineforge("release", artifact, *place)
        losses += truth.losses()
        losses += run_command(["cineforge", "verify", *place]).losses()
        trials.record(f"run {round_}", losses)
    trials.losses += truth.everything()
    trials.note = f"{acted} acts while a run was on"
    return trials


@dataclass
class Said:
    """What was acknowledged during one run: heads that stay, and the last word on versions."""

    held: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Verdict] = field(default_factory=dict)

    def losses(self, project: Path) -> list[str]:
        found = []
        with ArtifactStore(project) as store:
            for artifact, ref in self.held.items():
                head = store.head(ref_of(ref).key)
                if str(head) != ref:
                    found.append(f"{ref} was acknowledged as held, and {head} is the head")
                elif head not in store.held():
                    found.append(f"{artifact} was acknowledged as held, and is not")
            asked = store.to_revise()
            for ref, verdict in self.judged.items():
                word = store.assessment(ref_of(ref))
                if word is None or word.verdict is not verdict:
                    found.append(f"{ref} was judged {verdict}, on record is {word}")
                is_head = str(store.head(ref_of(ref).key)) == ref
                if verdict is Verdict.NEEDS_REVISION and is_head and ref_of(ref) not in asked:
                    found.append(f"{ref} was to be revised, and nobody knows")
        return found


def _act(project: Path, word: str, artifact: str, round_: int, said: Said) -> bool:
    """Say something; what was acknowledged is noted."""
    place = ("--json", "--directory", str(project))
    if word in ("put", "edit"):
        saved = _saved(project, word, artifact, round_, place)
        if saved is not None:
            said.held[artifact] = saved
        return saved is not None
    if word in ("hold", "release"):
        ended = cineforge(word, artifact, *place)
        if ended.status:
            return False
        if word == "hold":
            said.held[artifact] = json.loads(ended.output)["head"]
        else:
            said.held.pop(artifact, None)
        return True
    verb = "confirm" if word == "all" else word
    ended = cineforge(verb, "echo_copy/*" if word == "all" else artifact, *place)
    if ended.status:
        return False
    records = json.loads(ended.output)
    for record in records if isinstance(records, list) else [records]:
        said.judged[record["subject"]] = _VERDICTS[verb]
    return True


def _saved(
    project: Path, word: str, artifact: str, round_: int, place: tuple[str, ...]
) -> str | None:
    if word == "edit":
        os.environ |= {"EDITOR": _EDITOR.replace("{round_}", str(round_)), "VISUAL": ""}
        ended = cineforge("edit", artifact, *place)
        # That another version came meanwhile is told behind it.
        return None if ended.status else json.JSONDecoder().raw_decode(ended.output)[0]["saved"]
    file = project / "mine.json"
    shutil.copyfile(project / "current" / _path(artifact), file)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["text"] = f"by hand {round_}"
    file.write_text(json.dumps(data), encoding="utf-8")
    ended = cineforge("put", *artifact.split("/"), str(file), *place)
    return None if ended.status else json.loads(ended.output)["saved"]


def _agreement(project: Path) -> list[str]:
    """Whether all that tell of work left tell the same."""
    place = ("--directory", str(project))
    status, plan = cineforge("status", *place), cineforge("plan", *place)
    again = run_command(snakemake(project, "-n"))
    nothing = {
        "status": "a run would call no module" in status.output,
        "plan": plan.status == 0,
        "snakemake -n": "Nothing to be done" in again.output,
    }
    return [f"who tells of no work: {nothing}"] if len(set(nothing.values())) > 1 else []


def _path(artifact: str) -> str:
    return f"{artifact}.json" if "/" in artifact else f"{artifact}/_.json"


def odd_links(bench: Bench, count: int) -> Trials:
    """Something else in the place of links in `current/`, then a forced run: an edit is kept and told, all else mended
    or told, and nothing is written outside the project."""
    trials = Trials("edits, folders, foreign links in current/")
    project = bench.folder / "film"
    assert run_command(["cineforge", "init", str(project), "--recipe", "echo"]).status == 0
    assert run_command(snakemake(project, "-c2")).status == 0
    truth, place = Truth(project), ("--directory", str(project))
    outside = bench.folder / "outside.json"
    for round_ in range(count):
        outside.write_text("outside", encoding="utf-8")
        what = bench.luck.choice(
            ["edit", "torn", "folder", "foreign", "gone", "wrong", "pipe", "all gone"]
        )
        artifact = bench.luck.choice(_ARTIFACTS if what in _SEEN else _MADE_ANEW)
        link = project / "current" / _path(artifact)
        _put_there(link, what, outside, round_)
        is_theirs = what in ("edit", "torn", "folder", "foreign", "pipe")
        run = run_command(snakemake(project, "-c2", "-F"))
        shown = str(link.relative_to(project))
        losses = run.losses(0, 1) if is_theirs else run.losses()
        if is_theirs and shown not in run.output:
            losses.append(f"the run did not tell of {shown} ({what})")
        if is_theirs and not _is_there(link, what, outside, round_):
            losses.append(f"{shown} was replaced ({what})")
        if outside.read_text(encoding="utf-8") != "outside":
            losses.append("a file outside the project was written to")
        if is_theirs:
            shutil.rmtree(link) if link.is_dir() else link.unlink()
            losses += run_command(snakemake(project, "-c2")).losses()
        if link.resolve().parent.parent.parent.parent != (project / "artifacts").resolve():
            losses.append(f"{shown} does not lead to a version ({what})")
        losses += truth.losses()
        losses += run_command(["cineforge", "verify", *place]).losses()
        trials.record(f"{what} {round_}", losses)
    return trials


def _put_there(link: Path, what: str, outside: Path, round_: int) -> None:
    link.unlink()
    match what:
        case "edit":
            link.write_text(json.dumps({"text": f"edited {round_}"}), encoding="utf-8")
        case "torn":
            link.write_text("{ torn", encoding="utf-8")
        case "folder":
            link.mkdir()
        case "foreign":
            link.symlink_to(outside)
        case "wrong":
            link.symlink_to("nowhere")
        case "pipe":
            os.mkfifo(link)
        case "all gone":
            shutil.rmtree(link.parent.parent)


def _is_there(link: Path, what: str, outside: Path, round_: int) -> bool:
    match what:
        case "edit":
            return link.read_text(encoding="utf-8") == json.dumps({"text": f"edited {round_}"})
        case "torn":
            return link.read_text(encoding="utf-8") == "{ torn"
        case "foreign":
            return link.is_symlink() and link.readlink() == outside
        case "folder":
            return link.is_dir()
    return link.is_fifo()
