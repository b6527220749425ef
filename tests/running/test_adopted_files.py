"""What is taken from an older version is what was sealed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import Provenance, Source
from cineforge.model.module_result import Output
from cineforge.running.publishing.payloads_made import staged_payload
from cineforge.running.workers.spec import MadeOutput
from cineforge.store import ArtifactStore


def test_an_attached_file_that_was_changed_is_not_sealed_as_the_same_work(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        said = Provenance(source=Source.CODE)
        ref = store.save_artifact("frame", "a", {"n": 1}, said, files={"a.png": b"a picture"})
        made = MadeOutput("frame", "a", store.metadata(ref).content, None, Output(data=None))
        assert staged_payload(store, made).content == made.content
        attached = store.folder(ref) / "files" / "a.png"
        attached.chmod(0o644)
        attached.write_bytes(b"a forgery")
        with pytest.raises(StoreDamaged, match="attached files of frame/a@1 were changed"):
            staged_payload(store, made)
