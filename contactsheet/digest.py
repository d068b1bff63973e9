"""BLAKE2 and a comparison that tells nothing by its time, from where hashlib and hmac have them.

These load OpenSSL besides, which takes longer than most of what a small build with nothing to do is made of.
"""

try:
    from _blake2 import blake2b
    from _operator import _compare_digest as compare_digest
except ImportError:  # Python's documentation promises neither
    from hashlib import blake2b
    from hmac import compare_digest  # type: ignore[no-redef]  # the same by another name

__all__ = ["blake2b", "compare_digest"]
