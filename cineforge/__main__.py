"""`python -m cineforge` is the `cineforge` command."""

import sys

from cineforge.commands.main import main

sys.exit(main())
