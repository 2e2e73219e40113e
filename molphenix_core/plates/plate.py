"""The wells of one or several plates: what was done to each, and its embedding."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.wells import parse_wells

__all__ = [
    "BATCH",
    "COMPOUND",
    "CONCENTRATION",
    "CONTROL_TYPE",
    "INCHIKEY",
    "MECHANISM",
    "NAME",
    "NEGATIVE_CONTROL",
    "PERTURBATION_TYPE",
    "PLATE",
    "SMILES",
    "WELL",
    "EmbeddingInfo",
    "Plate",
]

PLATE = "Metadata_Plate"
WELL = "Metadata_Well"
BATCH = "Metadata_Batch"
PERTURBATION_TYPE = "Metadata_pert_type"
CONTROL_TYPE = "Metadata_control_type"
SMILES = "Metadata_SMILES"
INCHIKEY = "Metadata_InChIKey"
CONCENTRATION = "Metadata_Concentration"
COMPOUND = "Metadata_compound_id"
NAME = "Metadata_compound_name"
MECHANISM = "Metadata_moa"
NEGATIVE_CONTROL = "negcon"


@dataclass(frozen=True)
class EmbeddingInfo:
    """What the numbers of a plate are.

    Parameters
    ----------
    encoder : str
        What made them: "cellprofiler", "sphered-pca:<hash>", or "unknown".
    version : str
        Version of the encoder, "" where unknown.
    normalisation : tuple of str or None
        The steps already applied, in order; () when none was, None when nobody knows.
    """

    encoder: str = "unknown"
    version: str = ""
    normalisation: tuple[str, ...] | None = None

    def space(self, feature_names: tuple[str, ...]) -> str:
        """Identify the embedding space: two plates with the same one can be compared number by number.

        Parameters
        ----------
        feature_names : tuple of str
            Names of the d columns, in order.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        steps = None if self.normalisation is None else list(self.normalisation)
        text = json.dumps([self.encoder, self.version, steps, list(feature_names)], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def after(self, step: str) -> EmbeddingInfo:
        """The same embedding after one more normalisation step.

        Parameters
        ----------
        step : str
            Such as "robust-to-controls".

        Returns
        -------
        EmbeddingInfo
            With the step last, and alone where nobody knew which came before.
        """
        return dataclasses.replace(self, normalisation=(*(self.normalisation or ()), step))


@dataclass(frozen=True)
class Plate:
    """Wells of one or several physical plates (or treatments without plates), and their embeddings.

    Parameters
    ----------
    wells : pandas.DataFrame
        One row a well; index unique. Columns that always exist: ``Metadata_Plate``, ``Metadata_Well``
        ("A01", null for tables without plates), ``Metadata_pert_type`` ("trt" or "control"),
        ``Metadata_control_type`` ("negcon", "poscon..." or null), ``Metadata_SMILES`` (null where unknown)
        and ``Metadata_Concentration`` (float64, micromolar, NaN where unknown).
    embeddings : float32 (n_wells, d)
        Finite numbers, one row a well.
    feature_names : tuple of str
        Names of the d columns.
    embedding : EmbeddingInfo
        What made the numbers and how they were normalised.
    source : str
        The file they came from, for messages.
    simulated : bool
        Whether the data were simulated.
    """

    wells: pd.DataFrame
    embeddings: NDArray[np.float32]
    feature_names: tuple[str, ...]
    embedding: EmbeddingInfo = EmbeddingInfo()
    source: str = ""
    simulated: bool = False

    def __len__(self) -> int:
        return len(self.wells)

    @cached_property
    def space(self) -> str:
        """Identifier of the embedding space."""
        return self.embedding.space(self.feature_names)

    @cached_property
    def barcodes(self) -> tuple[str, ...]:
        """Names of the physical plates, in order of appearance; empty for a table without plates."""
        return tuple(str(value) for value in pd.unique(self.wells[PLATE].dropna()))

    @cached_property
    def positions(self) -> NDArray[np.int16]:
        """Zero-based (row, column) of each well, int16 (n_wells, 2); -1 where there is none."""
        return parse_wells(self.wells[WELL].astype(object))

    @cached_property
    def is_negative_control(self) -> NDArray[np.bool_]:
        """Which wells are negative controls, bool (n_wells,)."""
        return (self.wells[CONTROL_TYPE] == NEGATIVE_CONTROL).fillna(False).to_numpy(dtype=bool)

    @cached_property
    def is_treated(self) -> NDArray[np.bool_]:
        """Which wells hold a treatment rather than a control, bool (n_wells,)."""
        return (self.wells[PERTURBATION_TYPE] == "trt").fillna(False).to_numpy(dtype=bool)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Plate:
        """The wells at some rows.

        Parameters
        ----------
        rows : int (n,) or bool (n_wells,)
            Indices, in the order wanted, or a mask.

        Returns
        -------
        Plate
            n wells, with embeddings float32 (n, d) in the same space.
        """
        keep = np.flatnonzero(rows) if rows.dtype == bool else rows
        return dataclasses.replace(self, wells=self.wells.iloc[keep], embeddings=self.embeddings[keep])

    def with_embeddings(
        self,
        embeddings: NDArray[np.float32],
        embedding: EmbeddingInfo,
        feature_names: tuple[str, ...] | None = None,
    ) -> Plate:
        """The same wells seen in another embedding.

        Parameters
        ----------
        embeddings : float32 (n_wells, d')
        embedding : EmbeddingInfo
            What made them and how they are normalised.
        feature_names : tuple of str, optional
            Of the d' columns; the names they have by default.

        Returns
        -------
        Plate
        """
        names = self.feature_names if feature_names is None else feature_names
        return dataclasses.replace(
            self,
            embeddings=np.ascontiguousarray(embeddings, dtype=np.float32),
            embedding=embedding,
            feature_names=names,
        )
