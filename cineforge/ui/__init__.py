"""The project in the browser: a small web application on this machine, which sends nothing anywhere."""
