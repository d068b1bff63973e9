"""Draw the pictures of the sample contacts into avatars/: `python tools/draw_sample.py`.

The same program draws the same bytes. A file whose bytes did not change is not written; no other file is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backdrops import draw_lighthouse
from canvas import Canvas
from encoding import jpeg, png
from logos import LOGOS
from people import PEOPLE
from portraits import draw_portrait

AVATARS = Path(__file__).resolve().parent.parent / "avatars"
PHONE = (3024, 4032)
"""Width and height of a phone's upright photo, in pixels."""
WORKING_SIDE = 1512
"""Pictures with a longer short side are drawn at half their size and enlarged: soft, as photos are, and small."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG to draw: file below avatars/, upright size in pixels, how it is stored, and what it shows."""

    file: str
    size: tuple[int, int]
    draw: Callable[[Canvas], None]
    orientation: int | None = None
    wide_gamut: bool = False
    quality: int = 80

    def encoded(self) -> bytes:
        """Draw and encode the picture."""
        shrink = 2 if min(self.size) > WORKING_SIDE else 1
        canvas = Canvas.blank(self.size[0] // shrink, self.size[1] // shrink)
        self.draw(canvas)
        return jpeg(canvas.image(self.size), self.orientation, self.wide_gamut, self.quality)


def portrait(name: str, scale: float = 1.16, at: tuple[float, float] = (0.0, 0.17)) -> Callable[[Canvas], None]:
    """Give the drawing of one of the sample's people."""
    return partial(draw_portrait, person=PEOPLE[name], scale=scale, at=at)


def photos() -> Iterator[Photo]:
    """List the sample's photos."""
    yield Photo("amara-okafor.jpg", PHONE, portrait("amara-okafor"), orientation=8)
    yield Photo("ananya-sharma.jpg", PHONE, portrait("ananya-sharma"), orientation=6)
    yield Photo("anders-lindqvist.jpg", (1600, 2000), portrait("anders-lindqvist"))
    yield Photo("chen-xiaowei.jpg", PHONE, portrait("chen-xiaowei"), orientation=3)
    yield Photo("eleni-papadaki.jpg", PHONE, portrait("eleni-papadaki"), orientation=6)
    yield Photo("freya-lindholm.jpg", (2400, 1200), portrait("freya-lindholm", 1.0, (-0.85, 0.24)))
    yield Photo("harpreet-singh.jpg", PHONE, portrait("harpreet-singh"), orientation=6)
    yield Photo("kwame-mensah.jpeg", (1500, 1500), portrait("kwame-mensah"))
    yield Photo("layla-haddad.jpg", PHONE, portrait("layla-haddad"), orientation=8)
    yield Photo("maria-fernandez-villanueva.jpg", (2048, 2048), portrait("maria-fernandez"), orientation=1)
    yield Photo("noam-levi.jpg", (2400, 2400), portrait("noam-levi"))
    yield Photo("olena-kovalenko.jpg", PHONE[::-1], portrait("olena-kovalenko"), orientation=3)
    yield Photo("park-min-jun.jpg", PHONE, portrait("park-min-jun"), orientation=1, wide_gamut=True)
    yield Photo("ruth-adeyemi.jpg", PHONE, portrait("ruth-adeyemi"), orientation=6)
    yield Photo("siobhan-orourke.jpg", PHONE, portrait("siobhan-orourke"), orientation=6)
    yield Photo("leads/web-form-orourke.jpg", PHONE, portrait("siobhan-lead"), orientation=6)
    yield Photo("skerry-point-hostel.jpg", PHONE[::-1], draw_lighthouse, orientation=1)
    yield Photo("wulandari.jpg", (320, 320), portrait("wulandari"), quality=88)


def pictures() -> Iterator[tuple[str, bytes]]:
    """Give every picture of the sample: its file below avatars/ and its bytes."""
    for photo in photos():
        yield photo.file, photo.encoded()
    for contact, logo in LOGOS.items():
        yield f"{contact}.png", png(logo.image())


def main() -> None:
    """Draw all pictures and write those that changed."""
    total = 0
    for name, content in pictures():
        file = AVATARS / name
        total += len(content)
        same = file.is_file() and file.read_bytes() == content
        if not same:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        print(f"{'unchanged' if same else 'written':9}  {len(content) / 1000:7.1f} kB  avatars/{name}")
    print(f"{total / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main()
