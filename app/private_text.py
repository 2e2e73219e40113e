"""Takes out of a text what is nobody else's business: folders, names of files and users, structures.

It is better to take out too much than too little: what looks like a path or a structure goes, known or not.
"""

from __future__ import annotations

import getpass
import logging
import re
import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Secrets", "hide", "own_secrets"]

_log = logging.getLogger(__name__)

_STRUCTURE, _PATH, _USER, _FILE, _NAME = "<structure>", "<path>", "<user>", "<file>", "<compound>"
_PLACEHOLDER = re.compile(r"(<(?:structure|path|user|file|compound)>)")
_INCHI = re.compile(r"InChI=[^\s'\"]+")
_INCHIKEY = re.compile(r"(?<![A-Za-z0-9])[A-Z]{14}-[A-Z]{10}-[A-Z](?![A-Za-z0-9])")
_SMILES = re.compile(
    r"(?:\[[^\[\]\s]{1,12}\]|Br|Cl|[BCNOPSFIbcnops*])"
    r"(?:\[[^\[\]\s]{1,12}\]|Br|Cl|[BCNOPSFIbcnops*]|[-=#$:/\\.~()]|%\d\d|\d)*"
)
_SHORTEST_SMILES = 3
_NO_SMILES = {"I/O"}
_MARKS = set("()[]=#123456789")
# What may stand around a structure in a sentence or in code.
_BETWEEN = re.compile(r"([\s'\"`,;|<>{}]+)")
_AROUND = ".,:;!?()[]"
# Folders below which every installation is alike.
_ALIKE = ("site-packages/", "molphenix_core/", "app/", "lib/python3.")
_ENDING = (
    r"\.(?:h5ad|h5mu|h5|hdf5|zarr|npz|npy|csv|tsv|txt|parquet|sdf|mol|smi|xlsx|xls|jsonl|json|html|pdf|png|svg|tiff?"
    r"|zip|gz|log|toml|yaml|yml|pt|py|molphenix)(?![\w/\\])"
)
_ROOT = r"(?<![\w<>.\-/\\])(?:[A-Za-z]:[\\/]|\\\\|~?/)"
# Folders and files may have blanks in their names, so that only quotes, the ending of a file, or the end of the
# clause tell where a path ends.
# Lengths are bounded, or a line without an end would take its time for each of its letters.
_PATHS = (
    re.compile(r"(?<=[\"'])(?:[A-Za-z]:[\\/]|[\\/~])[^\"'\n<>]*(?=[\"'])"),
    re.compile(rf"{_ROOT}[^\s\"'<>|*?][^\n\"'<>|*?]{{0,300}}?{_ENDING}", re.I),
    re.compile(rf"{_ROOT}[^\s\"'<>|*?:;,][^\n\"'<>|*?:;,()]*"),
    # Without a root: from the beginning of the clause, and where there is no ending, two folders at least.
    re.compile(
        rf"(?<![\w<>.\-/\\])[^\W_][^\n\"'<>|*?:;,()=/\\]{{0,120}}[\\/][^\n\"'<>|*?]{{0,300}}?{_ENDING}",
        re.I,
    ),
    re.compile(r"(?<![\w<>.\-/\\])[\w.\-]+(?:[\\/]{1,2}[\w.\-]*[^\W\d_][\w.\-]*){2,}"),
)
# What follows a folder that is hidden already: in quotes up to their end, else up to an ending or a blank.
_REST_OF_PATH = (
    re.compile(r"(?<=[\"'])<path>[\\/][^\"'\n<>]*(?=[\"'])"),
    re.compile(rf"<path>[\\/][^\n\"'<>|*?]{{0,300}}?{_ENDING}", re.I),
    re.compile(r"<path>[\\/][^\n\"'<>|*?:;,()]*"),
)
_DATA_FILES = (
    re.compile(rf"(?<=[\"'])[^\"'\n<>]*{_ENDING}(?=[\"'])", re.I),
    # The subject of an error, as in "some plate.h5ad: field: ...".
    re.compile(
        rf"(?:^|(?<=: ))[^\s\"'<>|*?:;,()][^\n\"'<>|*?:;,()]{{0,300}}?{_ENDING}(?=\s*(?::|$))", re.I | re.M
    ),
    re.compile(rf"[^\s\"'<>|*?:;,()]{{1,300}}{_ENDING}", re.I),
)
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Secrets:
    """What is known to be private.

    Parameters
    ----------
    folders : tuple of str
        Paths of folders, the home folder among them.
    files : tuple of str
        Paths of files; their names go too, without their ending.
    users : tuple of str
        Names of users and machines.
    structures : collection of str
        SMILES, InChI and InChIKeys.
    names : collection of str
        Names of compounds, of three characters or more.
    """

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    structures: Collection[str] = ()
    names: Collection[str] = ()


def own_secrets(
    files: Iterable[str] = (),
    structures: Collection[str] = (),
    names: Collection[str] = (),
    folders: Iterable[str] = (),
) -> Secrets:
    """What is private about this user and machine, and what is said to be.

    Parameters
    ----------
    files : iterable of str
        Paths of the files that are or were open.
    structures, names : collection of str
        See :class:`Secrets`.
    folders : iterable of str
        Besides the home folder.
    """
    users = {socket.gethostname(), Path.home().name}
    try:
        users.add(getpass.getuser())
    except (OSError, KeyError, ImportError) as error:
        # A process without a user of its own, as in a container: its home folder is hidden all the same.
        _log.debug("no user name: %s", error)
    return Secrets(
        (str(Path.home()), *filter(None, folders)), tuple(files), tuple(sorted(users)), structures, names
    )


