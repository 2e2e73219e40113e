"""One molecule for its card: scores over doses, wells like it, and molecules like it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.state import State
from app.tasks.structure_search import library_index
from molphenix_core.molecules.structure_index import build_structure_index
from molphenix_core.progress import Progress
from molphenix_core.retrieval.applicability import training_domain
from molphenix_core.retrieval.one_molecule import (
    SimilarWells,
    dose_scores,
    wells_like_molecule,
    wells_like_wells,
)

__all__ = ["TASKS"]

_TOP = 8


def _molecule_scores(
    state: State, progress: Progress, *, path: str, token: str, rows: NDArray[np.integer], smiles: str
) -> dict[str, Any]:
    """Scores of a molecule for the mean of some wells over the library's doses; or the ``reason`` for none."""
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    if bundle is None or library is None:
        return {"reason": "there is no model or no library to predict with"}
    if not workbench.space_known:
        return {"reason": "the model does not know the embedding space of this plate"}
    mean = workbench.prepared.embeddings[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    phenotype = bundle.embed_phenotypes(mean[None], workbench.prepared.space)[0]
    found = dose_scores(bundle, library, phenotype, smiles)
    return {
        "reason": "",
        "doses": found.doses,
        "scores": found.scores,
        "library": found.library,
        "share_above": found.share_above,
        "compared": found.compared,
        "of": len(library),
    }


def _similar_wells(
    state: State, progress: Progress, *, path: str, token: str, smiles: str, key: str
) -> dict[str, Any]:
    """Treated wells nearest to a molecule's predicted place, and to its own wells at its most active dose."""
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    predicted: dict[str, Any] = {"reason": "the model does not know the embedding space of this plate"}
    if bundle is None or library is None:
        predicted = {"reason": "there is no model or no library to predict with"}
    elif not smiles:
        predicted = {"reason": "no structure is known"}
    elif workbench.space_known:
        predicted = _packed(wells_like_molecule(workbench, bundle, smiles, library.doses.tolist(), top=_TOP))
    table = workbench.treatments
    own = np.flatnonzero((table["inchikey"] == key) | (table["smiles"] == key) | (table["key"] == key))
    measured: dict[str, Any] = {"reason": "it is in no well of this file"}
    if len(own):
        active = table.iloc[own].sort_values(["p_value", "distance_to_control"], ascending=[True, False])
        treatment = int(active.index[0])
        reference = np.flatnonzero(workbench.treatment_of_well == treatment)
        dose = float(table["concentration"].iloc[treatment])
        found = wells_like_wells(workbench, reference, top=_TOP)
        measured = {**_packed(found), "at": None if np.isnan(dose) else dose}
    return {"predicted": predicted, "measured": measured}


def _packed(found: SimilarWells) -> dict[str, Any]:
    return {"reason": "", **dataclasses.asdict(found)}


def _library_record(state: State, progress: Progress, *, inchikey: str) -> dict[str, Any]:
    """What the library calls a molecule; empty texts where it does not hold it."""
    library = state.models.library(progress)
    if library is None:
        return {"library": "", "compound_id": ""}
    own = np.flatnonzero(library.molecules["inchikey"].to_numpy(object) == inchikey)
    number = library.molecules["compound_id"].iloc[int(own[0])] if len(own) else ""
    return {"library": library.name if len(own) else "", "compound_id": str(number)}


def _molecule_neighbours(state: State, progress: Progress, *, smiles: str, inchikey: str) -> dict[str, Any]:
    """Molecules of the library and of the training data most similar in structure, by Tanimoto."""
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    answer: dict[str, Any] = {"library": {"reason": "there is no library"}, "training": {"reason": "no model"}}
    if library is not None:
        index = library_index(state, library, progress)
        answer["library"] = _nearest(library.molecules, index.similarity(smiles), inchikey, bundle)
    if bundle is not None:
        training = training_domain(bundle).molecules
        index = state.keep("training index", bundle, lambda: build_structure_index(training["smiles"].tolist()))
        answer["training"] = _nearest(training, index.similarity(smiles), inchikey, bundle)
    return answer


def _nearest(table: pd.DataFrame, similarity: NDArray[np.float32], own: str, bundle: Any) -> dict[str, Any]:
    keys = table["inchikey"].to_numpy(object)
    # Itself, and forms that differ in isotopes or stereochemistry, are found by name.
    similarity = np.where(keys == own, -1.0, similarity)
    rows = np.argsort(-similarity, kind="stable")[: min(_TOP, len(table))]
    rows = rows[similarity[rows] >= 0]
    chosen = table.iloc[rows]
    mechanisms = chosen["mechanism"] if "mechanism" in chosen else pd.Series("", index=chosen.index)
    return {
        "reason": "" if len(rows) else "there are no others",
        "molecules": [
            {
                "name": str(name) if pd.notna(name) else "",
                "smiles": str(text),
                "inchikey": str(key),
                "mechanism": str(mechanism) if pd.notna(mechanism) else "",
                "seen": bundle.is_seen(key) if bundle is not None else None,
            }
            for name, text, key, mechanism in zip(
                chosen["name"], chosen["smiles"], chosen["inchikey"], mechanisms, strict=True
            )
        ],
        "similarity": similarity[rows].astype(np.float64),
        "of": len(table),
    }


TASKS: dict[str, Callable[..., Any]] = {
    "molecule_scores": _molecule_scores,
    "similar_wells": _similar_wells,
    "library_record": _library_record,
    "molecule_neighbours": _molecule_neighbours,
}
"""Tasks by the names that the window uses."""
