"""A unit of a report: one recipe trained, or the untrained rivals scored, on one fold with one seed.

A result is stored under a hash of all that it depends on, so that a report that was stopped goes on where it was,
and a changed recipe computes anew only what it touches.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import molphenix_core
from molphenix_core.errors import InputError
from molphenix_core.training.job import EncoderConfig, Job
from molphenix_core.writing import written_aside

__all__ = [
    "DOSE",
    "NO_FOLD",
    "HoldOut",
    "Kind",
    "Shuffle",
    "Unit",
    "file_digest",
    "rivals_unit",
    "source_digest",
    "source_files",
    "store_result",
    "stored_result",
    "unit_key",
]

FORMAT = 1
"""Of stored results; another one makes all of them be computed anew."""

DOSE = "dose"
"""As the column of a :class:`HoldOut`: the nominal dose."""

NO_FOLD = -1
"""As the fold of a split: no molecule is held out."""

_COMPUTING = (
    *(f"{room}/**/*.py" for room in ("evaluation", "model", "molecules", "plates", "training")),
    *(f"paper/{name}.py" for name in ("measure", "contexts", "ranks", "analyses*")),
)
# In those rooms, but for the window and for sections of the report: no result depends on them.
_NOT_COMPUTING = (
    *(f"plates/{name}.py" for name in ("quality*", "hit_*", "dose_response", "hill_profile", "dose_readouts")),
    *(
        f"molecules/{name}.py"
        for name in ("mechanisms", "substructure", "structure_index", "common_substructure", "alerts")
    ),
    "paper/analyses_sections.py",
)

Kind = Literal["towers", "rivals", "analyses"]
Shuffle = Literal["structures", "doses"]


@dataclass(frozen=True)
class HoldOut:
    """Wells that are never trained on and are ranked instead.

    Parameters
    ----------
    column : str
        :data:`DOSE`, or a column of the wells, such as ``Metadata_Batch``.
    value : str or float
        What stands there; a dose in micromolar, nominal.
    """

    column: str
    value: str | float


@dataclass(frozen=True)
class Unit:
    """What one process computes at a time.

    Parameters
    ----------
    kind : {"towers", "rivals", "analyses"}
        Train the job and rank what is held out; rank it by all rivals that train no tower; train it and analyse
        it.
    job : Job
        The recipe. Its data are the files to train on, by absolute path; its fold and its seed are those of this
        unit.
    dealt : tuple of str
        Paths of all files whose molecules are dealt into scaffold folds together, those of the job among them.
    held_out : HoldOut, optional
        Ranked in place of scaffolds and plates.
    shuffle : {"structures", "doses"}, optional
        What to shuffle away in the training data.
    active_by : EncoderConfig, optional
        The encoder in whose space activity is measured, for the gallery "active": the same for all recipes that
        are compared.
    """

    kind: Kind
    job: Job
    dealt: tuple[str, ...]
    held_out: HoldOut | None = None
    shuffle: Shuffle | None = None
    active_by: EncoderConfig | None = None

    @property
    def seed(self) -> int:
        """Of the training."""
        return self.job.fit.seed

    @property
    def fold(self) -> int:
        """The scaffold fold that is held out, :data:`NO_FOLD` for none."""
        return self.job.split.fold


def rivals_unit(unit: Unit) -> Unit:
    """The unit of the rivals on the same data and split: it keeps nothing of the recipe but the encoder.

    Parameters
    ----------
    unit : Unit
        Of a recipe that is trained.

    Returns
    -------
    Unit
    """
    job = unit.job
    plain = Job(
        name=job.name,
        data=job.data,
        encoder=job.encoder,
        split=job.split,
        activity_threshold=job.activity_threshold,
    )
    return replace(unit, kind="rivals", job=plain, shuffle=None)


def file_digest(path: str | Path) -> str:
    """SHA-256 of a file.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def source_files() -> tuple[str, ...]:
    """The source files that results depend on.

    Returns
    -------
    tuple of str
        Paths inside the package, sorted.
    """
    package = Path(molphenix_core.__file__).parent

    def found(patterns: tuple[str, ...]) -> set[str]:
        return {path.relative_to(package).as_posix() for pattern in patterns for path in package.glob(pattern)}

    return tuple(sorted(found(_COMPUTING) - found(_NOT_COMPUTING)))


@cache
def source_digest() -> str:
    """Hash of the source of what computes: results of one recipe by two states of it are not one experiment's.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    digest = hashlib.sha256(molphenix_core.__version__.encode())
    for name in source_files():
        digest.update(name.encode())
        digest.update((Path(molphenix_core.__file__).parent / name).read_bytes())
    return digest.hexdigest()[:12]


def unit_key(unit: Unit, digests: Mapping[str, str]) -> str:
    """Name of a unit's result: a hash of all that the result depends on.

    Parameters
    ----------
    unit : Unit
    digests : mapping of str to str
        SHA-256 of every file, by path.

    Returns
    -------
    str
        32 hexadecimal digits. Names, titles and places of files do not count.
    """
    recipe = unit.job.to_dict()
    for field in ("name", "data", "cross_validation_seeds"):
        del recipe[field]
    described = {
        "format": FORMAT,
        "version": molphenix_core.__version__,
        "kind": unit.kind,
        "recipe": recipe,
        "data": [[digests[config.path], config.sphere] for config in unit.job.data],
        "dealt": sorted(digests[path] for path in unit.dealt),
        "held_out": None if unit.held_out is None else dataclasses.asdict(unit.held_out),
        "shuffle": unit.shuffle,
        "active_by": None if unit.active_by is None else dataclasses.asdict(unit.active_by),
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:32]


def _place(folder: Path, key: str) -> Path:
    return folder / f"{key}.json"


def store_result(folder: str | Path, key: str, result: Mapping[str, Any]) -> None:
    """Write a result aside and put it in its place.

    Parameters
    ----------
    folder : path
        Which exists.
    key : str
        Of the unit.
    result : mapping
        JSON values.

    Raises
    ------
    InputError
        When it cannot be written there.
    """
    text = json.dumps(result, allow_nan=False)
    with written_aside(_place(Path(folder), key)) as temporary:
        envelope = {"key": key, "sha256": hashlib.sha256(text.encode()).hexdigest(), "result": text}
        temporary.write_text(json.dumps(envelope), encoding="utf-8")


def stored_result(folder: str | Path, key: str) -> dict[str, Any] | None:
    """Read a stored result.

    Parameters
    ----------
    folder : path
    key : str

    Returns
    -------
    dict or None
        None where there is none, or where it is damaged: it is to be computed anew then.
    """
    try:
        envelope = json.loads(_place(Path(folder), key).read_text(encoding="utf-8"))
        text = envelope["result"]
        if envelope["key"] != key or envelope["sha256"] != hashlib.sha256(text.encode()).hexdigest():
            return None
        result: dict[str, Any] = json.loads(text)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    except OSError as error:
        raise InputError(_place(Path(folder), key), "file", str(error), "a readable file") from error
    return result
