"""The processes that modules run in: forked, prepared, watched, ended with all that they started."""
