"""Numbers and times as the user's locale writes them. Files stay with the point and without groups."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QDateTime, QLocale

__all__ = ["fixed", "in_locale", "integer", "local_time", "locale", "number", "percent", "read_number"]

_ENGLISH_LOCALE = QLocale(QLocale.Language.English)
# Not part of a name, a version or a path: "cell-painting-1.2", "v1.2.3".
_ENGLISH = re.compile(r"(?<![\w.,/])(?<!\w-)(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w/]|[.,]\d)")


def locale() -> QLocale:
    """The user's locale; English where the system names none."""
    default = QLocale()
    # By its name: Python makes an object of its language, which takes longer than all the rest.
    return default if default.name() != "C" else _ENGLISH_LOCALE


def _localised(text: str) -> str:
    return text.replace(".", locale().decimalPoint())


def number(value: float, digits: int = 3) -> str:
    """Significant digits, without an exponent where that is short.

    Parameters
    ----------
    value : float
        NaN is "–".
    digits : int
        Significant ones.
    """
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if 1e-3 <= size < 10.0 ** max(digits, 4):
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        # Trailing zeros would promise digits that were never measured; whole numbers keep theirs.
        text = f"{value:.{decimals}f}"
        return _localised(text.rstrip("0").rstrip(".") if "." in text else text)
    return _localised(f"{value:.{max(digits - 2, 1)}e}")


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, as columns want it; NaN is "–"."""
    return "–" if math.isnan(value) else locale().toString(float(value), "f", decimals)


def integer(value: int) -> str:
    """A whole number with groups of digits: 1,747."""
    return locale().toString(int(value))


def percent(share: float, digits: int = 2) -> str:
    """A share of one in per cent: "5.7 %"."""
    return f"{number(100 * share, digits)} %"


def local_time(utc: str) -> str:
    """A time as :func:`app.hit_entries.now` writes it, in local time and in the locale's short form."""
    when = QDateTime.fromString(utc, "yyyy-MM-ddTHH:mm:ssZ")
    when.setTimeZone(when.timeZone().utc())
    return locale().toString(when.toLocalTime(), QLocale.FormatType.ShortFormat)


def in_locale(text: str) -> str:
    """A sentence of the library's, its numbers as the locale writes them."""
    point, group = locale().decimalPoint(), locale().groupSeparator()
    if (point, group) == (".", ","):
        return text
    marks = {".": point, ",": group}
    return _ENGLISH.sub(lambda match: "".join(marks.get(letter, letter) for letter in match[0]), text)


def read_number(text: str) -> float | None:
    """What the user typed, with the locale's marks or with a point; None where it is no finite number."""
    text = text.strip().replace("−", "-")
    value, fits = locale().toDouble(text)
    if not fits:
        value, fits = QLocale.c().toDouble(text)
    return value if fits and math.isfinite(value) else None
