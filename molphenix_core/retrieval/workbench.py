"""An opened plate with everything that is known of it: what the window and the command line work on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import UnknownSpaceError
from molphenix_core.model.bundle import Bundle
from molphenix_core.molecules.plate_structures import RejectedStructure, standardise_plate
from molphenix_core.plates.activity import ANY_POSITION, activity
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import NormalisationWarning, normalise_to_controls
from molphenix_core.plates.plate import CONCENTRATION, INCHIKEY, MECHANISM, NAME, SMILES, Plate
from molphenix_core.plates.projection import draw_in, principal_components
from molphenix_core.plates.summary import REPLICATES
from molphenix_core.plates.treatments import Treatments, group_treatments
from molphenix_core.progress import Progress, silent

__all__ = ["Workbench", "measured_references", "open_workbench", "replicates_of"]


@dataclass(frozen=True, eq=False)
class Workbench:
    """A plate, its embeddings in the retriever's space, its treatments and their activity.

    Parameters
    ----------
    plate : Plate
        As opened, structures standardised.
    prepared : Plate
        The same wells in the space that everything is computed in: the retriever's, or the plate's own
        (normalised to controls) where the retriever does not know it.
    treatments : pandas.DataFrame
        Of :class:`~molphenix_core.plates.treatments.Treatments`, with the columns of
        :func:`~molphenix_core.plates.activity.activity` and ``seen`` (True, False, or None without a structure or
        a retriever): whether the retriever was trained on the molecule.
    treatment_of_well : int32 (n_wells,)
        Row of ``treatments``, -1 for none.
    joint : float32 (n_wells, width) or None
        Wells in the joint space; None where the retriever does not know the space.
    well_pca : float32 (n_wells, 2)
        First two principal components of the prepared embeddings.
    space_known : bool
    space_reason : str
        Why the space is not known, "" where it is.
    notes : tuple of str
        What was weaker than it should be, such as missing controls.
    rejected : tuple of RejectedStructure
        SMILES that could not be used.
    """

    plate: Plate
    prepared: Plate
    treatments: pd.DataFrame
    treatment_of_well: NDArray[np.int32]
    joint: NDArray[np.float32] | None
    well_pca: NDArray[np.float32]
    space_known: bool
    space_reason: str
    notes: tuple[str, ...]
    rejected: tuple[RejectedStructure, ...]

    def treatment_means(self) -> NDArray[np.float32]:
        """Prepared embeddings averaged over replicates, float32 (n_treatments, d)."""
        return Treatments(self.treatments, self.treatment_of_well).mean(self.prepared.embeddings)


def open_workbench(source: str | Path | Plate, bundle: Bundle | None, *, progress: Progress = silent) -> Workbench:
    """Open a plate file and compute everything that does not need a selection.

    Parameters
    ----------
    source : path or Plate
    bundle : Bundle or None
        Without one, the plate is worked on in its own space.
    progress : callable
        Told the share done.

    Returns
    -------
    Workbench
        Where the bundle does not know the plate's space, without ``joint`` and with the reason in
        ``space_reason``; what was weaker than it should be stands in ``notes``.

    Raises
    ------
    PlateFileError
        When the file is not what it should be.
    InputError
        When a plate made in memory has a concentration that is zero, negative or infinite.
    """
    progress(0.0, "Reading the plate")
    plate = source if isinstance(source, Plate) else read_plate(source)
    progress(0.3, "Standardising structures")
    plate, rejected = standardise_plate(plate)
    progress(0.5, "Encoding the wells")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NormalisationWarning)
        prepared, reason = _prepare(plate, bundle)
    notes = tuple(str(w.message) for w in caught if issubclass(w.category, NormalisationWarning))
    for other in caught:
        if not issubclass(other.category, NormalisationWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    progress(0.7, "Testing treatments for activity")
    grouped = group_treatments(prepared)
    table = pd.concat([grouped.table, activity(prepared, grouped)], axis=1)
    notes += _null_notes(table)
    table["seen"] = [
        None if bundle is None or reason or key is None else bundle.is_seen(key) for key in table["inchikey"]
    ]
    joint = None
    if bundle is not None and not reason:
        joint = bundle.embed_phenotypes(prepared.embeddings, prepared.space)
    progress(0.9, "Mapping the wells")
    workbench = Workbench(
        plate=plate,
        prepared=prepared,
        treatments=table,
        treatment_of_well=grouped.of_well,
        joint=joint,
        well_pca=principal_components([draw_in(prepared.embeddings)]).coordinates,
        space_known=not reason,
        space_reason=reason,
        notes=notes,
        rejected=tuple(rejected),
    )
    progress(1.0, "Plate opened")
    return workbench


def _null_notes(treatments: pd.DataFrame) -> tuple[str, ...]:
    unmatched = int((treatments["shares_position"] & (treatments["null"] == ANY_POSITION)).sum())
    if not unmatched:
        return ()
    return (
        f"{unmatched} treatments have all replicates at one well position, and nothing else stands there: their "
        "activity p compares with wells anywhere, so that position effects look like activity",
    )


def _prepare(plate: Plate, bundle: Bundle | None) -> tuple[Plate, str]:
    reason = "no retriever is loaded"
    if bundle is not None:
        try:
            return bundle.prepare(plate), ""
        except UnknownSpaceError as error:
            reason = f"embedding space: found {error.found}; expected {error.expected}"
    return normalise_to_controls(plate), reason


def measured_references(workbench: Workbench, bundle: Bundle | None) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """Measured treatments to compare wells with: those of the plate, and the bundle's of the same space.

    Parameters
    ----------
    workbench : Workbench
    bundle : Bundle or None
        None gives those of the plate alone.

    Returns
    -------
    pandas.DataFrame
        ``key`` (of the molecule), ``name``, ``smiles``, ``inchikey``, ``mechanism``, ``concentration``
        (nominal, micromolar, NaN where unknown), ``n_wells`` and ``origin`` ("this plate file" or "training plates
        of <bundle>"), with ``treatment`` the row of ``workbench.treatments``, -1 for the bundle's.
    float32 (n, d)
        Their mean embeddings in the prepared space.
    """
    columns = ["key", "name", "smiles", "inchikey", "mechanism", "concentration", "n_wells"]
    own = workbench.treatments[columns].copy()
    own["origin"] = "this plate file"
    own["treatment"] = np.arange(len(own))
    tables, values = [own], [workbench.treatment_means()]
    reference = bundle.references.get(workbench.prepared.space) if bundle is not None else None
    if bundle is not None and reference is not None:
        wells = reference.wells
        other = pd.DataFrame(
            {
                "key": wells[INCHIKEY].to_numpy(),
                "name": wells[NAME].to_numpy(),
                "smiles": wells[SMILES].to_numpy(),
                "inchikey": wells[INCHIKEY].to_numpy(),
                "mechanism": wells[MECHANISM].to_numpy(),
                "concentration": wells[CONCENTRATION].to_numpy(),
                "n_wells": wells[REPLICATES].to_numpy(),
                "origin": f"training plates of {bundle.name}",
                "treatment": -1,
            }
        )
        tables.append(other)
        values.append(reference.embeddings)
    kept = [table.dropna(axis=1, how="all") for table in tables if len(table)] or [own]
    joined = pd.concat(kept, ignore_index=True).reindex(columns=[*columns, "origin", "treatment"])
    return joined, np.concatenate(values)


def replicates_of(workbench: Workbench, rows: NDArray[np.integer]) -> tuple[NDArray[np.int32], float]:
    """Treatments among some wells, and the dose they share.

    Parameters
    ----------
    workbench : Workbench
    rows : int (n,)
        Rows of the wells in the plate.

    Returns
    -------
    int32 (n_treatments,)
        Rows of ``workbench.treatments``, each once, ascending; empty where the wells hold none.
    float
        Nominal dose, micromolar; NaN where it is unknown, differs, or a well holds no treatment.
    """
    of_well = workbench.treatment_of_well[rows]
    treatments = np.unique(of_well[of_well >= 0])
    doses = workbench.treatments["concentration"].to_numpy(np.float64)[treatments]
    # Wells of no treatment, controls among them, have no dose that could be shared.
    shared = len(doses) > 0 and (of_well >= 0).all() and len(np.unique(doses)) == 1 and not np.isnan(doses[0])
    return treatments, float(doses[0]) if shared else float("nan")
