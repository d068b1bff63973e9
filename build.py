"""Builds the site of the contacts that lie beside this file; `python build.py --help` tells the rest."""

import os

# The workers' processes import this file again; only the program itself is to run the command.
if __name__ == "__main__":
    from contactsheet.cli import run

    run(root=os.path.dirname(__file__))  # noqa: PTH120  # importing pathlib takes a while
