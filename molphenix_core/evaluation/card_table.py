"""The held-out figures of a bundle's card as a Markdown table: ``molphenix card``, and the table of the README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molphenix_core.model.bundle import Bundle

__all__ = ["card_table"]


def card_table(bundle: Bundle) -> str:
    """A row a split, gallery and method, with the size of the gallery and chance beside every score.

    Parameters
    ----------
    bundle : Bundle
        Its card may hold figures of several plate files; these then stand before the split.

    Returns
    -------
    str
        Markdown; recalls as shares of the queries, the median rank in percent of the gallery.
    """
    lines = [
        "| held out | gallery | N (k) | chance | method | top 1 % (95 % interval) | top 5 % | median rank |",
        "|---|---|---|---|---|---|---|---|",
    ]
    figures = bundle.facts.get("figures", [])
    several = len({row.get("data") for row in figures}) > 1
    for row in figures:
        named = {**row, "split": f"{row['data']}: {row['split']}"} if several else row
        lines.append(_unavailable(named) if "not_available" in named else _line(named))
    return "\n".join(lines)


def _unavailable(row: Mapping[str, Any]) -> str:
    reason = f"not available: {row['not_available']}"
    told = f"{row['method']}, {reason}" if "method" in row else reason
    return f"| {row['split']} | {row.get('gallery', '')} | | | {told} | | | |"


def _line(row: Mapping[str, Any]) -> str:
    low, high = row["recall_interval"]
    return (
        f"| {row['split']} | {row['gallery']} | {row['candidates']} ({row['k']}) | {row['chance']:.3f} "
        f"| {row['method']} | {row['recall_top_1_percent']:.3f} ({low:.3f} to {high:.3f}) "
        f"| {row['recall_top_5_percent']:.3f} | {row['median_rank_percentile']:.0f} % |"
    )
