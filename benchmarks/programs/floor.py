"""Looks at every file below the folders given and does nothing else: the least that finding no change can cost."""

import os
import sys


def look(folder: str) -> int:
    """How many files lie below a folder, each asked for its size and times."""
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += look(entry.path)
            else:
                entry.stat(follow_symlinks=False)
                count += 1
    return count


if __name__ == "__main__":
    print(sum(look(folder) for folder in sys.argv[1:] if os.path.isdir(folder)))  # noqa: PTH112  # pathlib is not bare
