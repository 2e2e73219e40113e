"""Dose curves and their wells as columns, for the table below the chart and for files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.dose_curves import DoseCurve, DoseResponse
from app.open_plate import OpenPlate
from app.views.table import TableColumn

__all__ = ["curve_columns", "text_column", "well_columns"]


def text_column(key: str, title: str, texts: Sequence[str], tip: str = "") -> TableColumn:
    """A column of texts; an empty one is a missing value."""
    categories = tuple(sorted(set(texts) - {""}))
    places = {text: place for place, text in enumerate(categories)}
    codes = np.array([places.get(text, -1) for text in texts], dtype=np.int32)
    return TableColumn(key, title, codes, "text", tip, categories=categories)


def _fitted(curves: Sequence[DoseCurve], name: str) -> np.ndarray:
    return np.array([np.nan if c.fit is None else getattr(c.fit, name) for c in curves], dtype=np.float64)


def _measured_ec50(curves: Sequence[DoseCurve]) -> np.ndarray:
    inside = np.array([c.fit is not None and not c.fit.is_extrapolated for c in curves], dtype=bool)
    return np.where(inside, _fitted(curves, "ec50"), np.nan)


def _end(curves: Sequence[DoseCurve], name: str, side: int) -> np.ndarray:
    ends = np.array([np.nan if c.fit is None else c.fit.intervals[name][side] for c in curves], dtype=np.float64)
    ends[(ends <= 0) | np.isinf(ends)] = np.nan
    return ends


def curve_columns(curves: Sequence[DoseCurve]) -> list[TableColumn]:
    """One row a curve: its fit with 95 % intervals, or why there is none."""
    doses = [c.doses[np.isfinite(c.doses)] for c in curves]
    return [
        text_column("compound", "Compound", [c.name for c in curves]),
        *([text_column("condition", "Condition", [c.condition for c in curves])] if _conditions(curves) else []),
        text_column(
            "verdict",
            "EC50 (95 % interval)",
            [c.short_text for c in curves],
            "In words; or why there is no curve",
        ),
        TableColumn("r_squared", "R²", _fitted(curves, "r_squared"), digits=2, tip="Over wells, not over means"),
        TableColumn(
            "p",
            "p",
            np.array([c.p_value for c in curves], dtype=np.float64),
            tip="Of a response that does not change",
        ),
        TableColumn("ec50", "EC50", _measured_ec50(curves), unit="µM", tip="None where it lies outside the doses"),
        TableColumn(
            "ec50_low", "from", _end(curves, "ec50", 0), unit="µM", tip="95 %; none where it is open below"
        ),
        TableColumn(
            "ec50_high", "to", _end(curves, "ec50", 1), unit="µM", tip="95 %; none where it is open above"
        ),
        TableColumn("bottom", "Bottom", _fitted(curves, "bottom"), tip="Readout towards no dose"),
        TableColumn("top", "Top", _fitted(curves, "top"), tip="Readout towards infinite dose"),
        TableColumn("slope", "Hill slope", _fitted(curves, "slope"), digits=2),
        TableColumn("doses", "Doses", np.array([len(np.unique(d)) for d in doses], dtype=np.int64)),
        TableColumn("wells", "Wells", np.array([len(c.rows) for c in curves], dtype=np.int64)),
    ]


def _conditions(curves: Sequence[DoseCurve]) -> bool:
    return any(c.condition for c in curves)


def well_columns(plate: OpenPlate, response: DoseResponse, readout: str) -> list[TableColumn]:
    """One row a well of the curves that are shown."""
    curves = response.curves
    rows = np.concatenate([c.rows for c in curves] or [np.empty(0, dtype=np.int64)])
    names = [c.name for c in curves for _ in c.rows]
    conditions = [c.condition for c in curves for _ in c.rows]
    barcodes = [plate.barcodes[p] if p >= 0 else "" for p in plate.plate_of_well[rows].tolist()]
    return [
        text_column("compound", "Compound", names),
        *([text_column("condition", "Condition", conditions)] if _conditions(curves) else []),
        text_column("plate", "Plate", barcodes),
        text_column("well", "Well", [plate.well(int(row)) for row in rows]),
        TableColumn("dose", "Concentration", np.concatenate([c.doses for c in curves]), unit="µM"),
        TableColumn("value", readout, np.concatenate([c.values for c in curves])),
    ]
