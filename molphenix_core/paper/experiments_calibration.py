"""Do the chances that the program shows come true? From the card of the bundle that ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molphenix_core.model.bundle import Bundle
from molphenix_core.paper.drawing import reliability_chart
from molphenix_core.paper.experiment import Experiment
from molphenix_core.paper.section import Figure, Section, Table
from molphenix_core.retrieval.stored_calibration import CALIBRATION

__all__ = ["calibration"]

_TITLE = "Calibrated chances"
_BRIER = (
    "Treatments",
    "Molecules",
    "r",
    "N",
    "Found in the first r",
    "95 % interval",
    "Brier",
    "Brier, one chance for all",
    "Brier, random order",
)
_BINS = (
    "Scaffolds",
    "Chance shown, from",
    "to",
    "Mean chance",
    "Came true",
    "95 % interval",
    "Chances",
    "Molecules",
)


def calibration(bundle: Bundle) -> Experiment:
    """The Brier scores and the reliability curve that stand on a bundle's card.

    Parameters
    ----------
    bundle : Bundle
        With or without calibrated chances.

    Returns
    -------
    Experiment
        Without units of its own: the chances were calibrated when the bundle was trained.
    """
    stored: Mapping[str, Any] = bundle.facts.get(CALIBRATION, {})
    if not stored:
        section = Section(_TITLE, (f"Not available: the card of {bundle.name} holds no calibration.",))
        return Experiment("calibration", (), lambda _: (section,))
    sections = tuple(
        _section(bundle, space, values["library"], values["report"]) for space, values in stored.items()
    )
    return Experiment("calibration", (), lambda _: sections)


def _section(bundle: Bundle, space: str, library: str, report: Mapping[str, Any]) -> Section:
    title = next((d["title"] for d in bundle.facts.get("training", ()) if d.get("space") == space), space)
    bins = report["reliability"]
    unseen = [row for row in bins if not row["seen"]]
    chart = reliability_chart(
        [row["predicted"] for row in unseen],
        [row["observed"] for row in unseen],
        low=[row["interval"][0] for row in unseen],
        high=[row["interval"][1] for row in unseen],
    )
    asked = (
        f"How often was the true molecule among the first r of the N molecules of {library}, and does the chance "
        f"that the program shows come true? Model {bundle.name}, trained on: {title}. {report['how']} Where the "
        "Brier score is that of one chance for all, all treatments of the kind are shown the same chance."
    )
    return Section(
        f"{_TITLE}: {title}",
        (asked,),
        (
            Table(f"Brier scores (smaller is better) by kind of treatment; {title}", _BRIER, _brier_rows(report)),
            Table(f"Chances and what came of them; {title}", _BINS, _bin_rows(bins)),
        ),
        (Figure(f"Reliability on unseen scaffolds; {title}. Bars: 95 % intervals over molecules.", chart),),
    )


def _brier_rows(report: Mapping[str, Any]) -> tuple[tuple[str | int | float, ...], ...]:
    return tuple(
        (
            row["stratum"],
            row["molecules"],
            row["r"],
            row["of"],
            row["recall"],
            _interval(row["recall_interval"]),
            row["brier"],
            row["brier_constant"],
            row["brier_random"],
        )
        for row in report["brier"]
    )


def _bin_rows(bins: list[Mapping[str, Any]]) -> tuple[tuple[str | int | float, ...], ...]:
    return tuple(
        (
            "seen in training" if row["seen"] else "unseen",
            row["from"],
            row["to"],
            row["predicted"],
            row["observed"],
            _interval(row["interval"]),
            row["chances"],
            row["molecules"],
        )
        for row in bins
    )


def _interval(values: list[float]) -> str:
    return f"{values[0]:.3f} to {values[1]:.3f}"
