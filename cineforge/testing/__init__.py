"""For those who write modules: a context to call them with, and a call that checks what a run would check.

Neither a project nor a run is needed: the module is called in this process, and writes into a temporary folder.
"""

from cineforge.testing.calls import call_module
from cineforge.testing.fakes import FakeContext, FakeInput

__all__ = ["FakeContext", "FakeInput", "call_module"]
