"""The command `contactsheet`, as `python -m contactsheet`."""

if __name__ == "__main__":
    from contactsheet.cli import run

    run()
