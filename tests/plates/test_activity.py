"""Replicate consistency and distance to control, on simulated plates whose truth is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest
from simulated_plates import simulated_plate

from molphenix_core.plates.activity import activity, centre_on_controls
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatments import group_treatments
from molphenix_core.retrieval.workbench import open_workbench


def measured(plate: Plate, *, seed: int = 0) -> pd.DataFrame:
    return activity(plate, group_treatments(plate), seed=seed)


def normalised(**options: object) -> Plate:
    return normalise_to_controls(simulated_plate(**options))  # type: ignore[arg-type]


def test_p_is_uniform_where_nothing_acts() -> None:
    # With few controls their mean is off, the same way for all wells of a plate, and p a little too large.
    p = np.concatenate(
        [measured(normalised(effect=0.0, molecules=60, controls=200, seed=seed))["p_value"] for seed in range(4)]
    )
    assert len(p) == 480
    assert kstest(p, "uniform").pvalue > 0.01
    assert 0.05 < (p < 0.1).mean() < 0.15


def test_p_is_small_where_replicates_agree() -> None:
    table = measured(normalised(effect=2.0, molecules=40))
    assert (table["p_value"] < 0.01).mean() > 0.95
    assert (table["p_value"] > 0).all()
    assert (table["null"] == "any position").all()


def test_consistency_is_the_mean_cosine_over_pairs_of_replicates() -> None:
    plate = normalised(molecules=12)
    treatments = group_treatments(plate)
    found = activity(plate, treatments)["consistency"].to_numpy()
    centred = centre_on_controls(plate).astype(float)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    for treatment in range(len(treatments)):
        cosines = units[treatments.wells_of(treatment)] @ units[treatments.wells_of(treatment)].T
        expected = cosines[np.triu_indices(len(cosines), 1)].mean()
        assert found[treatment] == pytest.approx(expected, abs=1e-5)


def test_a_well_that_equals_its_controls_is_similar_to_nothing() -> None:
    plate = normalised(molecules=12)
    treatments = group_treatments(plate)
    wells = treatments.wells_of(0)
    values = plate.embeddings.copy()
    for well in wells:
        same = (plate.wells["Metadata_Plate"] == plate.wells["Metadata_Plate"].iloc[well]).to_numpy()
        values[well] = values[same & plate.is_negative_control].mean(axis=0)
    table = activity(dataclasses.replace(plate, embeddings=values), treatments)
    assert table["consistency"].iloc[0] == pytest.approx(0, abs=1e-6)


def test_position_bias_alone_makes_nothing_active_under_the_matched_null() -> None:
    """Thirty molecules keep their wells on three plates; on four more plates others stand in the same wells."""
    plate = simulated_plate(
        effect=0.0, position_bias=2.0, one_layout=True, molecules=30, doses=(1.0,), plates=7, controls=60
    )
    wells = plate.wells.copy()
    other = wells["Metadata_Plate"].isin(["S4", "S5", "S6", "S7"]) & plate.is_treated
    wells.loc[other, "Metadata_SMILES"] = None
    wells.loc[other, "Metadata_compound_name"] = [f"other {i}" for i in range(other.sum())]
    joined = dataclasses.replace(plate, wells=wells)
    joined = normalise_to_controls(joined)
    treatments = group_treatments(joined)
    replicated = (treatments.table["n_wells"] == 3).to_numpy()
    assert replicated.sum() == 30
    matched = activity(joined, treatments)[replicated]
    assert (matched["null"] == "same position").all()
    nowhere = dataclasses.replace(joined, wells=joined.wells.assign(Metadata_Well=None))
    unmatched = activity(nowhere, treatments)[replicated]
    assert (unmatched["null"] == "any position").all()
    assert (unmatched["p_value"] < 0.1).mean() > 0.9
    assert (matched["p_value"] < 0.1).mean() < 0.35


def test_where_every_plate_has_one_layout_controls_at_one_position_are_the_null() -> None:
    """Position bias alone, and nothing else stands at a treatment's position: any other null calls it activity."""
    plate = normalise_to_controls(
        simulated_plate(
            effect=0.0, position_bias=2.0, one_layout=True, molecules=40, doses=(1.0,), plates=2, controls=100
        )
    )
    treatments = group_treatments(plate)
    matched = activity(plate, treatments)
    assert (matched["null"] == "controls at the same position").all()
    assert matched["shares_position"].all()
    nowhere = dataclasses.replace(plate, wells=plate.wells.assign(Metadata_Well=None))
    unmatched = activity(nowhere, treatments)
    assert (unmatched["p_value"] < 0.1).mean() > 0.9
    assert (matched["p_value"] < 0.1).mean() < 0.3
    # A hundred positions are a hundred null groups, however often they are drawn.
    assert matched["p_value"].min() >= 1 / 101


