"""What is wrong with a SMARTS, in words and with the place."""

from __future__ import annotations

import re

__all__ = ["explain_smarts"]

_CLOSING = {"[": "]", "(": ")"}
_POSITION = re.compile(r"around position (\d+)")


def explain_smarts(smarts: str, log: str) -> str:
    """Say why a text is no SMARTS.

    Parameters
    ----------
    smarts : str
        What RDKit refused.
    log : str
        What RDKit logged meanwhile.

    Returns
    -------
    str
        One clause for the user, such as "the ( at position 2 is never closed"; positions count from 1.
    """
    words = smarts.split()
    if len(words) > 1:
        place = smarts.index(words[1], len(words[0]))
        return f"a space or line break before position {place + 1}, where a SMARTS has none"
    unbalanced = _unbalanced(smarts)
    if unbalanced:
        return unbalanced
    if "unclosed ring" in log:
        return _open_ring(smarts)
    found = _POSITION.search(log)
    if found is None:
        return "RDKit cannot read it"
    position = int(found[1])
    if position >= len(smarts):
        return f"something is missing or wrong at its end, at position {len(smarts)}"
    return f"{smarts[position - 1]!r} at position {position} is not understood there"


def _unbalanced(smarts: str) -> str:
    opened: list[tuple[str, int]] = []
    for position, letter in enumerate(smarts, start=1):
        if letter in _CLOSING:
            opened.append((letter, position))
        elif letter in _CLOSING.values():
            if not opened or _CLOSING[opened[-1][0]] != letter:
                return f"the {letter} at position {position} closes nothing"
            opened.pop()
    if not opened:
        return ""
    letter, position = opened[-1]
    return f"the {letter} at position {position} is never closed"


def _open_ring(smarts: str) -> str:
    """Name the ring number that stands an odd number of times outside brackets."""
    outside = re.sub(r"\[[^\]]*\]", lambda found: " " * len(found[0]), smarts)
    opened: dict[str, int] = {}
    for found in re.finditer(r"%\((\d+)\)|%(\d\d)|(\d)", outside):
        number = found[1] or found[2] or found[3]
        if number in opened:
            del opened[number]
        else:
            opened[number] = found.start() + 1
    if not opened:
        return "a ring is opened and never closed"
    number, position = next(iter(opened.items()))
    return f"ring {number}, opened at position {position}, is never closed"
