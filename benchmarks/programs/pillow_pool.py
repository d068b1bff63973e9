"""Thumbnails with Pillow alone, without any check, as fast as it goes: reduced decode, upright, cropped, two sizes.

python pillow_pool.py AVATARS OUTPUT PROCESSES QUALITY METHOD_OF_LARGE METHOD_OF_SMALL
"""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

from PIL import Image, ImageOps


def thumbnails(job: tuple[str, str, int, int, int]) -> None:
    """Both thumbnails of one picture, written to the disk."""
    source, target, quality, large_method, small_method = job
    with Image.open(source) as image:
        image.draft("RGB", (640, 640))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    large = ImageOps.fit(upright, (512, 512), Image.Resampling.BICUBIC)
    large.info.clear()
    large.save(f"{target}-512.webp", quality=quality, method=large_method)
    small = large.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.save(f"{target}-96.webp", quality=quality, method=small_method)


def main() -> None:
    """All pictures of a folder."""
    avatars, output = Path(sys.argv[1]), Path(sys.argv[2])
    processes, quality, large, small = map(int, sys.argv[3:])
    jobs = [(str(path), str(output / path.stem), quality, large, small) for path in sorted(avatars.iterdir())]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for _ in pool.imap_unordered(thumbnails, jobs, chunksize=4):
            pass


if __name__ == "__main__":
    main()
