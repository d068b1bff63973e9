"""How good the thumbnails are: SSIM against one from a full decode, beside sharp's of at least as many bytes.

python benchmarks/quality.py [--sharp DIR] [--corpora DIR] [--docs DIR]. The photographs are those that scikit-image and
scikit-learn carry; nothing is downloaded. They are small, so each is tried twice as a JPEG of 9 megapixels: enlarged,
which leaves detail as fine as a thumbnail can show, and repeated, mirrored, side by side, whose detail is far finer.
"""

from __future__ import annotations

import argparse
import importlib
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(1, str(Path(__file__).resolve().parent.parent))  # the thumbnails are the program's

import corpora
import figures
import numpy as np
import peers
import report
from figures import Part, Verdict
from PIL import Image, ImageOps

from contactsheet import inspection, thumbnails

PHOTOGRAPHS = {
    "skimage.data": ("astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg"),
    "sklearn.datasets": ("images/china.jpg", "images/flower.jpg"),
}
SIDES = (3000, 3000)  # square: who crops by whole pixels would be a part of one off, which is no loss of quality
SOURCE_QUALITY = 90
LOWEST, HIGHEST = 60, 98  # of sharp's qualities that are tried


@dataclass(frozen=True, slots=True)
class Graded:
    """One picture: its name, and bytes and SSIM of our thumbnail, of one from a full decode, and of sharp's."""

    name: str
    ours: tuple[int, float]
    full: tuple[int, float]
    sharp: tuple[int, float] | None


def photographs() -> Iterator[tuple[str, Image.Image]]:
    """The photographs that are installed."""
    for module, names in PHOTOGRAPHS.items():
        folder = Path(str(importlib.import_module(module).__file__)).parent
        for name in names:
            with Image.open(folder / name) as image:
                yield Path(name).stem, image.convert("RGB")


def large(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """A photograph as 9 megapixels, in two ways."""
    yield "enlarged", ImageOps.fit(image, SIDES, Image.Resampling.LANCZOS)
    tile = np.asarray(image)
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    times = (-(-SIDES[1] // tile.shape[0]), -(-SIDES[0] // tile.shape[1]), 1)
    yield "repeated", Image.fromarray(np.tile(tile, times)[: SIDES[1], : SIDES[0]])


def ssim(reference: Image.Image, webp: bytes) -> float:
    """Structural similarity of a thumbnail to the reference, 1 at most (Wang et al. 2004, Gaussian window)."""
    compare = importlib.import_module("skimage.metrics").structural_similarity
    with Image.open(io.BytesIO(webp)) as image:
        pixels = np.asarray(image.convert("RGB"))
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(compare(np.asarray(reference), pixels, channel_axis=2, data_range=255, **window))


def graded(name: str, jpeg: Path, sharps: dict[int, bytes]) -> Graded:
    """One picture's thumbnails, compared with what a full decode and Lanczos give before they are encoded."""
    data = jpeg.read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        reference = ImageOps.fit(image.convert("RGB"), (512, 512), Image.Resampling.LANCZOS)
    found, _ = inspection.inspect(data, suffix=".jpg")
    assert found, "a picture of our making is sound"
    made, findings = thumbnails.examine(data, found)
    assert made, findings
    out = io.BytesIO()
    reference.save(out, "WEBP", quality=thumbnails.QUALITY, method=thumbnails.LARGE_METHOD)
    full = out.getvalue()
    enough = [webp for _, webp in sorted(sharps.items()) if len(webp) >= len(made.large)]
    theirs = enough[0] if enough else None
    return Graded(
        name,
        (len(made.large), ssim(reference, made.large)),
        (len(full), ssim(reference, full)),
        (len(theirs), ssim(reference, theirs)) if theirs else None,
    )


def sharps_of(found: peers.Peers, jpegs: list[Path], folder: Path) -> dict[str, dict[int, bytes]]:
    """Sharp's thumbnails by picture and quality; none where it is not installed."""
    if not (found.node and found.sharp):
        return {}
    script = [found.node, str(peers.PROGRAMS / "qualities.mjs"), str(found.sharp), str(folder)]
    subprocess.run([*script, str(LOWEST), str(HIGHEST), *map(str, jpegs)], check=True)
    return {
        jpeg.stem: {
            quality: (folder / f"{jpeg.stem}-{quality}.webp").read_bytes() for quality in range(LOWEST, HIGHEST + 1)
        }
        for jpeg in jpegs
    }


def measured(found: peers.Peers) -> list[Graded]:
    """All photographs, each in both ways."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        jpegs = []
        for name, photograph in photographs():
            for way, image in large(photograph):
                jpegs.append(folder / f"{name}, {way}.jpg")
                image.save(jpegs[-1], "JPEG", quality=SOURCE_QUALITY)
        sharps = sharps_of(found, jpegs, folder)
        return [graded(jpeg.stem, jpeg, sharps.get(jpeg.stem, {})) for jpeg in jpegs]


def part(all_graded: list[Graded]) -> Part:
    """The table, and the medians."""
    pairs = [(one.ours[1], one.sharp[1]) for one in all_graded if one.sharp]
    verdicts = []
    if pairs:
        lost = statistics.median((1 - ours) / (1 - theirs) for ours, theirs in pairs)
        verdicts.append(Verdict("distance from the full decode (1 − SSIM) / sharp's at equal bytes, median", lost, 1.0))
    lost = statistics.median((1 - one.ours[1]) / (1 - one.full[1]) for one in all_graded)
    return Part(
        name="quality",
        title="Quality of the 512 × 512 thumbnails",
        intro=(
            "SSIM against a full decode, resized with Lanczos and not encoded. Photographs of scikit-image and"
            " scikit-learn as JPEG of 9 megapixels: enlarged, and repeated side by side (detail finer than any"
            " thumbnail shows, harder than a photograph). sharp at the lowest quality that gives at least our bytes."
        ),
        columns=("", "bytes", "SSIM", "from a full decode: bytes", "SSIM", "sharp: bytes", "SSIM"),
        rows=tuple(map(_row, all_graded)),
        verdicts=tuple(verdicts),
        remarks=(f"What the reduced decode costs: 1 − SSIM is {lost:.2f} times that of a full decode, encoded alike.",),
    )


def _row(one: Graded) -> tuple[str, ...]:
    def told(pair: tuple[int, float] | None) -> tuple[str, str]:
        return (f"{pair[0]:,}", f"{pair[1]:.4f}") if pair else ("–", "–")

    return (one.name, *told(one.ours), *told(one.full), *told(one.sharp))


def main() -> int:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--corpora", type=Path, default=corpora.usual_store(), metavar="DIR", help="what is kept")
    parser.add_argument("--sharp", type=Path, metavar="DIR", help="where `npm install --prefix DIR sharp` put it")
    parser.add_argument("--docs", type=Path, default=peers.PROJECT / "docs", metavar="DIR", help="where the page is")
    asked = parser.parse_args()
    found = peers.find(asked.sharp or asked.corpora / "sharp")
    result = part(measured(found))
    for row in (result.columns, *result.rows):
        print(" | ".join(row))
    for line in (*(verdict.told() for verdict in result.verdicts), *result.remarks):
        print(line)
    told = f"{time.strftime('%Y-%m-%d')}; {report.machine()}; {found.told()}"
    figures.keep(asked.corpora / "figures.json", figures.dated(result, told))
    report.write(asked.docs, figures.kept(asked.corpora / "figures.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
