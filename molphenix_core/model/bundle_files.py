"""Model bundles on disk: versioned folders beside a pointer file, so that replacing one is a single rename.

::

    NAME/
      CURRENT                the name of the version in use, one line
      <version>/
        card.json            what the model is, was trained on and is known to do; hashes of all files
        model.safetensors    towers (float16), feature scaler, profile encoders
        training_molecules.json
        reference-<space>.h5ad the training treatments as measured, a plate file for each space that has them

Nothing is pickled, and every hash is checked before anything is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from molphenix_core.errors import BundleError, InputError
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.molecules.standardise import STANDARDISER
from molphenix_core.plates.encoder import ProfileEncoder
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import Plate

__all__ = ["load_bundle", "round_to_stored", "save_bundle"]

_FORMAT = 1
_CARD = "card.json"
_TENSORS = "model.safetensors"
_MOLECULES = "training_molecules.json"


def round_to_stored(retriever: Retriever) -> None:
    """Round the weights in place to the precision that is stored, so that figures hold for what ships."""
    with torch.no_grad():
        for value in retriever.parameters():
            value.copy_(value.to(torch.float16).to(torch.float32))


def save_bundle(bundle: Bundle, folder: str | Path) -> Path:
    """Write a bundle as a new version in a folder and make it the current one.

    Returns
    -------
    Path
        The folder of the new version.

    Raises
    ------
    BundleError
        When it cannot be written there.
    """
    folder = Path(folder)
    tensors = save(_tensors(bundle))
    molecules = _json(sorted(bundle.training_molecules))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
        try:
            (aside / _TENSORS).write_bytes(tensors)
            (aside / _MOLECULES).write_bytes(molecules)
            for space, reference in bundle.references.items():
                write_plate(reference, aside / _reference(space))
            card = _card(bundle, {file.name: _sha256(file.read_bytes()) for file in sorted(aside.iterdir())})
            version = str(card["hashes"]["whole"])[:12]
            (aside / _CARD).write_bytes(_json(card))
            aside.chmod(0o755)
            if (folder / version).exists():
                shutil.rmtree(folder / version)
            aside.rename(folder / version)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        pointer = folder / f".CURRENT-{os.getpid()}"
        pointer.write_text(version + "\n", encoding="utf-8")
        pointer.replace(folder / "CURRENT")
    except OSError as error:
        raise BundleError(folder, "folder", error.strerror or str(error), "a folder to write into") from error
    return folder / version


def load_bundle(folder: str | Path) -> Bundle:
    """Read a bundle: its current version, or one version's folder.

    Raises
    ------
    BundleError
        Naming file, field, found and expected when anything is missing, altered or of another version.
    """
    version = _version_folder(Path(folder))
    card = _read_card(version / _CARD)
    contents = {name: _read_checked(version / name, digest) for name, digest in card["hashes"]["files"].items()}
    try:
        arrays = load(contents[_TENSORS])
        molecules = frozenset(str(key) for key in json.loads(contents[_MOLECULES]))
        references = {
            space: read_plate(version / _reference(space))
            for space in card["spaces"]
            if _reference(space) in contents
        }
        bundle = _assemble(version, card, arrays, molecules, references)
    except (SafetensorError, KeyError, ValueError, TypeError, InputError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(version / _CARD, "contents", f"{type(error).__name__}: {error}", "a bundle") from error
    if bundle.molecule_path_hash != card["hashes"]["molecule_path"]:
        raise BundleError(
            version / _CARD, "hashes.molecule_path", card["hashes"]["molecule_path"], bundle.molecule_path_hash
        )
    return bundle


def _reference(space: str) -> str:
    return f"reference-{space}.h5ad"


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _tensors(bundle: Bundle) -> dict[str, NDArray[Any]]:
    out: dict[str, NDArray[Any]] = {}
    for name, tensor in bundle.retriever.state_dict().items():
        out[f"retriever.{name}"] = tensor.detach().to(torch.float16).contiguous().numpy()
    for name, array in bundle.scaler.to_arrays().items():
        out[f"scaler.{name}"] = np.ascontiguousarray(array)
    for space, encoder in bundle.encoders.items():
        out[f"encoder.{space}.mean"] = encoder.mean
        out[f"encoder.{space}.matrix"] = np.ascontiguousarray(encoder.matrix)
    return out


def _card(bundle: Bundle, files: Mapping[str, str]) -> dict[str, Any]:
    widths = bundle.retriever.spaces
    encoders = {
        space: {"kind": "sphered-pca", "features": list(encoder.feature_names), "limit": encoder.limit}
        for space, encoder in bundle.encoders.items()
    }
    card: dict[str, Any] = {
        **bundle.facts,
        "format": _FORMAT,
        "name": bundle.name,
        "architecture": asdict(bundle.retriever.shape),
        "molecule": {
            "standardiser": STANDARDISER,
            "feature_blocks": list(bundle.feature_set.blocks),
            "features": bundle.scaler.width,
            "dose_encoding": bundle.doses.to_dict(),
        },
        "spaces": {space: {"width": widths[space], "encoder": encoders.get(space)} for space in bundle.spaces},
        "hashes": {"files": dict(files), "molecule_path": bundle.molecule_path_hash},
    }
    card["hashes"]["whole"] = _sha256(_json(card))
    return card


def _version_folder(folder: Path) -> Path:
    if (folder / _CARD).is_file():
        return folder
    pointer = folder / "CURRENT"
    if not pointer.is_file():
        raise BundleError(folder, "CURRENT", "nothing", "a model bundle: a folder with CURRENT or card.json")
    version = pointer.read_text(encoding="utf-8", errors="replace").strip()
    if not version.isalnum() or not (folder / version / _CARD).is_file():
        raise BundleError(pointer, "version", repr(version[:40]), "the name of a version folder beside it")
    return folder / version


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BundleError(path, "file", str(error), "a readable JSON card") from error
    if not isinstance(card, dict) or card.get("format") != _FORMAT:
        found = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise BundleError(path, "format", repr(found), f"{_FORMAT}; a newer program may read a newer bundle")
    hashes = card.get("hashes")
    files = hashes.get("files") if isinstance(hashes, dict) else None
    if not isinstance(hashes, dict) or not isinstance(files, dict) or not {_TENSORS, _MOLECULES} <= set(files):
        raise BundleError(path, "hashes.files", repr(hashes)[:60], f"hashes of {_TENSORS} and {_MOLECULES}")
    outside = [name for name in files if Path(name).name != name]
    if outside:
        raise BundleError(path, "hashes.files", repr(outside[0]), "names of files in the same folder")
    unsigned = {**card, "hashes": {k: v for k, v in hashes.items() if k != "whole"}}
    if hashes.get("whole") != _sha256(_json(unsigned)):
        raise BundleError(path, "hashes.whole", str(hashes.get("whole"))[:12], _sha256(_json(unsigned))[:12])
    return card


def _read_checked(path: Path, digest: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(path, "file", error.strerror or str(error), "a readable file") from error
    if _sha256(data) != digest:
        raise BundleError(path, "SHA-256", _sha256(data)[:12], f"{str(digest)[:12]}, as the card says")
    return data


def _assemble(
    version: Path,
    card: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    molecules: frozenset[str],
    references: Mapping[str, Plate],
) -> Bundle:
    if card["molecule"]["standardiser"] != STANDARDISER:
        raise BundleError(
            version / _CARD, "molecule.standardiser", str(card["molecule"]["standardiser"]), STANDARDISER
        )
    doses = DoseEncoding.from_dict(card["molecule"]["dose_encoding"])
    scaler = FeatureScaler.from_arrays(_part(arrays, "scaler."))
    shape = TowerShape(**card["architecture"])
    spaces = {space: int(entry["width"]) for space, entry in card["spaces"].items()}
    retriever = Retriever(molecule_features=scaler.width, dose_width=doses.width, spaces=spaces, shape=shape)
    weights = _part(arrays, "retriever.")
    expected = retriever.state_dict()
    for name, value in expected.items():
        if name not in weights or weights[name].shape != tuple(value.shape):
            found = weights[name].shape if name in weights else "nothing"
            raise BundleError(version / _TENSORS, name, str(found), f"shape {tuple(value.shape)}")
        if not np.isfinite(weights[name]).all():
            raise BundleError(version / _TENSORS, name, "NaN or infinite weights", "finite numbers")
    retriever.load_state_dict(
        {
            name: torch.from_numpy(weights[name].astype(np.float32)).reshape(expected[name].shape)
            for name in expected
        }
    )
    encoders = {}
    for space, entry in card["spaces"].items():
        if entry["encoder"] is not None:
            encoder = ProfileEncoder(
                feature_names=tuple(entry["encoder"]["features"]),
                mean=arrays[f"encoder.{space}.mean"],
                matrix=arrays[f"encoder.{space}.matrix"],
                limit=float(entry["encoder"]["limit"]),
            )
            if encoder.space != space:
                raise BundleError(version / _CARD, f"spaces.{space}.encoder", encoder.space, space)
            encoders[space] = encoder
    known = {"format", "name", "architecture", "molecule", "spaces", "hashes"}
    return Bundle(
        name=str(card["name"]),
        retriever=retriever.eval(),
        feature_set=FeatureSet(tuple(card["molecule"]["feature_blocks"])),
        scaler=scaler,
        doses=doses,
        encoders=encoders,
        training_molecules=molecules,
        facts={key: value for key, value in card.items() if key not in known},
        references=references,
    )


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
