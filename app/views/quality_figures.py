"""The quality of the plates of a file as the window holds it, and the columns that show it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.numbers import integer, number, percent
from app.open_plate import Column
from app.theme import Theme
from app.views.table import TableColumn

__all__ = [
    "FIGURES",
    "LIGHTS",
    "Figure",
    "Quality",
    "light_colour",
    "lights_text",
    "lights_tip",
    "quality_columns",
]

LIGHTS = ("", "green", "amber", "red")
"""Words of the lights, by their codes; "" is none."""

# Beside the colour, for those who do not see it.
_MARKS = ("", "", "▲ ", "◆ ")


@dataclass(frozen=True)
class Figure:
    """One figure of every plate.

    Parameters
    ----------
    key, title, tip : str
    light : str
        The statistic whose light it has, "" for none.
    test : bool
        Whether it has a p- and a q-value.
    """

    key: str
    title: str
    tip: str
    light: str = ""
    test: bool = False


_EDGE = "Edge less interior, medians of the wells used, in robust standard deviations of the interior"
FIGURES = (
    Figure(
        "z_prime", "Z′", "Room between the bands of both controls: 1 is perfect, above 0.5 excellent", "z_prime"
    ),
    Figure("z_prime_robust", "Z′ robust", "The same of medians and median absolute deviations", "z_prime_robust"),
    Figure(
        "control_spread",
        "Spread",
        "How widely the negative controls scatter about their mean, relative to the median plate of the file",
        "control_spread",
    ),
    Figure(
        "retrieval",
        "mAP",
        "Mean average precision of finding the replicates of a well on the other plates, by phenotype",
        "retrieval",
    ),
    Figure(
        "retrieval_position_only",
        "mAP, position",
        "What nearness of well positions alone finds: where replicates share a position, more than phenotype does",
    ),
    Figure("retrieval_chance", "mAP, chance", "Mean average precision of a random order"),
    Figure("edge", "Edge", _EDGE, "edge_size", True),
    Figure("row", "Row trend", "Spearman correlation with the row, A at the top", "row_size", True),
    Figure("column", "Column trend", "Spearman correlation with the column, 1 at the left", "column_size", True),
    Figure("rows", "Rows differ", "Share of variance between rows beyond chance", "rows_size", True),
    Figure("columns", "Columns differ", "Share of variance between columns beyond chance", "columns_size", True),
)
"""What is shown of every plate."""

_COUNTS = (
    ("wells", "Wells", "Wells of the plate in the file"),
    ("negative_controls", "Negative", "Negative controls"),
    ("positive_controls", "Positive", "Positive controls"),
)


@dataclass(frozen=True, eq=False)
class Quality:
    """What the engine found of n plates.

    Parameters
    ----------
    barcodes : tuple of str (n,)
    columns : dict of float64 (n,)
        NaN where a figure is missing.
    reasons : dict of Column
        Why, "" where it is not.
    lights : dict of int8 (n,)
        Codes of :data:`LIGHTS`.
    fewest_plates : int
        That a file needs before any has a light.
    readout, trend_readout, positive : str
        What the figures were made of.
    trend_values : float64 (n_wells,)
        In which position effects were sought.
    trend_wells : bool (n_wells,)
        The wells used for it, and in ``trend_among``, by plate, what they are.
    readouts, positives : tuple of (key, label)
        What could be chosen.
    """

    barcodes: tuple[str, ...]
    columns: dict[str, NDArray[np.float64]]
    reasons: dict[str, Column]
    lights: dict[str, NDArray[np.int8]]
    fewest_plates: int
    readout: str
    trend_readout: str
    positive: str
    trend_values: NDArray[np.float64]
    trend_wells: NDArray[np.bool_]
    trend_among: tuple[str, ...]
    not_available: str = ""
    simulated: bool = False
    readouts: tuple[tuple[str, str], ...] = ()
    positives: tuple[tuple[str, str], ...] = ()

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Quality:
        values = dict(packed)
        for name in ("readouts", "positives"):
            values[name] = tuple((one["key"], one["label"]) for one in values[name])
        for name in ("barcodes", "trend_among"):
            values[name] = tuple(values[name])
        values["reasons"] = {name: Column.unpack(column) for name, column in values["reasons"].items()}
        return cls(**values)

    def __len__(self) -> int:
        return len(self.barcodes)

    def light(self, figure: Figure) -> NDArray[np.int8]:
        """Lights of a figure; zeros for one that has none."""
        return self.lights.get(figure.light, np.zeros(len(self), dtype=np.int8))

    def worst(self) -> NDArray[np.int8]:
        """The worst light of every plate."""
        stacked = [*self.lights.values(), np.zeros(len(self), dtype=np.int8)]
        return np.asarray(np.max(stacked, axis=0), dtype=np.int8)

    def reason(self, figure: Figure, plate: int) -> str:
        """Why a figure of a plate is missing; "" where it is not."""
        column = self.reasons.get(figure.key)
        return (column[plate] or "") if column is not None else ""

    def tip(self, figure: Figure, plate: int) -> str:
        """What a cell says beyond its number."""
        if reason := self.reason(figure, plate):
            return reason[:1].upper() + reason[1:]
        parts = []
        if light := LIGHTS[int(self.light(figure)[plate])]:
            parts.append(f"{light}: {_MEANING[light]}")
        if figure.test:
            p, q = (float(self.columns[f"{figure.key}_{name}"][plate]) for name in ("p", "q"))
            parts.append(f"p {number(p)}, q {number(q)} over the plates, among {self.trend_among[plate]}")
        return "\n".join(part[:1].upper() + part[1:] for part in parts)


_MEANING = {
    "green": "within one standard deviation of the other plates, or better",
    "amber": "more than one standard deviation worse than the other plates",
    "red": "more than three standard deviations worse than the other plates",
}


@dataclass(frozen=True, eq=False)
class _LitColumn(TableColumn):
    """Numbers with a mark before those of a plate that stands out."""

    marks: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))

    def text(self, row: int) -> str:
        return _MARKS[int(self.marks[row])] + super().text(row)


def quality_columns(quality: Quality) -> tuple[TableColumn, ...]:
    """Columns of the table: one row a plate."""
    n = len(quality)
    barcodes = TableColumn("plate", "Plate", np.arange(n, dtype=np.int32), "text", categories=quality.barcodes)
    columns: list[TableColumn] = [barcodes, _light_column(quality)]
    for figure in FIGURES:
        values, marks = quality.columns[figure.key], quality.light(figure)
        columns.append(_LitColumn(figure.key, figure.title, values, tip=figure.tip, marks=marks))
    for key, title, tip in _COUNTS:
        columns.append(TableColumn(key, title, quality.columns[key].astype(np.int64), tip=tip))
    return tuple(columns)


def _light_column(quality: Quality) -> TableColumn:
    reds, ambers = (sum((light == code) for light in quality.lights.values()) for code in (3, 2))
    worst = quality.worst()
    words = []
    for plate, light in enumerate(worst.tolist()):
        count = {3: reds, 2: ambers}.get(light)
        words.append(
            f"{_MARKS[light]}{count[plate]} {LIGHTS[light]}" if count is not None else LIGHTS[light] or "–"
        )
    codes, categories = _codes(words)
    # Worst last: by the number of reds, then of ambers.
    keys = np.zeros(len(categories), dtype=np.int64)
    keys[codes] = worst * 100 + np.where(worst == 3, reds, np.where(worst == 2, ambers, 0))
    ranks = np.argsort(np.argsort(keys))
    return TableColumn(
        "light",
        "Light",
        codes,
        "text",
        tip="The worst light of the plate, and how many of its figures have it",
        categories=categories,
        ranks=ranks,
    )


def _codes(words: list[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    categories = tuple(dict.fromkeys(words))
    return np.array([categories.index(word) for word in words], dtype=np.int32), categories


def lights_text(quality: Quality) -> str:
    """How the plates stand, or why none has a light."""
    lit = [f for f in FIGURES if f.light in quality.lights]
    known = max((int(np.isfinite(quality.columns[f.key]).sum()) for f in lit), default=0)
    if known < quality.fewest_plates:
        return f"too few plates for traffic lights ({known} of {quality.fewest_plates})"
    worst = quality.worst()
    counts = [(int((worst == code).sum()), LIGHTS[code]) for code in (3, 2, 1)]
    told = ", ".join(f"{integer(count)} {word}" for count, word in counts if count)
    figures = _lit_figures(quality)
    return f"{told}, by the worst of {figures} figures (by chance about {_by_chance(figures)} are not green)"


def lights_tip(quality: Quality) -> str:
    """What a light is compared with, and how many plates would have one if none differed."""
    figures = _lit_figures(quality)
    return (
        "Each figure of a plate is compared with the mean of the other plates of the file "
        f"({quality.fewest_plates} plates at least): amber where it is more than one of their standard deviations "
        "worse, red beyond three. The light of a plate is that of its worst figure. If plates did not differ, "
        "and figures were independent and normally distributed, about one figure in six would be amber, and about "
        f"{_by_chance(figures)} of plates with {figures} figures would be amber or red; figures that go together "
        "make it fewer. The lights say nothing of a run that is bad throughout."
    )


def _lit_figures(quality: Quality) -> int:
    return sum(bool(quality.light(f).any()) for f in FIGURES if f.light in quality.lights)


def _by_chance(figures: int) -> str:
    """The share of plates with a figure beyond one standard deviation on its bad side where none differs."""
    beyond = math.erfc(math.sqrt(0.5)) / 2
    return percent(1 - (1 - beyond) ** figures)


def light_colour(light: int, theme: Theme) -> tuple[str, str]:
    """Ground and ink of a light, from the theme."""
    return (theme.neutral, theme.seen, (theme.warning[0], theme.warning[2]), (theme.error[0], theme.error[2]))[
        light
    ]
