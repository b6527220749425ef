"""Two drafts of one screenplay side by side: what an assistant director makes of blue pages."""

from cineforge.drafts.compare import Drafts, SceneChange, SceneRow, compare_drafts
from cineforge.drafts.draft import Draft
from cineforge.drafts.read import read_drafts

__all__ = ["Draft", "Drafts", "SceneChange", "SceneRow", "compare_drafts", "read_drafts"]
