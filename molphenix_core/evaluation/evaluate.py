"""Recall on a plate whose structures are known: ``molphenix evaluate``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.evaluation.held_out import HeldOut, figures_table
from molphenix_core.evaluation.kernel_ridge import KernelRidge, cosine_scores, fit_kernel_ridge, morgan_counts
from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.plate import CONCENTRATION, SMILES
from molphenix_core.retrieval.ranking import ACTIVE
from molphenix_core.retrieval.workbench import Workbench
from molphenix_core.writing import written_aside

__all__ = ["evaluate_plate", "write_report"]


def evaluate_plate(workbench: Workbench, bundle: Bundle) -> dict[str, Any]:
    """Recall of the retriever and its rivals, for molecules it has seen and for unseen ones.

    The gallery of each row is the (molecule, dose) pairs of the plate's own treatments in that stratum.

    Parameters
    ----------
    workbench : Workbench
        Of a plate with structures.
    bundle : Bundle
        The one that the workbench was opened with.

    Returns
    -------
    dict
        JSON values: ``plate``, ``model``, ``figures`` (rows of
        :func:`~molphenix_core.evaluation.held_out.figures_table`) and ``how``.

    Raises
    ------
    InputError
        When the retriever does not know the plate's space, or fewer than two treatments have a structure.
    """
    source = workbench.plate.source or "plate"
    if not workbench.space_known:
        raise InputError(source, "embedding space", workbench.prepared.space, f"a space of model {bundle.name}")
    table = workbench.treatments
    known = np.flatnonzero(table["inchikey"].notna().to_numpy())
    if len(known) < 2:
        raise InputError(source, "Metadata_SMILES", f"{len(known)} treatments with a structure", "at least two")
    figures: list[dict[str, object]] = []
    ridge = _ridge(bundle, workbench.prepared.space)
    seen = table["seen"].to_numpy(dtype=object) == True  # noqa: E712 (None is neither)
    for name, rows in (
        ("all molecules", known),
        ("seen molecules", known[seen[known]]),
        ("unseen molecules", known[~seen[known]]),
    ):
        if len(rows) < 2:
            figures.append({"split": name, "not_available": f"{len(rows)} treatments with a structure"})
            continue
        figures += figures_table(_held_out(workbench, name, rows), _scores(workbench, bundle, rows, ridge))
    return {
        "plate": {
            "file": Path(source).name,
            "space": workbench.prepared.space,
            "wells": len(workbench.plate),
            "treatments": len(table),
            "simulated": workbench.plate.simulated,
            "notes": list(workbench.notes),
        },
        "model": {"name": bundle.name, "molecule_path": bundle.molecule_path_hash},
        "figures": figures,
        "how": (
            "Queries: mean phenotype of each treatment with a structure. Candidates: the (molecule, dose) pairs "
            "of the same treatments. Chance is k / candidates, k = ceil(0.01 candidates). Intervals: bootstrap by "
            f"molecule. Active: replicate-consistency p < {ACTIVE}. Kernel ridge is fitted on the bundle's "
            "training treatments. Wells that the bundle was trained on make the figures too good."
        ),
    }


def _held_out(workbench: Workbench, name: str, rows: NDArray[np.intp]) -> HeldOut:
    table = workbench.treatments.iloc[rows]
    _, molecule = np.unique(table["inchikey"].to_numpy(dtype=str), return_inverse=True)
    p_value = table["p_value"].to_numpy(np.float64)
    return HeldOut(
        name=name,
        treatments=rows.astype(np.int64),
        molecule=molecule.astype(np.int64),
        dose=table["concentration"].to_numpy(np.float64),
        active=None if np.isnan(p_value).all() else p_value < ACTIVE,
    )


def _ridge(bundle: Bundle, space: str) -> KernelRidge | None:
    reference = bundle.references.get(space)
    if reference is None:
        return None
    smiles, molecule = np.unique(reference.wells[SMILES].to_numpy(dtype=str), return_inverse=True)
    return fit_kernel_ridge(
        morgan_counts(smiles.tolist())[molecule],
        np.log10(reference.wells[CONCENTRATION].to_numpy(np.float64)),
        reference.embeddings,
    )


def _scores(
    workbench: Workbench, bundle: Bundle, rows: NDArray[np.intp], ridge: KernelRidge | None
) -> dict[str, NDArray[np.floating]]:
    space = workbench.prepared.space
    queries = workbench.treatment_means()[rows]
    table = workbench.treatments.iloc[rows]
    # Each molecule once: features cost far more than everything after them.
    smiles, molecule = np.unique(table["smiles"].to_numpy(dtype=str), return_inverse=True)
    doses, column = np.unique(table["concentration"].to_numpy(np.float64), return_inverse=True)
    embedded = bundle.embed_molecules(bundle.molecule_features(smiles.tolist()), doses)
    z_m = embedded[molecule, column]
    scores: dict[str, NDArray[np.floating]] = {"retriever": bundle.embed_phenotypes(queries, space) @ z_m.T}
    if ridge is not None:
        predicted = ridge.predict(morgan_counts(smiles.tolist())[molecule], np.log10(doses)[column])
        scores["kernel ridge on Tanimoto, sphered"] = cosine_scores(queries - ridge.mean, predicted)
    return scores


def write_report(report: dict[str, Any], path: str | Path) -> None:
    """Write a report as JSON, aside first and then renamed.

    Parameters
    ----------
    report : dict
        Of :func:`evaluate_plate`; dataclasses and NumPy scalars in it become JSON values.
    path : path
        The file to write, in UTF-8; one that is there is replaced.

    Raises
    ------
    InputError
        When it cannot be written there.
    TypeError
        For a value that JSON cannot hold.
    """
    with written_aside(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump(report, file, indent=1, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
