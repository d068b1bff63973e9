"""Measures a cold build of 300 pictures against a bare pool of two Pillow processes for the same thumbnails.

Both run in one go, in turns; what counts is the ratio of their medians (goal: at most 1.25). The corpus is that of a
team's repository: 60 % phone photos of 12 megapixels, 20 % of 1024 x 1024, 10 % of 512 x 512, 10 % PNG. From the
project's root: python benchmarks/pictures.py [--corpus FOLDER] [--pictures N] [--rounds N] [--pool-only]
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from contactsheet.thumbnails import LARGE_METHOD, QUALITY, SMALL_METHOD

PROJECT = Path(__file__).resolve().parent.parent
SEED = 20261122
RECIPE = 2  # of the corpus: another number has it made again
GOAL = 1.25
PROCESSES = 2


# --- the corpus ------------------------------------------------------------------------------------------------------


def texture(width: int, height: int, chance: np.random.Generator, grain: float) -> Image.Image:
    """Colours with detail at several scales, which a JPEG encoder finds about as hard as a photograph."""
    image = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((6, 110.0), (30, 45.0), (120, 12.0)):
        coarse = chance.random((max(2, height * cells // width), cells, 3), np.float32) * 255
        layer = Image.fromarray(coarse.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        image += (np.asarray(layer, np.float32) - 127) * (weight / 90)
    image += chance.standard_normal((height, width, 1), np.float32) * grain
    return Image.fromarray(np.clip(image + 127, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))


def orientation(way: int) -> Image.Exif:
    """EXIF as a phone writes it, with the way up."""
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = way
    return exif


def base_pictures(kind: str, chance: np.random.Generator) -> list[bytes]:
    """A few encoded pictures of a kind; the files of the corpus are varied copies of them."""
    made = []
    for number in range({"phone": 8, "large": 4, "square": 4, "png": 3}[kind]):
        out = io.BytesIO()
        if kind == "phone":
            image = texture(4000, 3000, chance, 7 + number % 3 * 3)
            image.save(out, "JPEG", quality=80 + number % 4, exif=orientation((1, 6, 8, 3)[number % 4]))
        elif kind == "png":
            texture(512 + 256 * number, 512 + 256 * number, chance, 1).save(out, "PNG", compress_level=6)
        else:
            side = 1024 if kind == "large" else 512
            texture(side, side, chance, 8).save(out, "JPEG", quality=88)
        made.append(out.getvalue())
    return made


def varied(picture: bytes, number: int) -> bytes:
    """The same picture with a comment of its own, so that no two files are the same."""
    mark = f"picture {number}".encode()
    if picture.startswith(b"\xff\xd8"):
        return picture[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2, "big") + mark + picture[2:]
    body = b"tEXtComment\0" + mark
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return picture[:33] + chunk + picture[33:]


def make_corpus(folder: Path, count: int) -> None:
    """Write ``count`` records with a picture each, unless the folder has them already."""
    done = folder / "made.txt"
    if done.is_file() and done.read_text() == f"{count} {SEED} {RECIPE}":
        return
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "contacts").mkdir(parents=True)
    (folder / "avatars").mkdir()
    (folder / "pyproject.toml").write_text('[tool.contactsheet]\ntitle = "Benchmark"\n')
    chance = np.random.default_rng(SEED)
    bases = {kind: base_pictures(kind, chance) for kind in ("phone", "large", "square", "png")}
    kinds = ("phone",) * 6 + ("large",) * 2 + ("square", "png")
    for number in range(count):
        kind = kinds[number % 10]
        picture = varied(bases[kind][number // 10 % len(bases[kind])], number)
        suffix = ".png" if kind == "png" else ".jpg"
        (folder / "avatars" / f"person-{number:05d}{suffix}").write_bytes(picture)
        record = f"name: Person {number}\nemail: person-{number}@example.org\ncompany: Example\n"
        (folder / "contacts" / f"person-{number:05d}.yaml").write_text(record)
    done.write_text(f"{count} {SEED} {RECIPE}")


def describe(folder: Path) -> str:
    """The corpus in a line."""
    sizes = [path.stat().st_size for path in (folder / "avatars").iterdir()]
    return f"{len(sizes)} pictures, {sum(sizes) / 1e6:.0f} MB, largest {max(sizes) / 1e6:.2f} MB"


# --- what is compared ------------------------------------------------------------------------------------------------


def bare_thumbnails(job: tuple[str, str]) -> None:
    """The best way with Pillow alone: reduced decode, upright, cropped, both sizes, written to the disk."""
    source, target = job
    with Image.open(source) as image:
        image.draft("RGB", (640, 640))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    large = ImageOps.fit(upright, (512, 512), Image.Resampling.LANCZOS)
    large.info.clear()
    large.save(f"{target}-512.webp", quality=QUALITY, method=LARGE_METHOD)
    small = large.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.save(f"{target}-96.webp", quality=QUALITY, method=SMALL_METHOD)


def run_pool(corpus: Path, output: Path) -> float:
    """Seconds that the bare pool takes, its start included."""
    output.mkdir()
    jobs = [(str(path), str(output / path.stem)) for path in sorted((corpus / "avatars").iterdir())]
    begun = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for _ in pool.imap_unordered(bare_thumbnails, jobs, chunksize=4):
            pass
    return time.perf_counter() - begun


def run_build(corpus: Path, output: Path) -> float:
    """A cold build: nothing of an earlier one is left, neither pages nor what was remembered."""
    for left in (corpus / ".contactsheet", corpus / ".cache"):
        shutil.rmtree(left, ignore_errors=True)
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(corpus), "--output", str(output)]
    begun = time.perf_counter()
    done = subprocess.run([*command, "--jobs", str(PROCESSES), "--quiet"], capture_output=True, text=True, check=False)
    taken = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"the build failed with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return taken


def median_line(what: str, times: list[float]) -> str:
    """The median and the single times, in seconds."""
    return f"{what}: median {statistics.median(times):.2f} s of {', '.join(f'{taken:.2f}' for taken in times)}"


def main() -> int:
    """Make the corpus, run both in turns, print the figures; 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "contactsheet-corpus")
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pool-only", action="store_true", help="leave the build out")
    options = parser.parse_args()
    make_corpus(options.corpus, options.pictures)
    print(describe(options.corpus), f"WebP quality {QUALITY}, methods {LARGE_METHOD} and {SMALL_METHOD}", sep="; ")
    pool_times, build_times = [], []
    with tempfile.TemporaryDirectory() as scratch:
        if not options.pool_only:
            run_build(options.corpus, Path(scratch) / "warm-up")  # both read from a warm disk cache
            # Taken before the pool runs, whose processes would count as well. The unit is KiB, on macOS bytes.
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
                2**20 if sys.platform == "darwin" else 1024
            )
        for number in range(options.rounds):
            pool_times.append(run_pool(options.corpus, Path(scratch) / f"pool-{number}"))
            if not options.pool_only:
                build_times.append(run_build(options.corpus, Path(scratch) / f"build-{number}"))
    print(median_line(f"bare pool of {PROCESSES}", pool_times))
    if not build_times:
        return 0
    ratio = statistics.median(build_times) / statistics.median(pool_times)
    print(median_line("build", build_times))
    print(f"ratio {ratio:.2f} (goal {GOAL}); peak of the build's largest process {peak:.0f} MiB")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
