"""Tables, charts and findings of recipes beside each other, with exact chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.collapsed_chance import collapsed_reciprocal_rank, collapsed_top
from molphenix_core.evaluation.recall import figures_from_ranks
from molphenix_core.paper.drawing import Dot, interval_chart
from molphenix_core.paper.figures import Arm, Pooled, difference, pooled
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Cell, Figure, Table

__all__ = ["collapsed_table", "finding", "recall_chart", "recall_table"]

_COLUMNS = (
    "Method",
    "Recall, top 1 %",
    "sd over seeds",
    "95 % interval",
    "Less the first row",
    "Top 5 %",
    "R@1",
    "R@5",
    "R@10",
    "MRR",
    "Median rank, %",
    "Reverse, top 1 %",
    "Molecule, top 1 %",
    "N",
    "k",
)


def recall_table(
    caption: str, arms: Sequence[Arm], outcome: Outcome, *, split: str, gallery: str = "all"
) -> Table:
    """Recall of treatments, one row an arm, with exact chance as the last row.

    Parameters
    ----------
    caption : str
        To which the gallery is added.
    arms : sequence of Arm
        The first is the one that the others are compared with.
    outcome : Outcome
    split, gallery : str

    Returns
    -------
    Table
        Recalls and their intervals as shares, the median rank in percent of the gallery.
    """
    rows: list[tuple[Cell, ...]] = []
    first: Pooled | None = None
    some: Pooled | None = None
    for number, arm in enumerate(arms):
        here = pooled(arm, outcome, split, gallery)
        if isinstance(here, str):
            rows.append((arm.label, *[None] * (len(_COLUMNS) - 1)))
            rows[-1] = (f"{arm.label} (not available: {here})", *rows[-1][1:])
            continue
        some = some or here
        first = here if number == 0 else first
        figures = figures_from_ranks(here.forward, here.sizes, here.molecule)
        reverse = figures_from_ranks(here.reverse, here.sizes, here.molecule)
        molecule = figures_from_ranks(here.by_molecule, here.molecules, here.molecule)
        rows.append(
            (
                arm.label,
                round(figures.recall_top_1_percent, 4),
                _over_seeds(here.forward <= np.ceil(0.01 * here.sizes), here.seed),
                _interval(figures.recall_interval),
                _less(here, first) if number else "",
                round(figures.recall_top_5_percent, 4),
                round(figures.recall_at_1, 4),
                round(figures.recall_at_5, 4),
                round(figures.recall_at_10, 4),
                round(figures.mean_reciprocal_rank, 4),
                round(figures.median_rank_percentile, 2),
                round(reverse.recall_top_1_percent, 4),
                round(molecule.recall_top_1_percent, 4),
                figures.candidates,
                figures.k,
            )
        )
    if some is not None:
        rows.append(_chance(some))
    return Table(f"{caption}. Gallery: {gallery}.", _COLUMNS, tuple(rows))


def collapsed_table(
    caption: str, arms: Sequence[Arm], outcome: Outcome, *, split: str, gallery: str = "all"
) -> Table:
    """Recall of molecules by their best dose: the one fair table for a method that is told no dose.

    Parameters
    ----------
    caption : str
        To which the gallery is added.
    arms : sequence of Arm
    outcome : Outcome
    split, gallery : str

    Returns
    -------
    Table
        One row an arm; recalls as shares of the queries. Then exact chance, twice: of scores that differ between
        doses, where a molecule with more of them in the gallery is found more often, and of one score a molecule.
    """
    columns = ("Method", "Recall, top 1 %", "sd over seeds", "95 % interval", "Top 5 %", "MRR", "N", "k")
    rows: list[tuple[Cell, ...]] = []
    some: Pooled | None = None
    for arm in arms:
        here = pooled(arm, outcome, split, gallery)
        if isinstance(here, str):
            rows.append((f"{arm.label} (not available: {here})", *[None] * (len(columns) - 1)))
            continue
        some = some or here
        figures = figures_from_ranks(here.by_molecule, here.molecules, here.molecule)
        rows.append(
            (
                arm.label,
                round(figures.recall_top_1_percent, 4),
                _over_seeds(here.by_molecule <= np.ceil(0.01 * here.molecules), here.seed),
                _interval(figures.recall_interval),
                round(figures.recall_top_5_percent, 4),
                round(figures.mean_reciprocal_rank, 4),
                figures.candidates,
                figures.k,
            )
        )
    if some is not None:
        size = int(np.median(some.molecules))
        rows.append(
            (
                "chance",
                _collapsed(some, 0.01),
                "",
                "",
                _collapsed(some, 0.05),
                _collapsed(some, None),
                size,
                ceil(0.01 * size),
            )
        )
        rows.append(
            (
                "chance of a method told no dose",
                _share(0.01, some.molecules),
                "",
                "",
                _share(0.05, some.molecules),
                _chance_mrr(some.molecules),
                size,
                ceil(0.01 * size),
            )
        )
    return Table(f"{caption}, doses collapsed to molecules. Gallery: {gallery}.", columns, tuple(rows))


def finding(arms: Sequence[Arm], outcome: Outcome, *, split: str, gallery: str = "all") -> str:
    """Which arm found most, in a sentence; and whether that is more than the first, beyond the interval.

    Parameters
    ----------
    arms : sequence of Arm
        The first is the one that the best is compared with.
    outcome : Outcome
    split, gallery : str

    Returns
    -------
    str
    """
    found = [(arm, here) for arm in arms if not isinstance(here := pooled(arm, outcome, split, gallery), str)]
    if not found:
        return f"{split}, gallery {gallery}: not available."

    def recall(here: Pooled) -> float:
        return float((here.forward <= np.ceil(0.01 * here.sizes)).mean())

    best, most = max(found, key=lambda pair: recall(pair[1]))
    chance = _share(0.01, most.sizes)
    text = f"{split}, gallery {gallery}: most is found by {best.label} ({recall(most):.3f}; chance {chance:.3f})"
    (first, ours) = found[0]
    if first is arms[0] and best is not first:
        text += f", against {recall(ours):.3f} by {first.label}"
        gain = difference(most, ours) or difference(ours, most)
        if gain is not None:
            clear = gain[1] > 0 or gain[2] < 0
            text += "; the interval of the difference " + ("leaves out zero" if clear else "holds zero")
    return text + "."


def recall_chart(
    caption: str, arms: Sequence[Arm], outcome: Outcome, *, split: str, gallery: str = "all"
) -> Figure:
    """The recall in the top 1 % of :func:`recall_table` with its intervals, beside chance.

    Parameters
    ----------
    caption : str
        To which the gallery is added.
    arms : sequence of Arm
        The first is marked.
    outcome : Outcome
    split, gallery : str

    Returns
    -------
    Figure
    """
    dots: list[Dot] = []
    references: dict[str, float] = {}
    for number, arm in enumerate(arms):
        here = pooled(arm, outcome, split, gallery)
        if isinstance(here, str):
            dots.append(Dot(arm.label, None))
            continue
        figures = figures_from_ranks(here.forward, here.sizes, here.molecule)
        low, high = figures.recall_interval
        dots.append(Dot(arm.label, figures.recall_top_1_percent, low, high, marked=number == 0))
        references.setdefault("chance", figures.chance)
    svg = interval_chart(dots, x_label="recall in the top 1 %", references=references)
    return Figure(f"{caption}. Gallery: {gallery}.", svg)


def _less(here: Pooled, first: Pooled | None) -> str:
    if first is None:
        return ""
    gain = difference(here, first)
    return "" if gain is None else f"{gain[0]:+.3f} ({gain[1]:+.3f} to {gain[2]:+.3f})"


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def _over_seeds(hits: NDArray[np.bool_], seed: NDArray[np.int64]) -> Cell:
    seeds = np.unique(seed)
    if len(seeds) < 2:
        return ""
    return round(float(np.std([hits[seed == one].mean() for one in seeds], ddof=1)), 4)


def _share(part: float, sizes: NDArray[np.int64]) -> float:
    return round(float((np.ceil(part * sizes) / sizes).mean()), 4)


def _collapsed(some: Pooled, part: float | None) -> float:
    """Chance by molecule of the top part, or of the mean reciprocal rank for None, over the queries."""
    chance = np.empty(len(some.molecule))
    for gallery in np.unique(some.gallery):
        here = some.gallery == gallery
        _, of, counts = np.unique(some.molecule[here], return_inverse=True, return_counts=True)
        each = (
            collapsed_reciprocal_rank(counts) if part is None else collapsed_top(counts, ceil(part * len(counts)))
        )
        chance[here] = each[of]
    return round(float(chance.mean()), 4)


def _chance_mrr(sizes: NDArray[np.int64]) -> float:
    unique, back = np.unique(sizes, return_inverse=True)
    return round(float(np.array([(1 / np.arange(1, n + 1)).mean() for n in unique])[back].mean()), 4)


def _chance(some: Pooled) -> tuple[Cell, ...]:
    def top(most: int) -> float:
        return round(float((np.minimum(most, some.sizes) / some.sizes).mean()), 4)

    size = int(np.median(some.sizes))
    return (
        "chance",
        _share(0.01, some.sizes),
        "",
        "",
        "",
        _share(0.05, some.sizes),
        top(1),
        top(5),
        top(10),
        _chance_mrr(some.sizes),
        50.0,
        _share(0.01, some.sizes),
        _collapsed(some, 0.01),
        size,
        ceil(0.01 * size),
    )