def hide(text: str, secrets: Secrets) -> str:
    """Replace what is private by words in angle brackets.

    Parameters
    ----------
    text : str
    secrets : Secrets

    Returns
    -------
    str
        No path with its folders survives, known or not, except below the program's own packages; nor does an
        InChI, an InChIKey, or a word that reads as SMILES; nor the names of users and known files.
    """
    text = _replace(text, (*secrets.folders, *secrets.files), _PATH)
    text = _replace_files(text, secrets.files)
    text = _replace(text, {str(one) for one in secrets.structures if len(one) > _SHORTEST_SMILES}, _STRUCTURE)
    for rest in _REST_OF_PATH:
        text = rest.sub(_short_path, text)
    for path in _PATHS:
        text = _outside(text, lambda part, path=path: path.sub(_short_path, part))  # type: ignore[misc]
        # A place in the program is found again behind its hidden folder.
        text = text.replace(_PATH + _PATH, _PATH)
    for file in _DATA_FILES:
        text = _outside(text, lambda part, file=file: file.sub(_hide_file, part))  # type: ignore[misc]
    text = _outside(text, lambda part: _INCHIKEY.sub(_STRUCTURE, _INCHI.sub(_STRUCTURE, part)))
    known = frozenset(secrets.structures)
    text = _outside(text, lambda part: "".join(_word(word, known) for word in _BETWEEN.split(part)))
    text = _replace_words(text, {_stem(file) for file in secrets.files}, _FILE)
    folded = text.casefold()
    long = (name.strip() for name in secrets.names if len(name.strip()) >= _SHORTEST_NAME)
    text = _replace_words(text, {name for name in long if name.casefold() in folded and not name.isdigit()}, _NAME)
    return _replace_words(text, secrets.users, _USER)


def _stem(file: str) -> str:
    return Path(file.replace("\\", "/")).stem


def _replace_files(text: str, files: Iterable[str]) -> str:
    """Names of known files, and of what is written beside them, as "plate_hits.csv"."""
    stems = sorted({re.escape(stem) for file in files if len(stem := _stem(file)) > 1}, key=len, reverse=True)
    if not stems:
        return text
    beside = re.compile(rf"(?<![^\W_])(?:{'|'.join(stems)})[\w \-.()]{{0,40}}?{_ENDING}", re.I)
    return _outside(text, lambda part: beside.sub(_FILE, part))


def _hide_file(match: re.Match[str]) -> str:
    # Places in the program are no data.
    return match[0] if match[0].endswith(".py") else _FILE


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Change what lies between the words in angle brackets."""
    parts = _PLACEHOLDER.split(text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _written(path: str) -> set[str]:
    """A path as it may be written: with either separator, and with doubled ones as in Python's quotes."""
    path = path.rstrip("/\\")
    ways = {path, path.replace("\\", "/"), path.replace("/", "\\"), path.replace("\\", "\\\\")}
    return {way for way in ways if len(way) > 1}


def _replace(text: str, secrets: Iterable[str], by: str) -> str:
    wanted = {way for secret in secrets for way in (_written(secret) if by == _PATH else {secret})}
    found = [re.escape(way) for way in sorted(wanted, key=len, reverse=True) if way.casefold() in text.casefold()]
    if not found:
        return text
    flags = re.IGNORECASE if by == _PATH else 0
    return _outside(text, lambda part: re.sub("|".join(found), by, part, flags=flags))


def _replace_words(text: str, words: Iterable[str], by: str) -> str:
    wanted = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    if not wanted:
        return text
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, wanted))})(?![^\W_])", re.IGNORECASE)
    return _outside(text, lambda part: pattern.sub(by, part))


def _short_path(match: re.Match[str]) -> str:
    path = match[0].replace("\\\\", "/").replace("\\", "/")
    for alike in _ALIKE:
        place = path.rfind(f"/{alike}")
        if place >= 0 and path.endswith(".py"):
            return f"{_PATH}{path[place:]}"
    if "/" not in path.strip("/~") and len(path) < 3:
        # A lone stroke, as in "wells / plate".
        return match[0]
    return _PATH


def _word(word: str, known: Collection[str]) -> str:
    """A word of a text, with what stands for structures in it."""
    for bare in (word, word.rstrip(".,:;!?"), word.strip(_AROUND)):
        if bare and bare in known:
            return word.replace(bare, _STRUCTURE)
    return _SMILES.sub(_hide_smiles, word)


def _hide_smiles(match: re.Match[str]) -> str:
    """What stands for a part of a word that SMILES might be made of."""
    text, start, word = match.string, match.start(), match[0]
    if text[match.end() : match.end() + 1].isalnum():
        # The beginning of another word, and what may be a structure before a sign, as in "CCO=plate".
        word = re.sub(r"[^\W_]+\Z", "", word)
    # No structure ends in a bond.
    word = word.rstrip("-=#$:/\\.~(")
    if start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        # The end of a word, and what may be a structure behind a sign, as in "smiles=CCO".
        sign = re.search(r"\W", match[0])
        if sign is None:
            return match[0]
        return match[0][: sign.end()] + _SMILES.sub(_hide_smiles, match[0][sign.end() :])
    return _STRUCTURE + match[0][len(word) :] if _reads_as_smiles(word) else match[0]


def _reads_as_smiles(word: str) -> bool:
    if len(word) < _SHORTEST_SMILES or word in _NO_SMILES:
        return False
    atoms = [letter for letter in word.replace("Br", "B").replace("Cl", "C") if letter.isalpha()]
    # "no" and "so" are made of atoms too; words with rings, branches or bonds are rare, and so are capitals alone.
    return len(atoms) > 1 and (bool(_MARKS & set(word)) or all(atom.isupper() for atom in atoms))
