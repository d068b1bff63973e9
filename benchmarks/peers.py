"""The programs that the build is compared with: which of them are installed, and how each is made to do the same work.

Each works as fast as we know how to make it, on as many cores as there are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from corpora import Corpus, set_aside
from timing import Subject

from contactsheet.thumbnails import LARGE_METHOD, QUALITY, SMALL_METHOD

PROJECT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(__file__).resolve().parent / "programs"
CORES = os.cpu_count() or 1
SHARPS_EFFORT = 4  # what sharp takes by itself
# Its own seal, so that measuring leaves the user's settings alone.
OUR_ENV = {"CONTACTSHEET_SEAL": "benchmark"}

_HUGO_FIELDS = ("company", "position", "owner", "phone", "notes")
_HUGO_PADDING = 3000  # bytes, so that its pages are about as large as ours


@dataclass(frozen=True, slots=True)
class Peers:
    """Where each peer is: a folder with sharp in its node_modules, and programs; None where it is not installed."""

    node: str | None
    sharp: Path | None
    vipsthumbnail: str | None
    hugo: str | None
    sigal: str | None

    def told(self) -> str:
        """Which versions were found, and which peers are missing."""
        answers = {
            "sharp": _version_of_sharp(self.sharp) if self.sharp else None,
            "vipsthumbnail": _said([self.vipsthumbnail, "--vips-version"]) if self.vipsthumbnail else None,
            "Hugo": _said([self.hugo, "version"]) if self.hugo else None,
            "sigal": _said([self.sigal, "--version"]) if self.sigal else None,
        }
        there = [_version(name, answer) for name, answer in answers.items() if answer]
        missing = [name for name, answer in answers.items() if not answer]
        lists = [", ".join(there), f"not installed: {', '.join(missing)}" if missing else ""]
        return "; ".join(filter(None, lists))


def find(sharp: Path, vipsthumbnail: str | None = None, hugo: str | None = None, sigal: str | None = None) -> Peers:
    """Looks for the peers: sharp in a folder, the programs where the caller says, beside Python, and on the path."""
    node = shutil.which("node")
    return Peers(
        node=node,
        sharp=sharp.resolve() if node and (sharp / "node_modules" / "sharp").is_dir() else None,
        vipsthumbnail=_program("vipsthumbnail", vipsthumbnail),
        hugo=_program("hugo", hugo),
        sigal=_program("sigal", sigal),
    )


def _program(name: str, given: str | None) -> str | None:
    if given:
        return given
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def _version_of_sharp(folder: Path) -> str:
    text = (folder / "node_modules" / "sharp" / "package.json").read_text(encoding="utf-8")
    return str(json.loads(text)["version"])


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str, answer: str) -> str:
    numbers = [word.lstrip("v") for word in answer.replace("-", " ").replace("+", " ").split() if "." in word]
    return f"{name} {numbers[0] if numbers else answer}"


# --- ourselves -------------------------------------------------------------------------------------------------------


def build_command(corpus: Corpus, *options: str) -> list[str]:
    """The build of a corpus, as its user would type it."""
    return [sys.executable, str(PROJECT / "build.py"), "--root", str(corpus.root), *options]


def cold(corpus: Corpus, name: str = "contactsheet") -> Subject:
    """The whole build where neither a site nor anything remembered is left of an earlier one."""
    return Subject(name, build_command(corpus, "--quiet"), corpus.clear, OUR_ENV)


def again(corpus: Corpus, name: str = "contactsheet") -> Subject:
    """The whole build, with whatever is there."""
    return Subject(name, build_command(corpus, "--quiet"), env=OUR_ENV)


# --- thumbnails ------------------------------------------------------------------------------------------------------


def thumbnails(peers: Peers, corpus: Corpus, scratch: Path) -> list[Subject]:
    """All that are there, each making the thumbnails of a corpus into a fresh folder below ``scratch``."""
    folder = scratch / "thumbnails"

    def fresh() -> None:
        set_aside(scratch.parent, folder)
        folder.mkdir(parents=True)

    avatars, output, quality = str(corpus.avatars), str(folder), str(QUALITY)
    methods = [quality, str(LARGE_METHOD), str(SMALL_METHOD)]
    pool = [sys.executable, str(PROGRAMS / "pillow_pool.py"), avatars, output, str(CORES), *methods]
    subjects = [Subject("bare pool of Pillow", pool, fresh)]
    if peers.node and peers.sharp:
        for name, effort in (("sharp", SHARPS_EFFORT), (f"sharp, effort {LARGE_METHOD}", LARGE_METHOD)):
            script = [peers.node, str(PROGRAMS / "thumbnails.mjs"), str(peers.sharp)]
            subjects.append(Subject(name, [*script, avatars, output, str(CORES), quality, str(effort)], fresh))
    if peers.vipsthumbnail:
        script = [sys.executable, str(PROGRAMS / "vips_pool.py"), peers.vipsthumbnail]
        subjects.append(Subject("vipsthumbnail", [*script, avatars, output, str(CORES), quality], fresh))
    if peers.sigal:
        script = [peers.sigal, "build", "-q", "-n", str(CORES), "-c", str(sigal_settings(scratch))]
        subjects.append(Subject("sigal", [*script, avatars, output], fresh))
    return subjects


def sigal_settings(scratch: Path) -> Path:
    """A file that has sigal make the same two sizes."""
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / "sigal.conf.py"
    path.write_text(
        f"""img_size = (512, 512)
