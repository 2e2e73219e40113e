"""Canned answers about compounds: dose response, the molecule card, comparison of treatments."""

from __future__ import annotations

from typing import Any

import numpy as np

DOSES = (0.05, 0.5, 5.0, 50.0)
"""Micromolar: wells of a compound take turns, whatever the plate says."""

NEIGHBOURS = {"library": "caffeine", "training": "paracetamol"}
LIKE_PREDICTED, LIKE_MEASURED = 12, 16
"""Rows of the wells that are most like any molecule."""


def _plate(path: str) -> tuple[Any, dict[str, Any]]:
    from canned_tasks import MOLECULES, packed_plate

    return MOLECULES, packed_plate(path)


def dose_response(_state: Any, _progress: Any, *, path: str, rows: Any, readout: str, most: int, **_: Any) -> Any:
    """Aspirin has a curve, caffeine a flat response, paracetamol one dose."""
    if readout == "predicted":
        raise ValueError("the canned engine predicts nothing")
    molecules, plate = _plate(path)
    of_well = plate["treatment_of_well"]
    compounds = sorted({int(t) // 2 for t in of_well[np.asarray(rows)] if t >= 0})
    series = []
    for compound in compounds[:most]:
        wells = np.flatnonzero((of_well >= 0) & (of_well // 2 == compound))
        doses = np.array([5.0 if compound == 2 else DOSES[i % 4] for i in range(len(wells))])
        values = (5 * doses / (doses + 0.5) + 1 if compound == 0 else np.ones(len(wells))) + 0.01 * (wells % 3)
        at = np.unique(doses)
        series.append(
            {
                "key": molecules[compound][2],
                "name": molecules[compound][0],
                "condition": "",
                "rows": wells,
                "doses": doses,
                "values": values,
                "mean_doses": at,
                "means": np.array([values[doses == dose].mean() for dose in at]),
                "fit": _fit() if compound == 0 else None,
                "flat_p": 0.4 if compound == 1 else None,
                "reason": ""
                if compound == 0
                else "not available: the response does not change with dose (p = 0.4)",
            }
        )
    controls = {"low": 0.8, "middle": 1.0, "high": 1.2}
    return {"readout": readout, "compounds": len(compounds), "series": series, "controls": controls}


def _fit() -> dict[str, Any]:
    at = np.geomspace(DOSES[0], DOSES[-1], 40)
    curve = 5 * at / (at + 0.5) + 1
    return {
        "bottom": 1.0,
        "top": 6.0,
        "ec50": 0.5,
        "slope": 1.0,
        "intervals": {"ec50": [0.3, 0.8], "slope": [0.8, 1.2], "top": [5.8, 6.2], "bottom": [0.9, 1.1]},
        "slope_is_fixed": False,
        "is_extrapolated": False,
        "r_squared": 0.98,
        "p_value": 0.001,
        "wells": 8,
        "doses": np.array(DOSES),
        "curve_doses": at,
        "curve": curve,
        "low": curve - 0.2,
        "high": curve + 0.2,
    }


def molecule_scores(_state: Any, _progress: Any, **_: Any) -> Any:
    """Best at 5 micromolar."""
    return {
        "reason": "",
        "doses": np.array([0.5, 5.0, np.nan]),
        "scores": np.array([0.1, 0.3, 0.2]),
        "library": np.array([[-0.1, 0.0, 0.1]] * 3),
        "share_above": np.array([0.5, 0.0, 0.1]),
        "compared": 3,
        "of": 3,
    }


def similar_wells(_state: Any, _progress: Any, **_: Any) -> Any:
    """One well each."""
    part = {"reason": "", "similarity": np.array([0.8]), "middle": 0.1, "high": 0.4, "compared": 24}
    return {
        "predicted": {**part, "rows": np.array([LIKE_PREDICTED]), "doses": np.array([5.0])},
        "measured": {**part, "rows": np.array([LIKE_MEASURED]), "doses": np.array([np.nan]), "at": 5.0},
    }


def molecule_neighbours(_state: Any, _progress: Any, **_: Any) -> Any:
    """One molecule each."""
    molecules, _ = _plate("screen.h5ad")
    answer: dict[str, Any] = {}
    for name, wanted in NEIGHBOURS.items():
        found = next(m for m in molecules if m[0] == wanted)
        keys = ("name", "smiles", "inchikey", "mechanism")
        answer[name] = {
            "reason": "",
            "molecules": [{**dict(zip(keys, found, strict=True)), "seen": name == "training"}],
            "similarity": np.array([0.42]),
            "of": 3,
        }
    return answer


def library_record(_state: Any, _progress: Any, *, inchikey: str) -> Any:
    """The library holds caffeine alone."""
    held = inchikey.startswith("RYYVLZVUVIJVGH")
    return {"library": "Reference" if held else "", "compound_id": "C-7" if held else ""}


def compare(_state: Any, _progress: Any, *, first: int, second: int, **_: Any) -> Any:
    """The first named feature is larger in the treatment with the larger number."""
    molecules, _ = _plate("screen.h5ad")
    sign = 1.0 if second > first else -1.0
    keys = ("name", "smiles", "inchikey", "mechanism")
    return {
        "cosine": 0.6,
        "chance": [-0.2, 0.05, 0.3],
        "share_above": 0.01,
        "replicates": [0.1, 0.5, 0.9],
        "joint_cosine": 0.4,
        "features": ["Cells_Area", "Nuclei_Area"],
        "difference": np.array([4.0, -1.0]) * sign,
        "p_value": np.array([0.001, 0.3]),
        "q_value": np.array([0.002, 0.3]),
        "spread": "negative controls",
        "tested": 2,
        "significant": 1,
        "no_names": "",
        "no_test": "",
        "ranks": [{"rank": 1.0, "of": 3}, {"rank": None, "of": 3}],
        "common": [{**dict(zip(keys, molecules[1], strict=True)), "seen": False}],
        "common_ranks": np.array([[1, 2]]),
        "common_scores": np.array([[0.5, 0.4]]),
        "top": 2,
        "of": 3,
    }


def compare_structures(state: Any, progress: Any, *, smiles: list[str]) -> Any:
    """By the library itself: two small structures."""
    from app.tasks.compare import TASKS as COMPARE

    return COMPARE["compare_structures"](state, progress, smiles=smiles)


def _of_molecules(name: str) -> Any:
    def task(state: Any, progress: Any, **arguments: Any) -> Any:
        from app import molecule_tasks

        return molecule_tasks.TASKS[name](state, progress, **arguments)

    return task


TASKS = {
    "dose_response": dose_response,
    "molecule_scores": molecule_scores,
    "similar_wells": similar_wells,
    "molecule_neighbours": molecule_neighbours,
    "library_record": library_record,
    "compare": compare,
    "compare_structures": compare_structures,
    "alerts": _of_molecules("alerts"),
    "draw_svg": _of_molecules("draw_svg"),
}
