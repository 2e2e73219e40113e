"""What the files of a model bundle hold: its card, and its tensors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from molphenix_core.errors import BundleError, InputError
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.kernel_head import KernelHead
from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import TowerKind, TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.encoder import MoleculeEncoder
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.molecules.standardise import STANDARDISER
from molphenix_core.plates.encoder import ProfileEncoder
from molphenix_core.plates.plate import Plate

__all__ = ["CARD", "FORMAT", "TENSORS", "arrays_from", "assemble", "card_of", "sha256", "tensors_of", "to_json"]

FORMAT = 1
CARD = "card.json"
TENSORS = "model.safetensors"

_KERNEL = "kernel components"
_WIDEST = 10**6


def tensors_of(bundle: Bundle) -> dict[str, NDArray[Any]]:
    """All arrays of a bundle by the name they are stored under.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    dict of str to ndarray
        "retriever.*" in float16; "scaler.*", "encoder.<space>.*" and "head.<space>.*" in their own types.
    """
    out: dict[str, NDArray[Any]] = {}
    for name, tensor in bundle.retriever.state_dict().items():
        out[f"retriever.{name}"] = tensor.detach().to(torch.float16).contiguous().numpy()
    for name, array in bundle.scaler.to_arrays().items():
        out[f"scaler.{name}"] = np.ascontiguousarray(array)
    for space, encoder in bundle.encoders.items():
        out[f"encoder.{space}.mean"] = encoder.mean
        out[f"encoder.{space}.matrix"] = np.ascontiguousarray(encoder.matrix)
    for space, head in bundle.heads.items():
        for name, array in head.to_arrays().items():
            out[f"head.{space}.{name}"] = np.ascontiguousarray(array)
    return out


def card_of(bundle: Bundle, files: Mapping[str, str]) -> dict[str, Any]:
    """The card of a bundle.

    Parameters
    ----------
    bundle : Bundle
    files : mapping of str to str
        SHA-256 of each of its other files, by name.

    Returns
    -------
    dict
        JSON values: the bundle's facts, what it takes to assemble it, and the hashes of its files, of its molecule
        path and of the card itself (``hashes.whole``, taken before that entry is there).
    """
    widths = bundle.retriever.spaces
    encoders = {
        space: {
            "kind": "sphered-pca",
            "features": list(encoder.feature_names),
            "limit": encoder.limit,
            "input_space": encoder.input_space,
        }
        for space, encoder in bundle.encoders.items()
    }
    card: dict[str, Any] = {
        **bundle.facts,
        "format": FORMAT,
        "name": bundle.name,
        "architecture": asdict(bundle.retriever.shape),
        "molecule": {
            "standardiser": STANDARDISER,
            "feature_blocks": list(bundle.feature_set.blocks),
            "features": bundle.scaler.width,
            "encoder": _KERNEL if isinstance(bundle.scaler, MoleculeEncoder) else None,
            "dose_encoding": bundle.doses.to_dict(),
        },
        "spaces": {
            space: {"width": widths[space], "encoder": encoders.get(space), "kernel_head": space in bundle.heads}
            for space in bundle.spaces
        },
        "hashes": {"files": dict(files), "molecule_path": bundle.molecule_path_hash},
    }
    card["hashes"]["whole"] = sha256(to_json(card))
    return card


def arrays_from(path: Path, data: bytes) -> dict[str, NDArray[Any]]:
    """Read a tensor file's bytes.

    Parameters
    ----------
    path : Path
        The file, for messages.
    data : bytes
        Its content, in the safetensors format.

    Returns
    -------
    dict of str to ndarray
        Finite, but for the infinite limits of a feature scaler.

    Raises
    ------
    BundleError
        When they are damaged, or hold values that are no numbers.
    """
    try:
        arrays = load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BundleError(path, "file", str(error), "tensors in the safetensors format") from error
    for name, array in arrays.items():
        unlimited = name == "scaler.limit"
        if array.dtype.kind == "f" and not (np.isfinite(array) | (unlimited & np.isposinf(array))).all():
            raise BundleError(path, name, "NaN or infinite values", "finite numbers")
    return arrays


def assemble(
    version: Path,
    card: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    molecules: frozenset[str],
    references: Mapping[str, Plate],
) -> Bundle:
    """Put a bundle together from what its files hold.

    Parameters
    ----------
    version : Path
        The bundle's folder, for messages.
    card : mapping
        As :func:`card_of` made it.
    arrays : mapping of str to ndarray
        As :func:`tensors_of` named them.
    molecules : frozenset of str
        First blocks of the training molecules' InChIKeys.
    references : mapping of str to Plate
        By embedding space, the training treatments as measured.

    Returns
    -------
    Bundle
        On the CPU, in evaluation mode.

    Raises
    ------
    BundleError
        Naming the tensor, or the entry of the card, that does not fit.
    InputError, LookupError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError
        When the card is of another make; the caller names the file.
    """
    if card["molecule"]["standardiser"] != STANDARDISER:
        raise BundleError(
            version / CARD, "molecule.standardiser", str(card["molecule"]["standardiser"]), STANDARDISER
        )
    doses = DoseEncoding.from_dict(card["molecule"]["dose_encoding"])
    scaler_type = MoleculeEncoder if card["molecule"].get("encoder") == _KERNEL else FeatureScaler
    feature_set = FeatureSet(tuple(card["molecule"]["feature_blocks"]))
    with _naming(version / TENSORS, "scaler."):
        scaler = scaler_type.from_arrays(_part(arrays, "scaler."))
    if not scaler.fits(feature_set):
        found = ", ".join(feature_set.blocks)
        raise BundleError(
            version / CARD, "molecule.feature_blocks", found, "the blocks that scaler.* was fitted to"
        )
    shape = _shape(version / CARD, card["architecture"])
    spaces = _widths(version / CARD, card["spaces"])
    # Without memory first: what a damaged card asks for may not fit into any.
    with torch.device("meta"):
        retriever = Retriever(molecule_features=scaler.width, dose_width=doses.width, spaces=spaces, shape=shape)
    weights = _part(arrays, "retriever.")
    expected = retriever.state_dict()
    for name, value in expected.items():
        _require(
            version / TENSORS, f"retriever.{name}", weights.get(name), np.dtype(np.float16), tuple(value.shape)
        )
    loaded = {
        name: torch.from_numpy(weights[name].astype(np.float32)).reshape(value.shape)
        for name, value in expected.items()
    }
    retriever.load_state_dict(loaded, assign=True)
    encoders = {}
    for space, entry in card["spaces"].items():
        if entry["encoder"] is not None:
            encoder = _encoder(version, space, entry["encoder"], arrays, spaces[space])
            if encoder.space != space:
                raise BundleError(version / CARD, f"spaces.{space}.encoder", encoder.space, space)
            encoders[space] = encoder
    heads = {
        space: _head(version / TENSORS, space, arrays, scaler.width, spaces[space], shape.joint)
        for space, entry in card["spaces"].items()
        if entry.get("kernel_head")
    }
    for space, reference in references.items():
        if reference.embeddings.shape[1] != spaces[space]:
            found = f"{spaces[space]}, and a reference of {reference.embeddings.shape[1]} columns"
            raise BundleError(version / CARD, f"spaces.{space}.width", found, "one width")
    known = {"format", "name", "architecture", "molecule", "spaces", "hashes"}
    return Bundle(
        name=str(card["name"]),
        retriever=retriever.eval(),
        feature_set=feature_set,
        scaler=scaler,
        doses=doses,
        encoders=encoders,
        training_molecules=molecules,
        facts={key: value for key, value in card.items() if key not in known},
        references=references,
        heads=heads,
    )


@contextmanager
def _naming(path: Path, prefix: str) -> Iterator[None]:
    """Errors of arrays name the file and the tensor that they were read from."""
    try:
        yield
    except InputError as error:
        raise BundleError(path, prefix + error.field, error.found, error.expected) from error


def _require(
    path: Path, name: str, array: NDArray[Any] | None, kind: np.dtype[Any], shape: tuple[int, ...]
) -> None:
    if array is None or array.dtype != kind or array.shape != shape:
        found = "nothing" if array is None else f"{array.dtype} of shape {array.shape}"
        raise BundleError(path, name, found, f"{kind} of shape {shape}")


def _widths(path: Path, spaces: Mapping[str, Any]) -> dict[str, int]:
    if not spaces:
        raise BundleError(path, "spaces", "none", "an embedding space at least")
    for space, entry in spaces.items():
        width = entry["width"]
        if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= _WIDEST:
            raise BundleError(path, f"spaces.{space}.width", repr(width)[:40], f"a whole number, 1 to {_WIDEST}")
    return {space: entry["width"] for space, entry in spaces.items()}


def _encoder(
    version: Path, space: str, entry: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], width: int
) -> ProfileEncoder:
    limit = float(entry["limit"])
    if not 0 < limit < float("inf"):
        raise BundleError(
            version / CARD, f"spaces.{space}.encoder.limit", str(limit), "a finite number above zero"
        )
    features = tuple(entry["features"])
    shapes = {"mean": (len(features),), "matrix": (len(features), width)}
    for name, shape in shapes.items():
        tensor = f"encoder.{space}.{name}"
        _require(version / TENSORS, tensor, arrays.get(tensor), np.dtype(np.float32), shape)
    return ProfileEncoder(
        feature_names=features,
        mean=arrays[f"encoder.{space}.mean"],
        matrix=arrays[f"encoder.{space}.matrix"],
        limit=limit,
        input_space=str(entry.get("input_space", "")),
    )


def _head(
    path: Path, space: str, arrays: Mapping[str, NDArray[Any]], features: int, width: int, joint: int
) -> KernelHead:
    with _naming(path, f"head.{space}."):
        head = KernelHead.from_arrays(_part(arrays, f"head.{space}."))
    found = (head.molecules.shape[1], len(head.mean), len(head.towers))
    if found != (features, width, joint):
        raise BundleError(path, f"head.{space}", f"widths {found}", f"widths {(features, width, joint)}")
    return head


def _shape(path: Path, architecture: Mapping[str, Any]) -> TowerShape:
    shape = TowerShape(**architecture)
    if shape.kind not in get_args(TowerKind):
        expected = " or ".join(map(repr, get_args(TowerKind)))
        raise BundleError(path, "architecture.kind", repr(shape.kind)[:40], expected)
    for name, value in asdict(shape).items():
        if name == "kind":
            continue
        whole = name not in ("dropout", "input_dropout")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise BundleError(path, f"architecture.{name}", repr(value)[:40], "a number")
        low, high = (0, 100) if name.endswith("blocks") else (1, 10**6) if whole else (0, 1)
        if not low <= value <= high:
            raise BundleError(path, f"architecture.{name}", repr(value), f"{low} to {high}")
    return shape


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def to_json(value: object) -> bytes:
    """JSON as bytes, one way for one value, so that equal values have equal hashes.

    Parameters
    ----------
    value : object
        JSON values.

    Returns
    -------
    bytes
        UTF-8, keys sorted.
    """
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sha256(data: bytes) -> str:
    """SHA-256 of some bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256(data).hexdigest()
