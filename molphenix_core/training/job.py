"""Training jobs: what a JSON job file may ask for, checked where it enters."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from molphenix_core.errors import InputError, JobError
from molphenix_core.model.kernel_head import KernelHeadConfig
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.encoder import MoleculeEncoderConfig
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.training.fit import FitConfig

__all__ = ["DataConfig", "EncoderConfig", "Job", "SplitConfig", "read_job"]

_MOST = 2**31
_RANGES: dict[str, tuple[float, float]] = {
    "components": (1, _MOST),
    "limit": (0.1, _MOST),
    "folds": (2, _MOST),
    "joint": (1, 1e5),
    "width": (1, 1e5),
    "molecule_blocks": (0, 100),
    "phenomics_blocks": (0, 100),
    "dropout": (0, 0.99),
    "input_dropout": (0, 0.99),
    "epochs": (1, _MOST),
    "batch_size": (2, _MOST),
    "threads": (1, 1024),
    "dose_dropout": (0, 1),
    "threshold": (0, 1),
    "keep": (0, 1),
    "activity_threshold": (0, 1),
    "cutoff": (0, 1),
    "distance_scale": (1e-6, _MOST),
    "ridge": (1e-6, _MOST),
    "dose_width": (1e-3, 100),
    "shrinkage": (1e-6, 1),
}


@dataclass(frozen=True)
class DataConfig:
    """A plate file to train on.

    Parameters
    ----------
    path : str
        Of the ``.h5ad`` file, relative to the job file.
    sphere : bool
        Sphere embeddings that are not CellProfiler profiles, by the components and the shrinkage of the job's
        encoder fitted on their training treatments.
    title, source, licence : str
        What the card says of it.
    """

    path: str
    sphere: bool = False
    title: str = ""
    source: str = ""
    licence: str = ""


@dataclass(frozen=True)
class EncoderConfig:
    """The profile encoder to fit on CellProfiler profiles; see :class:`~molphenix_core.plates.encoder`."""

    components: int = 128
    shrinkage: float = 0.3
    limit: float = 5.0


@dataclass(frozen=True)
class SplitConfig:
    """What is held out.

    Parameters
    ----------
    folds, fold, seed : int
        Molecules are dealt into folds by Murcko scaffold; this fold is never trained on.
    held_out_plates : tuple of str
        Barcodes whose wells are never trained on, to test seen molecules on unseen plates.
    """

    folds: int = 5
    fold: int = 0
    seed: int = 0
    held_out_plates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A training job.

    Parameters
    ----------
    name : str
        Of the bundle.
    data : tuple of DataConfig
        Plate files; those of one embedding space are trained through one tower.
    encoder : EncoderConfig or None
        Fitted per set of CellProfiler profiles; None takes the embeddings as they are.
    split : SplitConfig
    molecule_features : tuple of str
        Blocks of :class:`molphenix_core.molecules.features.FeatureSet`.
    dose_encoding : tuple of str
        Kinds of :class:`molphenix_core.molecules.doses.DoseEncoding`.
    molecule_encoder : MoleculeEncoderConfig or None
        Fitted on the features of the training molecules; None scales the features and takes them as they are.
    kernel_head : KernelHeadConfig or None
        A closed-form head beside the towers, which needs a molecule encoder; None leaves the towers alone.
    model : TowerShape
    fit : FitConfig
    activity_threshold : float
        Treatments with p below it make the "active" gallery.
    cross_validation_seeds : int
        Also train the same recipe on every scaffold fold in turn, with so many seeds, and put the pooled figures
        on the card; zero leaves that out.
    """

    name: str
    data: tuple[DataConfig, ...]
    encoder: EncoderConfig | None = field(default_factory=EncoderConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    molecule_features: tuple[str, ...] = ("morgan", "rdkit_path", "maccs", "descriptors")
    dose_encoding: tuple[str, ...] = ("sigmoid",)
    molecule_encoder: MoleculeEncoderConfig | None = None
    kernel_head: KernelHeadConfig | None = None
    model: TowerShape = field(default_factory=TowerShape)
    fit: FitConfig = field(default_factory=FitConfig)
    activity_threshold: float = 0.1
    cross_validation_seeds: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)


def read_job(path: str | Path) -> Job:
    """Read and check a job file.

    Parameters
    ----------
    path : path
        JSON in UTF-8, its keys the fields of :class:`Job`.

    Returns
    -------
    Job

    Raises
    ------
    JobError
        Naming the key, what stands there and what is expected; unknown keys are refused.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise JobError(path, "file", str(error), "a readable JSON job file") from error
    job = _build(path, "job", Job, content)
    if not job.data:
        raise JobError(path, "job.data", "an empty list", "at least one plate file")
    if Path(job.name).name != job.name or not job.name.strip(". "):
        raise JobError(path, "job.name", repr(job.name), "a name that a folder can have")
    if job.split.fold >= job.split.folds:
        raise JobError(
            path, "job.split.fold", str(job.split.fold), f"0 to {job.split.folds - 1}, one of the folds"
        )
    if job.fit.device not in ("auto", "cpu", "cuda"):
        raise JobError(path, "job.fit.device", repr(job.fit.device), "'auto', 'cpu' or 'cuda'")
    if job.kernel_head is not None and job.molecule_encoder is None:
        raise JobError(path, "job.molecule_encoder", "nothing", "an encoder, which the kernel head needs")
    for key, make in (
        ("molecule_features", lambda: FeatureSet(job.molecule_features)),
        ("dose_encoding", lambda: DoseEncoding.fit(job.dose_encoding, [1.0])),
    ):
        try:
            make()
        except InputError as error:
            raise JobError(path, f"job.{key}", error.found, error.expected) from error
    return job


def _build(path: Path, where: str, kind: Any, content: object) -> Any:
    if not isinstance(content, dict):
        raise JobError(path, where, repr(content)[:60], "an object with named values")
    fields = {f.name: f for f in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(content) - set(fields))
    if unknown:
        raise JobError(path, f"{where}.{unknown[0]}", "an unknown key", "one of " + ", ".join(sorted(fields)))
    for name, f in fields.items():
        required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        if required and name not in content:
            raise JobError(path, f"{where}.{name}", "nothing", "a value")
    return kind(**{key: _value(path, f"{where}.{key}", hints[key], value) for key, value in content.items()})


def _value(path: Path, where: str, hint: Any, value: object) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _value(path, where, arguments[0], value)
    if dataclasses.is_dataclass(hint):
        return _build(path, where, hint, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise JobError(path, where, repr(value)[:60], "a list")
        return tuple(_value(path, f"{where}[{i}]", arguments[0], item) for i, item in enumerate(value))
    if origin is typing.Literal:
        if value not in arguments:
            raise JobError(path, where, repr(value)[:60], "one of " + ", ".join(map(str, arguments)))
        return value
    if hint is bool:
        if not isinstance(value, bool):
            raise JobError(path, where, repr(value)[:60], "true or false")
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or isinstance(value, bool):
        raise JobError(
            path, where, repr(value)[:60], {"int": "a whole number", "str": "text"}.get(hint.__name__, "a number")
        )
    if hint is not str:
        low, high = _RANGES.get(where.rpartition(".")[2], (0, _MOST))
        # Written so that NaN, which Python's JSON reads, is outside.
        if not low <= value <= high:
            raise JobError(path, where, repr(value), f"{low} to {high}" if high < _MOST else f"{low} or more")
    return value
