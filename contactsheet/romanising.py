"""Names in other scripts to ASCII letters, as far as letters tell: for IDs, which are typed, read out and in addresses.

It knows letters, no languages: Cyrillic as in passports (ICAO Doc 9303), Greek as in ISO 843, Hangul and kana by the
names that Unicode gives their signs. Chinese signs have no spelling of their own and are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_LATIN = ("ß æ œ ø ł đ ð þ ı ħ ŋ ə", "ss ae oe o l d d th i h ng e")
_CYRILLIC = (
    "а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я і ї є ґ ў ј љ њ ћ ђ џ ѓ ќ ѕ",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e iu ia i i ie g u j lj nj c dj dz g k dz",
)
_GREEK = (
    "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω",
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
)
_GEORGIAN = (
    "ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ ჩ ც ძ წ ჭ ხ ჯ ჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_ARMENIAN = (
    "ա բ գ դ ե զ է ը թ ժ ի լ խ ծ կ հ ձ ղ ճ մ յ ն շ ո չ պ ջ ռ ս վ տ ր ց ւ փ ք օ ֆ և",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts w p k o f ev",
)
_HEBREW = (
    "א ב ג ד ה ו ז ח ט י כ ך ל מ ם נ ן ס ע פ ף צ ץ ק ר ש ת",
    "a b g d h v z h t y k k l m m n n s a p f ts ts k r sh t",
)
_ARABIC = (
    "ا ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ك ل م ن ه و ي ى ة ء پ چ ژ گ ک ی",
    "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a a _ p ch zh g k y",
)
_TABLES = (_LATIN, _CYRILLIC, _GREEK, _GEORGIAN, _ARMENIAN, _HEBREW, _ARABIC)
_NAMED = re.compile(r"(?:HANGUL SYLLABLE|(?:HIRAGANA|KATAKANA) LETTER(?: SMALL)?) ([A-Z]+)")
_CHOSEON = range(0xAC00, 0xD7A4)
_DOUBLED = {"っ", "ッ"}  # the next consonant is double
_LONG = "ー"


def romanised(text: str) -> str:
    """The text in small letters, those with a common spelling in ASCII written so; accents are taken off."""
    small = unicodedata.normalize("NFC", text).lower()
    spelt = "".join(_spelt(small, place) for place in range(len(small)))
    return "".join(sign for sign in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(sign))


def _spelt(text: str, place: int) -> str:
    sign = text[place]
    if sign.isascii():
        return sign
    known = letters()
    if sign in known:
        return known[sign]
    if sign in _DOUBLED:
        return _named(text[place + 1 : place + 2])[:1]
    if sign == _LONG:
        return ""
    apart = unicodedata.normalize("NFKD", sign)
    if ord(sign) not in _CHOSEON and apart[0] in known:
        return "".join(known.get(part, part) for part in apart)
    return _named(sign) or sign


def _named(sign: str) -> str:
    """The spelling that is in the name of a syllable: HANGUL SYLLABLE GIM, KATAKANA LETTER KA."""
    found = _NAMED.fullmatch(unicodedata.name(sign, "")) if sign else None
    return found[1].lower() if found else ""


@cache
def letters() -> dict[str, str]:
    """Each letter's spelling; one that is not heard has none. templates/drawer.js has some of them."""
    pairs = (pair for signs, spelt in _TABLES for pair in zip(signs.split(), spelt.split(), strict=True))
    return {sign: spelling.strip("_") for sign, spelling in pairs}
