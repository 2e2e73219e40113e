"""A bundle's card as Markdown tables: ``molphenix card``, the model card, the table of the README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molphenix_core.model.bundle import Bundle
from molphenix_core.retrieval.stored_calibration import CALIBRATION

__all__ = ["calibration_tables", "card_table"]


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


def calibration_tables(bundle: Bundle) -> str:
    """The Brier scores and reliability of a bundle's calibrated chances as Markdown.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    str
        For each calibrated space, a row a stratum and share of the library, then a row a bin of chances; "" where
        nothing was calibrated. Chances and Brier scores as shares.
    """
    parts = []
    for space, stored in bundle.facts.get(CALIBRATION, {}).items():
        report = stored["report"]
        parts += [
            f"Chances in space {space}, among the molecules of {stored['library']}. {report['how']}\n",
            "| treatments | molecules | first r of N | found (95 % interval) | Brier | constant | random order |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *(_brier_line(row) for row in report["brier"]),
            "",
            "| molecules | chance shown | mean | came true (95 % interval) | chances | molecules |",
            "|---|---|---:|---:|---:|---:|",
            *(_bin_line(row) for row in report["reliability"]),
            "",
        ]
    return "\n".join(parts).rstrip()


def _brier_line(row: Mapping[str, Any]) -> str:
    low, high = row["recall_interval"]
    return (
        f"| {row['stratum']} | {row['molecules']} | {row['r']} of {row['of']:,} | {row['recall']:.3f} "
        f"({low:.3f} to {high:.3f}) | {row['brier']:.4f} | {row['brier_constant']:.4f} "
        f"| {row['brier_random']:.4f} |"
    )


def _bin_line(row: Mapping[str, Any]) -> str:
    low, high = row["interval"]
    return (
        f"| {'seen in training' if row['seen'] else 'unseen scaffolds'} | {row['from']:g} to {row['to']:g} "
        f"| {row['predicted']:.3f} | {row['observed']:.3f} ({low:.3f} to {high:.3f}) "
        f"| {row['chances']:,} | {row['molecules']} |"
    )
