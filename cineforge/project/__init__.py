"""A project as its people see it: every word and every question of the command line, from Python."""

from cineforge.project.project import Project
from cineforge.project.results import Change, Entry, Judgement, KeptBy, Status, Step, Why, Would

__all__ = ["Change", "Entry", "Judgement", "KeptBy", "Project", "Status", "Step", "Why", "Would"]
