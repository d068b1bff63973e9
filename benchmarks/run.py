"""Measures the program against its peers and writes docs/performance.md: python benchmarks/run.py (see README.md)."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(1, str(PROJECT))  # the recipe of the thumbnails is the program's

import corpora  # noqa: E402
import figures  # noqa: E402
import measures  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
from timing import FailedError  # noqa: E402


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ",".join(measures.PARTS)
    parser.add_argument("--only", default=parts, metavar="PARTS", help=f"some of {parts}")
    parser.add_argument("--quick", action="store_true", help="small sizes, one run; the page is written beside them")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="turns of each measurement [default: 3]")
    parser.add_argument("--corpora", type=Path, default=corpora.usual_store(), metavar="DIR", help="what is kept")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="where the page is [default: docs/]")
    parser.add_argument("--sharp", type=Path, metavar="DIR", help="where `npm install --prefix DIR sharp` put it")
    for name in ("hugo", "sigal", "vipsthumbnail"):
        parser.add_argument(f"--{name}", metavar="PATH", help="the program, if it is not on the path")
    asked = parser.parse_args()
    if unknown := set(asked.only.split(",")) - set(measures.PARTS):
        parser.error(f"--only knows {parts}, not {', '.join(sorted(unknown))}")
    if asked.runs < 1:
        parser.error("--runs needs at least 1")
    return asked


def main() -> int:
    """Measures each part that was asked for; 1 if one of them failed."""
    asked = options()
    store = asked.corpora / "quick" if asked.quick else asked.corpora
    docs = asked.docs or (store if asked.quick else PROJECT / "docs")
    found = peers.find(asked.sharp or asked.corpora / "sharp", asked.vipsthumbnail, asked.hugo, asked.sigal)
    sizes = measures.QUICK if asked.quick else measures.Sizes()
    bench = measures.Bench(store.resolve(), found, sizes, 1 if asked.quick else asked.runs)
    told = f"{report.machine()}; {found.told()}"
    print(told, flush=True)
    failed = False
    for name in asked.only.split(","):
        try:
            part = measures.PARTS[name](bench)
        except FailedError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        for verdict in part.verdicts:
            print(f"{name}: {verdict.told()}", flush=True)
        turns = f"{time.strftime('%Y-%m-%d')}, {bench.runs} {'turn' if bench.runs == 1 else 'turns'}"
        figures.keep(bench.store / "figures.json", figures.dated(part, f"{turns}; {told}"))
        report.write(docs, figures.kept(bench.store / "figures.json"))
    shutil.rmtree(bench.scratch, ignore_errors=True)
    print(f"written: {docs / 'performance.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
