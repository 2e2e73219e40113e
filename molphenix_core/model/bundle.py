"""The model bundle: what a trained retriever needs to be used, and what is known about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molphenix_core.errors import UnknownSpaceError
from molphenix_core.model.kernel_head import KernelHead
from molphenix_core.model.retriever import Retriever
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.encoder import MoleculeEncoder
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.molecules.standardise import STANDARDISER
from molphenix_core.plates.encoder import ProfileEncoder
from molphenix_core.plates.plate import Plate
from molphenix_core.progress import Progress, silent

__all__ = ["Bundle", "molecule_path_hash"]

_ROWS = 8192  # molecules pushed through a tower at a time


@dataclass(frozen=True, eq=False)
class Bundle:
    """A trained retriever with everything before it: standardiser, features, dose encoding, profile encoders.

    Parameters
    ----------
    name : str
    retriever : Retriever
        On the CPU, in evaluation mode, weights already rounded to what is stored.
    feature_set, scaler, doses
        The molecule side before the tower.
    encoders : mapping of str to ProfileEncoder
        By the embedding space that each writes; spaces whose embeddings come from elsewhere have none.
    training_molecules : frozenset of str
        First blocks (connectivity) of the InChIKeys that the retriever was trained on.
    facts : mapping
        The rest of the card: training sets with licence, split, held-out figures.
    references : mapping of str to Plate
        By space, the training treatments as they were measured (mean embeddings, no wells): what the nearest
        measured treatments are looked up in, and what kernel ridge is fitted on.
    heads : mapping of str to KernelHead
        By space; the scores of a head and of the towers, each over its spread among random candidates, are summed
        by standing side by side in the joint vectors. A space without one is scored by the towers alone.
    whole_hash : str
        SHA-256 of the card, which names the hashes of all files: that of this very model, whatever part of it was
        trained anew. "" unless read from a folder; a changed copy has none before it is read again.
    """

    name: str
    retriever: Retriever
    feature_set: FeatureSet
    scaler: FeatureScaler | MoleculeEncoder
    doses: DoseEncoding
    encoders: Mapping[str, ProfileEncoder]
    training_molecules: frozenset[str]
    facts: Mapping[str, Any]
    references: Mapping[str, Plate] = field(default_factory=dict)
    heads: Mapping[str, KernelHead] = field(default_factory=dict)
    # Not of the constructor: a copy with something replaced is another model.
    whole_hash: str = field(default="", init=False)

    @property
    def width(self) -> int:
        """Dimension of the joint space: of the towers, and of each head."""
        return self.retriever.shape.joint + sum(head.width for head in self.heads.values())

    def head_columns(self) -> dict[str, slice]:
        """Where each head stands in a joint vector, behind the towers."""
        out, start = {}, self.retriever.shape.joint
        for space in sorted(self.heads):
            out[space] = slice(start, start + self.heads[space].width)
            start = out[space].stop
        return out

    @property
    def spaces(self) -> tuple[str, ...]:
        """Embedding spaces that there is a phenomics tower for."""
        return tuple(self.retriever.phenomics)

    @cached_property
    def molecule_path_hash(self) -> str:
        """Identifies everything between a SMILES with a dose and its place in the joint space."""
        return molecule_path_hash(self.feature_set, self.scaler, self.doses, self.retriever, self.heads)

    def is_seen(self, inchikey: str | None) -> bool:
        """Whether the retriever was trained on a molecule (or a stereoisomer or isotopologue of it).

        Parameters
        ----------
        inchikey : str or None
            Of the standardised molecule; None is never seen.

        Returns
        -------
        bool
            By the first block (connectivity).
        """
        return inchikey is not None and inchikey[:14] in self.training_molecules

    def prepare(self, plate: Plate) -> Plate:
        """The plate in a space that there is a tower for: as it is, or encoded by the bundle's encoder.

        Parameters
        ----------
        plate : Plate

        Returns
        -------
        Plate
            The same wells, embeddings float32 (n_wells, d).

        Raises
        ------
        UnknownSpaceError
            When neither works.

        Warns
        -----
        NormalisationWarning
            As :meth:`~molphenix_core.plates.encoder.ProfileEncoder.encode`.
        """
        if plate.space in self.spaces:
            return plate
        for encoder in self.encoders.values():
            if encoder.accepts(plate):
                return encoder.encode(plate)
        raise UnknownSpaceError(
            plate.source or "plate",
            "embedding space",
            self._unlike(plate),
            f"one of model {self.name!r}: {self._spaces_in_words()}",
        )

    def _unlike(self, plate: Plate) -> str:
        """What a plate in an unknown space holds, in words."""
        count = len(plate.feature_names)
        if plate.embedding.encoder != "cellprofiler" or not self.encoders:
            maker = plate.embedding.encoder
            made = "of unknown make" if maker == "unknown" else f"made by {maker}"
            return f"{count} features {made} (space {plate.space})"
        encoder = next(iter(self.encoders.values()))
        missing = len(set(encoder.feature_names) - set(plate.feature_names))
        if not missing:
            return f"profiles normalised in another way ({', '.join(plate.embedding.normalisation or ())})"
        return f"{count} CellProfiler features, without {missing} of the {len(encoder.feature_names)} it takes"

    def _spaces_in_words(self) -> str:
        parts = []
        for space in self.spaces:
            encoder = self.encoders.get(space)
            profiles = (
                f", or CellProfiler profiles with its {len(encoder.feature_names)} features" if encoder else ""
            )
            parts.append(f"embeddings in space {space}{profiles}")
        return "; ".join(parts)

    def embed_phenotypes(self, values: NDArray[np.float32], space: str) -> NDArray[np.float32]:
        """Embed phenotypes of one space.

        Parameters
        ----------
        values : float32 (n, d)
            Prepared embeddings (:meth:`prepare`), of wells or averaged over replicates.
        space : str
            Identifier of their embedding space, one of ``spaces``.

        Returns
        -------
        float32 (n, width)
            Unit vectors.

        Raises
        ------
        UnknownSpaceError
            When there is no tower for the space.
        """
        if space not in self.spaces:
            raise UnknownSpaceError("phenotypes", "embedding space", space, ", ".join(self.spaces))
        with torch.inference_mode():
            tower = self.retriever.phenomics[space]
            z_x = tower(torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))).numpy()
        if not self.heads:
            return z_x
        joint = np.zeros((len(z_x), self.width), dtype=np.float32)
        joint[:, : z_x.shape[1]] = z_x
        if (head := self.heads.get(space)) is not None:
            joint[:, : z_x.shape[1]] /= head.tower_spread(z_x)
            joint[:, self.head_columns()[space]] = head.embed_phenotypes(values) * head.length[0]
            joint /= np.linalg.norm(joint, axis=1, keepdims=True)
        return joint

    def molecule_features(
        self, smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
    ) -> NDArray[np.float32]:
        """Compute the scaled features of molecules.

        Parameters
        ----------
        smiles : sequence of str, (n,)
            Standardised.
        processes : int, optional
            By default one up to 5,000 structures, else one per processor.
        progress : callable
            Told the share done.

        Returns
        -------
        float32 (n, F)

        Raises
        ------
        MoleculeError
            For a SMILES that RDKit cannot read.
        """
        return self.scaler.transform(self.feature_set.compute(smiles, processes=processes, progress=progress))

    def embed_molecules(self, features: NDArray[np.float32], doses: NDArray[np.float64]) -> NDArray[np.float32]:
        """Every molecule at every dose.

        Parameters
        ----------
        features : float32 (n, F)
            From :meth:`molecule_features`.
        doses : float64 (k,)
            Micromolar, NaN for an unknown dose.

        Returns
        -------
        float32 (n, k, width)
            Unit vectors.

        Raises
        ------
        InputError
            A dose is zero, negative or infinite.
        """
        encoded = torch.from_numpy(self.doses.encode(np.asarray(doses, dtype=np.float64)))
        out = np.empty((len(features), len(encoded), self.width), dtype=np.float32)
        rows = max(1, _ROWS // max(1, len(encoded)))
        tower = slice(0, self.retriever.shape.joint)
        # Every part is of one length, so that the whole is a unit vector.
        share = np.float32(1 / np.sqrt(1 + len(self.heads)))
        with torch.inference_mode():
            for start in range(0, len(features), rows):
                part = slice(start, start + rows)
                block = np.ascontiguousarray(features[part])
                out[part, :, tower] = self.retriever.molecule.over_doses(torch.from_numpy(block), encoded).numpy()
                out[part, :, tower] *= share
                for space, columns in self.head_columns().items():
                    head = self.heads[space]
                    out[part, :, columns] = head.embed_molecules(block, doses) * (share / head.length[0])
        return out


def molecule_path_hash(
    feature_set: FeatureSet,
    scaler: FeatureScaler | MoleculeEncoder,
    doses: DoseEncoding,
    retriever: Retriever,
    heads: Mapping[str, KernelHead],
) -> str:
    """Hash of the standardiser, features, dose encoding, molecule tower and kernel heads.

    It does not depend on the phenomics towers: adding one leaves libraries valid.

    Parameters
    ----------
    feature_set : FeatureSet
    scaler : FeatureScaler or MoleculeEncoder
    doses : DoseEncoding
    retriever : Retriever
        Its molecule tower, as float16.
    heads : mapping of str to KernelHead
        By embedding space.

    Returns
    -------
    str
        The first 32 hexadecimal digits of a SHA-256.
    """
    described = [STANDARDISER, list(feature_set.blocks), doses.to_dict()]
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    tower = {k: v.detach().to(torch.float16).numpy() for k, v in retriever.molecule.state_dict().items()}
    arrays: dict[str, NDArray[Any]] = {**scaler.to_arrays(), **tower}
    for space, head in heads.items():
        arrays |= {f"head.{space}.{name}": array for name, array in head.to_arrays().items()}
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]
