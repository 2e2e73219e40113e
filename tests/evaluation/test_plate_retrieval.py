"""Replicate retrieval by plate."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from simulated_plates import simulated_plate

from molphenix_core.errors import Cancelled
from molphenix_core.evaluation.plate_retrieval import plate_retrieval
from molphenix_core.evaluation.replicate_retrieval import (
    WellLabels,
    cosine_scores,
    replicate_retrieval,
    summarise,
)
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.quality import plate_quality
from molphenix_core.plates.treatments import group_treatments


def test_plates_together_give_the_figure_of_the_whole() -> None:
    """Every treatment stands on every plate once, so the mean over plates is the mean over wells."""
    plate = normalise_to_controls(simulated_plate(effect=0.6, doses=(1.0,)))
    treatments = group_treatments(plate)
    table = plate_retrieval(plate, treatments)
    rows = np.flatnonzero(treatments.of_well >= 0)
    of_well = treatments.of_well[rows]
    number = np.array([plate.barcodes.index(b) for b in plate.wells["Metadata_Plate"].iloc[rows]])
    labels = WellLabels(of_well, of_well, of_well, number, plate.positions[rows])
    scores = cosine_scores(centre_on_controls(plate)[rows])
    whole = summarise([replicate_retrieval(scores, labels, other_positions=False)])
    assert table["retrieval"].mean() == pytest.approx(whole.mean_average_precision)
    assert table["retrieval_chance"].mean() == pytest.approx(whole.chance_precision)
    assert (table["queries"] == 24).all()


def test_the_plate_that_was_mixed_up_finds_nothing() -> None:
    plate = normalise_to_controls(simulated_plate(effect=2.0, plates=9, doses=(1.0,)))
    mixed = np.flatnonzero((plate.wells["Metadata_Plate"] == "S3").to_numpy() & plate.is_treated)
    values = plate.embeddings.copy()
    values[mixed] = values[np.random.default_rng(0).permutation(mixed)]
    plate = dataclasses.replace(plate, embeddings=values)
    table = plate_retrieval(plate, group_treatments(plate))
    others = table.drop("S3")
    assert table["retrieval"]["S3"] < 0.25
    assert (others["retrieval"] > 0.6).all()
    # Layouts are random: position tells nothing.
    assert (table["retrieval_position_only"] < 0.15).all()
    found = plate_quality(plate, retrieval=table, permutations=19)
    assert found.lights.loc["S3", "retrieval"] == "red"
    assert (found.lights["retrieval"].drop("S3") != "red").all()


def test_one_layout_leaves_nothing_at_other_positions_and_position_finds_all() -> None:
    plate = normalise_to_controls(simulated_plate(one_layout=True, effect=0.0))
    treatments = group_treatments(plate)
    assert plate_retrieval(plate, treatments)["retrieval_position_only"].to_numpy() == pytest.approx(1)
    elsewhere = plate_retrieval(plate, treatments, other_positions=True)
    assert elsewhere[["retrieval", "retrieval_position_only", "retrieval_chance"]].isna().all(axis=None)
    assert (elsewhere["queries"] == 0).all()


def test_a_single_plate_has_no_other_to_search() -> None:
    plate = normalise_to_controls(simulated_plate(plates=1))
    table = plate_retrieval(plate, group_treatments(plate))
    assert table["retrieval"].isna().all()
    found = plate_quality(plate, retrieval=table, permutations=19)
    assert found.reasons.loc["S1", "retrieval"] == "no well with a replicate on another plate"


def test_a_large_run_can_be_stopped_on_its_way() -> None:
    plate = normalise_to_controls(simulated_plate(effect=0.6, doses=(1.0,)))
    shares = []

    def stop(share: float, _message: str) -> None:
        shares.append(share)
        if share > 0:
            raise Cancelled("Stopped")

    with pytest.raises(Cancelled):
        plate_retrieval(plate, group_treatments(plate), progress=stop)
    assert 0 < shares[-1] < 1