def test_effects_are_still_found_beside_position_bias() -> None:
    plate = normalise_to_controls(
        simulated_plate(
            effect=4.0, position_bias=0.5, one_layout=True, molecules=40, doses=(1.0,), plates=2, controls=100
        )
    )
    result = activity(plate, group_treatments(plate))
    assert (result["p_value"] < 0.1).mean() > 0.9


def test_a_shared_position_without_any_matched_null_is_said() -> None:
    plate = simulated_plate(one_layout=True, molecules=40, doses=(1.0,), plates=2, controls=4)
    treatments = group_treatments(plate)
    result = activity(plate, treatments)
    assert (result["null"] == "any position").all()
    assert result["shares_position"].all()
    assert any("position effects look like activity" in note for note in open_workbench(plate, None).notes)


def test_one_replicate_has_no_p_and_too_few_treatments_have_none_either() -> None:
    table = measured(normalised(plates=1, molecules=30))
    assert table["p_value"].isna().all()
    assert table["q_value"].isna().all()
    assert table["consistency"].isna().all()
    assert (table["null"] == "").all()
    assert table["distance_to_control"].notna().all()
    few = measured(normalised(plates=3, molecules=5))
    assert few["consistency"].notna().all()
    assert few["p_value"].isna().all()


def test_q_values_are_benjamini_and_hochbergs() -> None:
    table = measured(normalised(effect=0.6, molecules=40))
    p = table["p_value"].to_numpy()
    order = np.argsort(p)
    adjusted = p[order] * len(p) / np.arange(1, len(p) + 1)
    expected = np.minimum.accumulate(adjusted[::-1])[::-1].clip(max=1)
    np.testing.assert_allclose(table["q_value"].to_numpy()[order], expected)


def test_distance_is_about_one_for_a_treatment_that_does_nothing_whatever_its_replicates() -> None:
    for plates in (1, 6):
        inactive = measured(normalised(effect=0.0, plates=plates, controls=60, molecules=40))
        assert inactive["distance_to_control"].median() == pytest.approx(1, abs=0.15)
    strong = measured(normalised(effect=4.0, plates=2, controls=60, molecules=40))
    assert strong["distance_to_control"].median() > 3


def test_without_controls_there_is_no_distance_but_a_p_value() -> None:
    plate = normalised(molecules=20)
    table = measured(plate.take(plate.is_treated))
    assert table["distance_to_control"].isna().all()
    assert table["p_value"].notna().all()


def test_a_table_without_plates_and_wells_is_tested_too() -> None:
    plate = normalised(molecules=20)
    loose = dataclasses.replace(plate, wells=plate.wells.assign(Metadata_Plate=None, Metadata_Well=None))
    table = measured(loose)
    assert (table["p_value"] < 0.1).mean() > 0.9


def test_one_seed_gives_one_result() -> None:
    plate = normalised(effect=0.5)
    pd.testing.assert_frame_equal(measured(plate, seed=3), measured(plate, seed=3))
    assert not measured(plate, seed=3)["p_value"].equals(measured(plate, seed=4)["p_value"])


def test_plates_are_centred_on_their_own_controls() -> None:
    plate = simulated_plate(plates=2)
    centred = centre_on_controls(plate)
    for barcode in plate.barcodes:
        here = (plate.wells["Metadata_Plate"] == barcode).to_numpy() & plate.is_negative_control
        np.testing.assert_allclose(centred[here].mean(axis=0), 0, atol=1e-3)


def test_activity_orders_treatments_as_copairs_does() -> None:
    # copairs turns pandas' copy-on-write on for the whole process.
    with pd.option_context("mode.copy_on_write", pd.options.mode.copy_on_write):
        copairs = pytest.importorskip("copairs.map")
    plate = normalised(effect=0.8, molecules=20, doses=(1.0,), plates=4)
    treatments = group_treatments(plate)
    meta = pd.DataFrame({"treatment": treatments.of_well[plate.is_treated]}).astype(str)
    values = centre_on_controls(plate)[plate.is_treated]
    found = copairs.average_precision(
        meta,
        values,
        pos_sameby=["treatment"],
        pos_diffby=[],
        neg_sameby=[],
        neg_diffby=["treatment"],
        progress_bar=False,
    )
    precision = found.groupby("treatment")["average_precision"].mean()
    precision.index = precision.index.astype(int)
    consistency = pd.Series(activity(plate, treatments)["consistency"])
    assert consistency.corr(precision, method="spearman") > 0.7