img_processor = "ResizeToFill"
img_format = "WEBP"
jpg_options = {{"quality": {QUALITY}}}
make_thumbs = True
thumb_size = (96, 96)
keep_orig = False
""",
        encoding="utf-8",
    )
    return path


# --- pages -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hugo:
    """A Hugo site of a corpus' records: a page of about the size of ours for each, and lists of a hundred."""

    program: str
    root: Path

    @property
    def public(self) -> Path:
        """Where its pages go."""
        return self.root / "public"

    def record(self, name: str) -> Path:
        """The source of a contact's page."""
        return self.root / "content" / "contacts" / f"{name}.md"

    def page(self, name: str) -> Path:
        """A contact's page."""
        return self.public / "contacts" / name / "index.html"

    def clear(self) -> None:
        """Takes away what was built and what it remembers in the site."""
        set_aside(self.root.parent.parent, self.public, self.root / "resources")

    def cold(self) -> Subject:
        """The whole site, anew."""
        return Subject("Hugo", self._command(), self.clear)

    def again(self) -> Subject:
        """The whole site, with whatever is there."""
        return Subject("Hugo", self._command())

    def _command(self) -> list[str]:
        return [self.program, "--quiet", "--source", str(self.root)]


def hugo_site(program: str, corpus: Corpus, scratch: Path) -> Hugo:
    """Writes the Hugo site of a corpus, below ``scratch``."""
    site = Hugo(program, scratch / f"hugo-{corpus.root.name}")
    shutil.rmtree(site.root, ignore_errors=True)
    layouts = site.root / "layouts" / "_default"
    layouts.mkdir(parents=True)
    site.record("any").parent.mkdir(parents=True)
    settings = 'baseURL = "https://example.org/"\ntitle = "Contacts"\ndisableKinds = ["RSS", "sitemap"]\n'
    (site.root / "hugo.toml").write_text(settings)
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>'
    fields = "".join(f"<dt>{name}</dt><dd>{{{{ .Params.{name} }}}}</dd>" for name in _HUGO_FIELDS)
    padding = "<!-- " + "x" * _HUGO_PADDING + " -->"
    (layouts / "single.html").write_text(f"{head}<h1>{{{{ .Title }}}}</h1><dl>{fields}</dl>{padding}</body></html>")
    rows = '{{ range (.Paginate .Pages 100).Pages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}'
    (layouts / "list.html").write_text(f"{head}<ul>{rows}</ul></body></html>")
    for path in sorted((corpus.root / "contacts").iterdir()):
        text = path.read_text(encoding="utf-8").replace("\ntitle:", "\nposition:", 1).replace("name:", "title:", 1)
        site.record(path.stem).write_text(f"---\n{text}---\n", encoding="utf-8")
    return site
