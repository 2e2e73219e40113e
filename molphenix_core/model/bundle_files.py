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

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import save

from molphenix_core.errors import BundleError, InputError
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_card import (
    CARD,
    FORMAT,
    TENSORS,
    arrays_from,
    assemble,
    card_of,
    sha256,
    tensors_of,
    to_json,
)
from molphenix_core.model.retriever import Retriever
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import INCHIKEY, MECHANISM, NAME, Plate
from molphenix_core.plates.summary import REPLICATES

__all__ = ["load_bundle", "round_to_stored", "save_bundle"]

_MOLECULES = "training_molecules.json"


def round_to_stored(retriever: Retriever) -> None:
    """Round the weights in place to the precision that is stored, so that figures hold for what ships.

    Parameters
    ----------
    retriever : Retriever
        Its float32 weights and buffers take float16 values.
    """
    with torch.no_grad():
        for value in (*retriever.parameters(), *retriever.buffers()):
            value.copy_(value.to(torch.float16).to(torch.float32))


def save_bundle(bundle: Bundle, folder: str | Path) -> Path:
    """Write a bundle as a new version in a folder and make it the current one.

    Parameters
    ----------
    bundle : Bundle
        Weights as :func:`round_to_stored` leaves them: float16 is stored.
    folder : path
        Made where it is not there; versions that it holds stay.

    Returns
    -------
    Path
        The folder of the new version.

    Raises
    ------
    BundleError
        When it cannot be written there.
    PlateFileError
        When a reference breaks the contract of plate files.
    """
    folder = Path(folder)
    tensors = save(tensors_of(bundle))
    molecules = to_json(sorted(bundle.training_molecules))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
        try:
            (aside / TENSORS).write_bytes(tensors)
            (aside / _MOLECULES).write_bytes(molecules)
            for space, reference in bundle.references.items():
                write_plate(reference, aside / _reference(space))
            card = card_of(bundle, {file.name: sha256(file.read_bytes()) for file in sorted(aside.iterdir())})
            version = str(card["hashes"]["whole"])[:12]
            (aside / CARD).write_bytes(to_json(card))
            aside.chmod(0o755)
            # The name is a hash of the content: a sound version of that name is this one, and may be in use.
            if not _is_sound(folder / version, card):
                if (folder / version).exists():
                    shutil.rmtree(folder / version)
                aside.rename(folder / version)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        pointer = folder / f".CURRENT-{os.getpid()}"
        try:
            pointer.write_text(version + "\n", encoding="utf-8")
            pointer.replace(folder / "CURRENT")
        finally:
            pointer.unlink(missing_ok=True)
    except OSError as error:
        raise BundleError(folder, "folder", error.strerror or str(error), "a folder to write into") from error
    return folder / version


def load_bundle(folder: str | Path) -> Bundle:
    """Read a bundle: its current version, or one version's folder.

    Parameters
    ----------
    folder : path
        The bundle's, with its ``CURRENT`` file, or that of a version.

    Returns
    -------
    Bundle
        On the CPU, weights float32.

    Raises
    ------
    BundleError
        Naming file, field, found and expected when anything is missing, altered or of another version.
    """
    version = _version_folder(Path(folder))
    card = _read_card(version / CARD)
    contents = {name: _read_checked(version / name, digest) for name, digest in card["hashes"]["files"].items()}
    try:
        arrays = arrays_from(version / TENSORS, contents[TENSORS])
        molecules = _molecules(version / _MOLECULES, contents[_MOLECULES])
        references = {
            space: _read_reference(version / _reference(space), space)
            for space in card["spaces"]
            if _reference(space) in contents
        }
        bundle = assemble(version, card, arrays, molecules, references)
    except BundleError:
        raise
    except InputError as error:
        raise BundleError(version / CARD, error.field, error.found, error.expected) from error
    except KeyError as error:
        raise BundleError(version / CARD, str(error.args[0]), "nothing", "a value") from error
    except (ValueError, TypeError, AttributeError, RuntimeError, OverflowError, IndexError) as error:
        raise BundleError(version / CARD, "contents", f"{type(error).__name__}: {error}", "a bundle") from error
    stated = str(card["hashes"].get("molecule_path"))
    if bundle.molecule_path_hash != stated:
        raise BundleError(version / CARD, "hashes.molecule_path", stated, bundle.molecule_path_hash)
    object.__setattr__(bundle, "whole_hash", str(card["hashes"]["whole"]))
    return bundle


def _molecules(path: Path, data: bytes) -> frozenset[str]:
    try:
        keys = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BundleError(path, "file", str(error), "a JSON list") from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BundleError(path, "file", type(keys).__name__, "a list of InChIKeys' first blocks")
    return frozenset(keys)


def _read_reference(path: Path, space: str) -> Plate:
    try:
        reference = read_plate(path)
    except InputError as error:
        raise BundleError(path, error.field, error.found, error.expected) from error
    if reference.space != space:
        raise BundleError(path, "uns/embedding/space", reference.space, f"{space}, the space it is named after")
    needed = {NAME, INCHIKEY, MECHANISM, REPLICATES} - set(reference.wells)
    if needed:
        raise BundleError(path, f"obs/{min(needed)}", "nothing", "a column")
    return reference


def _is_sound(version: Path, card: Mapping[str, Any]) -> bool:
    """Whether a version folder holds just what a card says."""
    try:
        if _read_card(version / CARD) != json.loads(to_json(card)):
            return False
        for name, digest in card["hashes"]["files"].items():
            _read_checked(version / name, digest)
    except BundleError:
        return False
    return True


def _reference(space: str) -> str:
    return f"reference-{space}.h5ad"


def _version_folder(folder: Path) -> Path:
    if (folder / CARD).is_file():
        return folder
    pointer = folder / "CURRENT"
    if not pointer.is_file():
        raise BundleError(folder, "CURRENT", "nothing", "a model bundle: a folder with CURRENT or card.json")
    try:
        version = pointer.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise BundleError(pointer, "file", error.strerror or str(error), "a readable file") from error
    if not version.isalnum() or not (folder / version / CARD).is_file():
        raise BundleError(pointer, "version", repr(version[:40]), "the name of a version folder beside it")
    return folder / version


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(path, "file", str(error), "a readable JSON card") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        found = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise BundleError(path, "format", repr(found), f"{FORMAT}; a newer program may read a newer bundle")
    hashes = card.get("hashes")
    files = hashes.get("files") if isinstance(hashes, dict) else None
    if not isinstance(hashes, dict) or not isinstance(files, dict) or not {TENSORS, _MOLECULES} <= set(files):
        raise BundleError(path, "hashes.files", repr(hashes)[:60], f"hashes of {TENSORS} and {_MOLECULES}")
    outside = [name for name in files if Path(name).name != name or name in ("", "..") or "\0" in name]
    if outside:
        raise BundleError(path, "hashes.files", repr(outside[0]), "names of files in the same folder")
    try:
        whole = sha256(to_json({**card, "hashes": {k: v for k, v in hashes.items() if k != "whole"}}))
    except UnicodeEncodeError as error:
        raise BundleError(path, "file", str(error), "text in UTF-8") from error
    if hashes.get("whole") != whole:
        raise BundleError(path, "hashes.whole", f"{str(hashes.get('whole'))[:12]!r}", whole[:12])
    return card


def _read_checked(path: Path, digest: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(path, "file", error.strerror or str(error), "a readable file") from error
    if sha256(data) != digest:
        raise BundleError(path, "SHA-256", sha256(data)[:12], f"{str(digest)[:12]}, as the card says")
    return data
