"""What a reader must know of some wells before believing their ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molphenix_core.retrieval.applicability import WellApplicability
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["ACTIVE", "ranking_note"]

ACTIVE = 0.1
"""Treatments with a replicate-consistency p-value below it count as active (the published choice)."""


def ranking_note(
    workbench: Workbench,
    library: Library | None,
    rows: NDArray[np.integer],
    treatments: NDArray[np.int32],
    applicability: WellApplicability | None,
) -> str:
    """The note of a ranking.

    Parameters
    ----------
    workbench : Workbench
    library : Library or None
    rows : int (n,)
        The wells.
    treatments : int32 (n_treatments,)
        Those among them, each once.
    applicability : WellApplicability or None
        Of their mean.

    Returns
    -------
    str
        Sentences; "" where there is nothing to warn of.
    """
    if not workbench.space_known:
        return f"No predicted candidates: {workbench.space_reason}."
    notes = [] if library is not None else ["No predicted candidates: no library is open."]
    if applicability is not None and applicability.note:
        notes.append(applicability.note)
    if len(treatments) == 0:
        return " ".join([*notes, _without_treatment(workbench, rows)])
    nameless = rows[workbench.treatment_of_well[rows] < 0]
    if len(nameless):
        controls = int(workbench.plate.is_negative_control[nameless].sum())
        others = len(nameless) - controls
        parts = [f"{n} {what}" for n, what in ((controls, "negative controls"), (others, "other wells")) if n]
        notes.append(f"The mean includes {' and '.join(parts)} that hold none of the treatments.")
    if len(treatments) > 1:
        notes.append(f"The mean of {len(treatments)} different treatments.")
    table = workbench.treatments.iloc[treatments]
    return " ".join([*notes, *_activity_notes(table["p_value"].to_numpy(np.float64))])


def _without_treatment(workbench: Workbench, rows: NDArray[np.integer]) -> str:
    if workbench.plate.is_negative_control[rows].all():
        return "Negative controls: any ranking of them is noise."
    if not workbench.plate.is_treated[rows].any():
        return "Controls: they are not a treatment, and have no activity p-value."
    return "These wells have no identity."


def _activity_notes(p_values: NDArray[np.float64]) -> list[str]:
    unknown, inactive = int(np.isnan(p_values).sum()), int((p_values >= ACTIVE).sum())
    if len(p_values) == 1:
        if unknown:
            return ["No activity p-value (one replicate, or too few treatments): the wells may be inactive."]
        if inactive:
            return [f"Inactive (p = {p_values[0]:.2g}): replicates agree no better than chance."]
        return []
    notes = []
    if inactive:
        notes.append(f"{inactive} of {len(p_values)} treatments are inactive (p of {ACTIVE:g} or more).")
    if unknown:
        notes.append(f"{unknown} of {len(p_values)} treatments have no activity p-value and may be inactive.")
    return notes
