"""A project as its people see it: every word and every question of the command line, from Python."""

from cineforge.project.answers import Change, Entry, Judgement, KeptBy, Status, Step, Why, Would
from cineforge.project.project import Project

__all__ = ["Change", "Entry", "Judgement", "KeptBy", "Project", "Status", "Step", "Why", "Would"]
