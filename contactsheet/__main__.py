"""The command `contactsheet`, as `python -m contactsheet`."""

import sys

if __name__ == "__main__":
    from contactsheet.cli import main

    sys.exit(main())
