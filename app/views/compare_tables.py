"""Columns of the page that compares two treatments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.comparison import Comparison, Figure
from app.views.dose_table import text_column
from app.views.table import TableColumn

__all__ = ["candidate_columns", "feature_columns", "figure_columns", "figure_texts"]


def figure_texts(figures: Sequence[Figure]) -> list[TableColumn]:
    """Figures as they are read: each in its own format."""
    return [
        text_column("figure", "Figure", [one.name for one in figures]),
        text_column("first", "A", [one.text(one.first) for one in figures]),
        text_column("second", "B", [one.text(one.second) for one in figures]),
        text_column(
            "difference", "B against A", [one.difference_text for one in figures], "Difference, or factor"
        ),
    ]


def figure_columns(figures: Sequence[Figure], names: tuple[str, str]) -> list[TableColumn]:
    """Figures as numbers, for files."""
    return [
        text_column("figure", "Figure", [one.name for one in figures]),
        TableColumn("first", names[0], np.array([one.first for one in figures])),
        TableColumn("second", names[1], np.array([one.second for one in figures])),
        TableColumn("difference", "Difference", np.array([one.second - one.first for one in figures])),
    ]


def feature_columns(found: Comparison) -> list[TableColumn]:
    """Features that differ, those that differ surely and most first."""
    return [
        TableColumn(
            "feature", "Feature", np.arange(len(found.features), dtype=np.int32), "text", categories=found.features
        ),
        TableColumn("difference", "B − A", found.difference, unit="SD", tip="Of the " + found.spread),
        TableColumn("p", "p", found.p_value, tip="Welch's t test between wells"),
        TableColumn("q", "q", found.q_value, tip="Corrected by Benjamini and Hochberg"),
    ]


def candidate_columns(found: Comparison) -> list[TableColumn]:
    """Candidates of both treatments."""
    common = found.common
    return [
        text_column("name", "Candidate", [one.molecule.name for one in common]),
        TableColumn("rank_a", "Rank A", np.array([one.ranks[0] for one in common], dtype=np.int64)),
        TableColumn("rank_b", "Rank B", np.array([one.ranks[1] for one in common], dtype=np.int64)),
        TableColumn("score_a", "Score A", np.array([one.scores[0] for one in common], dtype=np.float64)),
        TableColumn("score_b", "Score B", np.array([one.scores[1] for one in common], dtype=np.float64)),
        text_column("mechanism", "Mechanism", [one.molecule.mechanism for one in common]),
        TableColumn(
            "seen",
            "Seen",
            np.array(
                [np.nan if one.molecule.seen is None else one.molecule.seen for one in common], dtype=np.float64
            ),
            "flag",
            "Whether the model was trained on it",
        ),
    ]
