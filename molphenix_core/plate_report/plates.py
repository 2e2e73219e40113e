"""The part of a report that is about plates: their quality as a table, and their maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from molphenix_core.evaluation.plate_retrieval import plate_retrieval
from molphenix_core.plate_report.content import HeatMap, PlateQualityRow, QualityChoice, Reading
from molphenix_core.plate_report.heat_maps import ACTIVITY, draw_legend, draw_plate, linear_scale
from molphenix_core.plates.plate import CONTROL_TYPE, PLATE
from molphenix_core.plates.quality import PlateQuality, plate_quality
from molphenix_core.plates.quality_lights import FEWEST_PLATES
from molphenix_core.plates.readouts import distance_readout
from molphenix_core.plates.treatments import Treatments
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["Maps", "Quality", "gather_maps", "gather_quality"]

_COLUMNS = (
    ("wells", "wells", "wells", "{:.0f}"),
    ("negative_controls", "negative controls", "negative_controls", "{:.0f}"),
    ("positive_controls", "positive controls", "positive_controls", "{:.0f}"),
    ("z_prime", "Z′", "z_prime", "{:.2f}"),
    ("z_prime_robust", "robust Z′", "z_prime_robust", "{:.2f}"),
    ("control_spread", "control spread", "control_spread", "{:.2f}"),
    ("retrieval", "replicate retrieval (mAP)", "retrieval", "{:.3f}"),
    ("retrieval_position_only", "by position only", "", "{:.3f}"),
    ("retrieval_chance", "by chance", "", "{:.3f}"),
    ("edge", "edge effect", "edge_size", "{:+.2f}"),
    ("row", "row trend", "row_size", "{:+.2f}"),
    ("column", "column trend", "column_size", "{:+.2f}"),
)
# A cell a well in the page: more would make a file that no browser likes.
_MOST_WELLS = 40_000


@dataclass(frozen=True)
class Quality:
    """The quality table: titles, a row a plate, and what to know of it."""

    titles: tuple[str, ...]
    rows: tuple[PlateQualityRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Maps:
    """Drawn plates, their legends (activity, distance) and what to know of them."""

    maps: tuple[HeatMap, ...]
    legends: tuple[str, str]
    notes: tuple[str, ...]


def gather_quality(workbench: Workbench, choice: QualityChoice, *, progress: Progress = silent) -> Quality:
    """Judge every plate of a file.

    Parameters
    ----------
    workbench : Workbench
    choice : QualityChoice
    progress : callable

    Returns
    -------
    Quality
    """
    plate = workbench.prepared
    if not plate.barcodes:
        return Quality((), (), ("Not available: the file names no plates (Metadata_Plate is empty).",))
    treatments = Treatments(workbench.treatments, workbench.treatment_of_well)
    retrieval = plate_retrieval(plate, treatments, progress=lambda share, text: progress(0.7 * share, text))
    found = plate_quality(
        plate,
        positive=choice.positive,
        readout=choice.readout,
        retrieval=retrieval,
        progress=lambda share, text: progress(0.7 + 0.3 * share, text),
    )
    rows = tuple(
        PlateQualityRow(str(barcode), tuple(_reading(found, barcode, *column) for column in _COLUMNS))
        for barcode in found.table.index
    )
    return Quality(tuple(title for _, title, _, _ in _COLUMNS), rows, _quality_notes(found, choice))


def _reading(found: PlateQuality, barcode: str, column: str, _title: str, light: str, form: str) -> Reading:
    value = float(found.table[column].to_numpy(np.float64)[found.table.index.get_loc(barcode)])
    if np.isnan(value):
        return Reading("–", str(found.reasons.at[barcode, column]))
    shown = str(found.lights.at[barcode, light]) if light in found.lights else ""
    text = form.format(value)
    if not text.strip("+-0."):
        # What rounding leaves has no sign.
        text = text.lstrip("+-")
    return Reading(text.replace("-", "−"), light=shown)


def _quality_notes(found: PlateQuality, choice: QualityChoice) -> tuple[str, ...]:
    positive = choice.positive_name or found.positive or "none"
    notes = [
        f"Z′ is of the {found.readout}; positive controls: {positive}.",
        f"Edge, row and column effects are of the {found.trend_readout}.",
        "Replicate retrieval is the mean average precision of finding a well's replicates on the other plates; "
        "what lies in the same position finds some of them too, hence the two columns beside it.",
    ]
    if len(found.table) < FEWEST_PLATES:
        notes.append(f"No traffic lights: they compare at least {FEWEST_PLATES} plates.")
    else:
        notes.append(
            "Traffic lights compare a plate with the mean of the others: amber beyond one standard deviation on "
            "the bad side, red beyond three. A run that is bad throughout is green."
        )
    for column, title, _, _ in _COLUMNS:
        why = found.reasons[column]
        for reason, plates in why[why != ""].groupby(why).groups.items():
            where = "any plate" if len(plates) == len(why) else f"{len(plates)} of {len(why)} plates"
            notes.append(f"No {title} for {where}: {reason}.")
    return tuple(notes)


def gather_maps(workbench: Workbench, *, most: int, progress: Progress = silent) -> Maps:
    """Draw the plates of a file, each by activity and by distance to control.

    Parameters
    ----------
    workbench : Workbench
    most : int
        Plates to draw.
    progress : callable

    Returns
    -------
    Maps
    """
    plate = workbench.plate
    placed = plate.positions[:, 0] >= 0
    labels = plate.wells[PLATE].astype(object).to_numpy()
    barcodes = [barcode for barcode in plate.barcodes if (placed & (labels == barcode)).any()]
    if not barcodes:
        return Maps((), ("", ""), ("Not available: no well has a plate and a position.",))
    readout = distance_readout(workbench.prepared)
    p = np.append(workbench.treatments["p_value"].to_numpy(np.float64), np.nan)[workbench.treatment_of_well]
    scale = linear_scale(readout.name, readout.values)
    positive = plate.wells[CONTROL_TYPE].astype(object).map(lambda kind: str(kind).startswith("poscon"))
    texts = _texts(workbench)
    maps: list[HeatMap] = []
    wells = 0
    for barcode in barcodes[:most]:
        rows = np.flatnonzero(placed & (labels == barcode))
        wells += len(rows)
        if maps and wells > _MOST_WELLS:
            break
        progress(len(maps) / len(barcodes), "Drawing plates")
        drawn = [
            draw_plate(
                plate.positions[rows],
                values[rows],
                by,
                name=f"Plate {barcode} by {by.title}",
                texts=[f"{texts[row]}{_number(values[row], by.title)}" for row in rows],
                negative=plate.is_negative_control[rows],
                positive=positive.to_numpy(bool)[rows],
            )
            for values, by in ((p, ACTIVITY), (readout.values, scale))
        ]
        maps.append(HeatMap(str(barcode), *drawn))
    notes = ["A dot marks a negative control, a cross a positive one; grey is a well without a value."]
    if readout.reason:
        notes.append(f"No {readout.name}: {readout.reason}.")
    if len(maps) < len(barcodes):
        notes.append(f"The first {len(maps)} of {len(barcodes)} plates are drawn.")
    return Maps(tuple(maps), (draw_legend(ACTIVITY), draw_legend(scale)), tuple(notes))


def _texts(workbench: Workbench) -> list[str]:
    """Treatment and dose of every well."""
    table = workbench.treatments
    names = [
        f"{name if isinstance(name, str) else 'unnamed'}{'' if pd.isna(dose) else f' {dose:.3g} µM'}"
        for name, dose in zip(table["name"], table["concentration"], strict=True)
    ]
    return [names[treatment] if treatment >= 0 else "" for treatment in workbench.treatment_of_well]


def _number(value: float, what: str) -> str:
    return "" if np.isnan(value) else f", {what} {value:.3g}"
