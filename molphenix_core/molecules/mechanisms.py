"""A curated vocabulary of mechanisms of action, and free text put into its words.

Sources name one mechanism in many ways ("Aurora A inhibitor", "inhibitor of Aurora A kinase", "AURKA"), so
their texts cannot be counted as they are. The vocabulary is a table, ``resources/mechanisms.csv``, for people to
read and correct:

``mechanism``
    Name of a target, or of the whole class where ``kind`` is ``effect``.
``kind``
    What follows the name in a class:

    ===========  ===================  ====================  ========================
    kind         text says it blocks  text says it drives   text says neither
    ===========  ===================  ====================  ========================
    target       inhibitor            activator             inhibitor
    receptor     antagonist           agonist               ligand
    channel      blocker              opener                modulator
    effect       (the name alone)     (the name alone)      (the name alone)
    general      inhibitor            activator             inhibitor
    none         the text names no mechanism, whatever else it says
    ===========  ===================  ====================  ========================

    A bare target, such as a gene symbol, is taken for an inhibitor: what is sold against enzymes and pathways
    mostly is one. A bare receptor or channel is not: its action stays open. ``general`` counts only where a text
    names nothing more special.
``terms``
    Synonyms, with semicolons between them. Case, hyphens, plurals and the spelling of Greek letters do not matter.
``comment``
    Why, where that is not plain.

Of several terms at one place the longest counts: "beta adrenergic" is not also "adrenergic".
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from molphenix_core.errors import TableError
from molphenix_core.resources import resource_folder

__all__ = ["MechanismVocabulary", "canonical_mechanisms", "default_vocabulary", "read_vocabulary"]

# By kind: said to block, said to drive, neither.
_CLASSES: Mapping[str, tuple[str, str, str]] = {
    "target": (" inhibitor", " activator", " inhibitor"),
    "receptor": (" antagonist", " agonist", " ligand"),
    "channel": (" blocker", " opener", " modulator"),
    "effect": ("", "", ""),
    "general": (" inhibitor", " activator", " inhibitor"),
}
_NONE = "none"
_BLOCKED, _DRIVEN, _UNSTATED = range(3)

_BLOCKS = re.compile(r"anta?o?gonis|inhibit|inihibit|block|degrad|inverse|negative")
_DRIVES = re.compile(r"agonist|activator|activates|stimulat|inducer|opener|potentiator|positive|mimetic")
_LETTERS = {
    "a": "alpha",
    "b": "beta",
    "g": "gamma",
    "d": "delta",
    "e": "epsilon",
    "k": "kappa",
    "q": "theta",
    "α": "alpha",
    "β": "beta",
    "ß": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "θ": "theta",
}
# Greek letters as sources spell them in Latin ones: "PI3K.a./.b", "a.-adrenoceptor", "I.k.B.a".
_DOTTED = re.compile(r"(?:\.|(?<![a-z0-9.]))([abgdekq])\.|\.([abgdekq])(?![a-z0-9])")
_GREEK = re.compile("[αβßγδεκθ]")
_TOKEN = re.compile(r"[a-z0-9]+|[,;|]")


@dataclass(frozen=True)
class _Word:
    text: str
    clause: int


def _words(text: str) -> list[_Word]:
    lowered = _DOTTED.sub(lambda found: f" {_LETTERS[found[1] or found[2]]} ", text.lower())
    lowered = _GREEK.sub(lambda found: f" {_LETTERS[found[0]]} ", lowered)
    lowered = "".join(each for each in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(each))
    # A Greek letter and the number of its subtype are one word, however they are parted.
    lowered = re.sub(r"\b(alpha|beta)[ -]+(?=\d[a-d]?\b)", r"\1", lowered)
    words = []
    clause = 0
    for token in _TOKEN.findall(lowered):
        if token in ",;|":
            clause += 1
        else:
            # Plurals, but not "us", "is" and "ss".
            words.append(_Word(re.sub(r"(?<=[a-z]{3}[^suio])s$", "", token), clause))
    return words


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: str


@dataclass(frozen=True, eq=False)
class MechanismVocabulary:
    """Terms, and the classes of mechanism that they stand for.

    Attributes
    ----------
    entries : mapping of tuple of str to entry
        By the normalised words of a term.
    """

    entries: Mapping[tuple[str, ...], _Entry]

    @cached_property
    def _longest(self) -> dict[str, int]:
        longest: dict[str, int] = {}
        for words in self.entries:
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
        return longest

    def canonical(self, text: str) -> tuple[str, ...]:
        """Name the mechanisms that a text states.

        Parameters
        ----------
        text : str
            Free text of any source.

        Returns
        -------
        tuple of str
            Classes, each once, in the order of the text; empty where it states none that the vocabulary knows.
        """
        words = _words(text)
        found: list[tuple[_Entry, int]] = []
        start = 0
        while start < len(words):
            length = self._longest.get(words[start].text, 0)
            while length and tuple(word.text for word in words[start : start + length]) not in self.entries:
                length -= 1
            if not length:
                start += 1
                continue
            entry = self.entries[tuple(word.text for word in words[start : start + length])]
            if entry.kind == _NONE:
                return ()
            found.append((entry, _action(words, start, start + length)))
            start += length
        special = any(entry.kind != "general" for entry, _ in found)
        stated = {entry for entry, action in found if action != _UNSTATED}
        classes = (
            entry.name + _CLASSES[entry.kind][action]
            for entry, action in found
            if (entry.kind != "general" or not special) and (action != _UNSTATED or entry not in stated)
        )
        return tuple(dict.fromkeys(classes))


def _action(words: Sequence[_Word], start: int, stop: int) -> int:
    """What the clauses of a term, words ``start`` to ``stop``, say of its target."""
    clauses = {word.clause for word in words[start:stop]}
    nearest, action = len(words) + 1.0, _UNSTATED
    for place, word in enumerate(words):
        if word.clause not in clauses:
            continue
        if _BLOCKS.match(word.text):
            found = _BLOCKED
        elif _DRIVES.match(word.text):
            found = _DRIVEN
        else:
            continue
        # Of two equally near the later counts: "activator of X" is rarer than "X activator".
        distance = max(start - place, place - (stop - 1) - 0.5, 0)
        if distance < nearest:
            nearest, action = distance, found
    return action


def read_vocabulary(path: str | Path) -> MechanismVocabulary:
    """Read a vocabulary of mechanisms.

    Parameters
    ----------
    path : path
        CSV in UTF-8 with columns ``mechanism``, ``kind``, ``terms`` and ``comment``; see the module.

    Returns
    -------
    MechanismVocabulary

    Raises
    ------
    TableError
        The file cannot be read, a column is missing, a kind is unknown, or a term is empty or stands twice.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(path, "file", str(error), "a table of mechanisms") from error
    entries: dict[tuple[str, ...], _Entry] = {}
    for number, row in enumerate(rows, start=2):
        missing = [column for column in ("mechanism", "kind", "terms") if not (row.get(column) or "").strip()]
        if missing:
            raise TableError(path, f"line {number}, {missing[0]}", "nothing", "a value")
        kind = row["kind"].strip()
        if kind not in (*_CLASSES, _NONE):
            raise TableError(path, f"line {number}, kind", repr(kind), "one of " + ", ".join((*_CLASSES, _NONE)))
        for term in row["terms"].split(";"):
            words = tuple(word.text for word in _words(term))
            if not words:
                raise TableError(path, f"line {number}, terms", repr(row["terms"]), "terms with a ; between two")
            if words in entries:
                raise TableError(
                    path,
                    f"line {number}, terms",
                    f"{term.strip()!r}, which already stands for {entries[words].name!r}",
                    "each term once",
                )
            entries[words] = _Entry(row["mechanism"].strip(), kind)
    return MechanismVocabulary(entries)


@lru_cache(maxsize=1)
def default_vocabulary() -> MechanismVocabulary:
    """The vocabulary that ships.

    Returns
    -------
    MechanismVocabulary

    Raises
    ------
    TableError
        It is damaged.
    """
    return read_vocabulary(resource_folder() / "mechanisms.csv")


def canonical_mechanisms(text: str | None) -> tuple[str, ...]:
    """Name the mechanisms that a text states, in the words of the vocabulary that ships.

    Parameters
    ----------
    text : str or None
        Free text of any source; None or empty where nothing is known.

    Returns
    -------
    tuple of str
        Such as ``("Aurora kinase inhibitor", "FLT3 kinase inhibitor")``; a molecule may have several. Empty where
        the text is empty, says "unknown" or names no mechanism that the vocabulary knows.
    """
    return default_vocabulary().canonical(text) if text else ()
