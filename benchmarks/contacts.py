"""Ten thousand contacts of text alone, cold: the whole build, against Hugo making as many pages if it is installed.

    python benchmarks/contacts.py [--count 10000] [--talking 0] [--runs 3] [--corpus DIR] [--hugo PATH]

Both are timed as whole processes, in turn, into fresh folders; medians, their ratio and the peak memory are printed.
``--talking N`` gives every N-th contact a conversation, and so a thread page with fifty others beside it, for which
Hugo's site has no like.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
GIVEN = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia", "Tony", "Łukasz", "Zoë")
FAMILY = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Perlman",
    "Liskov",
    "Knuth",
    "Allen",
    "Wirth",
    "Ångström",
    "O'Rourke",
    "Núñez",
)
PROSE = "the engine weaves algebraic patterns just as loom of spring letters and drawings were sent to every office"
WORDS = PROSE.split()


def make(folder: Path, count: int, talking: int) -> None:
    """Writes ``count`` records of about 1.6 kB below ``folder``, the same for the same numbers."""
    if (folder / f".{count}-{talking}").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "contacts").mkdir(parents=True)
    chance = random.Random(count)
    for number in range(count):
        (folder / "contacts" / f"contact-{number:06}.yaml").write_text(
            record(chance, number, talks=talking > 0 and number % talking == 0), encoding="utf-8"
        )
    (folder / f".{count}-{talking}").touch()


def record(chance: random.Random, number: int, *, talks: bool) -> str:
    """One record as YAML."""
    given, family = chance.choice(GIVEN), f"{chance.choice(FAMILY)}-{number % 997}"

    def prose(words: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(words))

    lines = [
        f"name: {given} {family}",
        f"given_name: {given}",
        f"family_name: {family}",
        f"company: {prose(3).title()}",
        f"title: {prose(2).title()}",
        f"type: {chance.choice(('lead', 'customer', 'supplier'))}",
        f"owner: {chance.choice(('Mira', 'Jonas', 'Priya'))}",
        "emails:",
        f"  - {{label: work, value: contact{number}@example.org}}",
        f"phone: +44 20 7946 {number % 10000:04}",
        f"website: https://example.org/people/{number}",
        f"created: 2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
        f"tags: [{chance.choice(WORDS)}, {chance.choice(WORDS)}]",
        "fields:",
        f"  Account: {number:07}",
        "notes: |",
        *(f"  {prose(16)}" for _ in range(11)),
    ]
    if talks:
        lines.append("messages:")
        lines += [
            f"  - {{at: 2026-{month:02}-11T09:{number % 60:02}:00Z, from: contact, channel: email, text: {prose(12)}}}"
            for month in (3, 4)
        ]
    return "\n".join(lines) + "\n"


def make_hugo(folder: Path, corpus: Path) -> None:
    """A Hugo site of the same records: a page of about the size of ours for each, and lists of a hundred."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "content" / "contacts").mkdir(parents=True)
    (folder / "layouts" / "_default").mkdir(parents=True)
    settings = 'baseURL = "https://example.org/"\ntitle = "Contacts"\ndisableKinds = ["RSS", "sitemap"]\n'
    (folder / "hugo.toml").write_text(settings)
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>'
    names = ("company", "position", "owner", "phone", "notes")
    fields = "".join(f"<dt>{name}</dt><dd>{{{{ .Params.{name} }}}}</dd>" for name in names)
    filler = "<!-- " + "x" * 3000 + " -->"
    single = f"{head}<h1>{{{{ .Title }}}}</h1><dl>{fields}</dl>{filler}</body></html>"
    (folder / "layouts" / "_default" / "single.html").write_text(single)
    rows = '{{ range (.Paginate .Pages 100).Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}'
    (folder / "layouts" / "_default" / "list.html").write_text(f"{head}<ul>{rows}</ul></body></html>")
    for path in sorted((corpus / "contacts").glob("*.yaml")):
        text = path.read_text(encoding="utf-8").replace("\ntitle:", "\nposition:", 1).replace("name:", "title:", 1)
        (folder / "content" / "contacts" / f"{path.stem}.md").write_text(f"---\n{text}---\n", encoding="utf-8")


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds, and the peak MiB of the largest of the command's processes."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{command[0]} failed")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--talking", type=int, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "contactsheet-bench-contacts")
    parser.add_argument("--hugo", default=shutil.which("hugo"))
    options = parser.parse_args()
    make(options.corpus, options.count, options.talking)
    ours, theirs, peaks = [], [], []
    hugo_site = options.corpus.with_name(f"{options.corpus.name}-hugo")
    if options.hugo:
        make_hugo(hugo_site, options.corpus)
    for _ in range(options.runs):
        shutil.rmtree(options.corpus / "output", ignore_errors=True)
        seconds, peak = timed([sys.executable, str(PROJECT / "build.py"), "--quiet", "--root", str(options.corpus)])
        ours.append(seconds)
        peaks.append(peak)
        if options.hugo:
            shutil.rmtree(hugo_site / "public", ignore_errors=True)
            theirs.append(timed([options.hugo, "--quiet", "--source", str(hugo_site)])[0])
    pages = sum(1 for _ in (options.corpus / "output").rglob("*.html"))
    print(f"contactsheet: {statistics.median(ours):.2f} s for {pages} pages (median of {options.runs})")
    print(f"peak of its largest process: {max(peaks):.0f} MiB")
    if theirs:
        made = sum(1 for _ in (hugo_site / "public").rglob("*.html"))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"Hugo: {statistics.median(theirs):.2f} s for {made} pages; ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
