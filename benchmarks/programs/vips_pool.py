"""Thumbnails with vipsthumbnail, several at once: first all large ones, then the small ones from those.

python vips_pool.py VIPSTHUMBNAIL AVATARS OUTPUT PROCESSES QUALITY
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def at_once(program: str, files: Sequence[Path], processes: int, side: int, target: str) -> None:
    """One process for each share of the files."""
    command = [program, "--size", f"{side}x{side}", "--smartcrop", "centre", "-o", target]
    shares = [files[start::processes] for start in range(processes)]
    running = [subprocess.Popen([*command, *map(str, share)]) for share in shares if share]
    ended = [process.wait() for process in running]
    if any(ended):
        sys.exit("vipsthumbnail failed")


def main() -> None:
    """All pictures of a folder."""
    program, avatars, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    processes, quality = int(sys.argv[4]), sys.argv[5]
    at_once(program, sorted(avatars.iterdir()), processes, 512, f"{output}/%s-512.webp[Q={quality},strip]")
    large = sorted(output.glob("*-512.webp"))
    at_once(program, large, processes, 96, f"{output}/%s-96.webp[Q={quality},strip]")


if __name__ == "__main__":
    main()
