"""Ranking a selection: predicted candidates and nearest measured treatments."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_calibration import made_up_calibration
from shipped import demo_workbench, shipped_bundle, shipped_library
from simulated_plates import simulated_plate
from small_bundle import small_bundle

from molphenix_core.errors import BundleError, LibraryError
from molphenix_core.model.bundle import Bundle
from molphenix_core.retrieval.applicability import training_domain
from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.chance import Chance, NoChance
from molphenix_core.retrieval.library import open_library
from molphenix_core.retrieval.ranking import ACTIVE, WellRanking, rank_queries, rank_wells
from molphenix_core.retrieval.workbench import Workbench, open_workbench

LEARNED = [f"f_{i}" for i in range(30)]


def wells_of(opened: Workbench, treatment: int) -> np.ndarray:
    return np.flatnonzero(opened.treatment_of_well == treatment)


def ranked(rows: np.ndarray, *, top: int = 100) -> WellRanking:
    return rank_wells(demo_workbench(), rows, shipped_bundle(), shipped_library(), top=top)


def active_treatment() -> int:
    table = demo_workbench().treatments
    known = table["inchikey"].isin(shipped_library().molecules["inchikey"])
    return int(table[known & (table["n_wells"] > 1)]["p_value"].idxmin())


def test_candidates_are_the_library_by_cosine() -> None:
    opened, bundle, library = demo_workbench(), shipped_bundle(), shipped_library()
    rows = wells_of(opened, active_treatment())
    ranking = ranked(rows, top=len(library))
    phenotype = opened.prepared.embeddings[rows].mean(axis=0, keepdims=True)
    z = bundle.embed_phenotypes(phenotype, opened.prepared.space)[0]
    dose = opened.treatments["concentration"].iloc[active_treatment()]
    assert ranking.scored_at == pytest.approx(dose)
    plane = int(np.flatnonzero(library.doses == ranking.scored_at)[0])
    scores = library.embeddings[plane].astype(np.float32) @ z
    np.testing.assert_allclose(ranking.candidates["score"], np.sort(scores)[::-1], atol=1e-5)
    np.testing.assert_allclose(ranking.candidates["score"], scores[ranking.candidates["molecule"]], atol=1e-5)
    assert ranking.candidates["rank"].tolist() == list(range(1, len(library) + 1))
    assert (ranking.candidates["dose"] == ranking.scored_at).all()


def test_the_own_molecule_stands_where_its_rank_says() -> None:
    opened, library = demo_workbench(), shipped_library()
    checked = 0
    for treatment in np.flatnonzero(opened.treatments["inchikey"].isin(library.molecules["inchikey"]))[:20]:
        ranking = ranked(wells_of(opened, treatment), top=len(library))
        assert ranking.own is not None
        assert ranking.own.of == len(library)
        marked = ranking.candidates[ranking.candidates["own"]]
        assert marked["inchikey"].tolist() == [opened.treatments["inchikey"].iloc[treatment]]
        assert abs(marked["rank"].iloc[0] - ranking.own.rank) <= 0.5
        checked += 1
    assert checked == 20


def test_a_molecule_that_the_library_lacks_has_no_rank() -> None:
    opened, library = demo_workbench(), shipped_library()
    treatment = active_treatment()
    rows = wells_of(opened, treatment)
    key = opened.treatments["inchikey"].iloc[treatment]
    absent = opened.treatments.assign(
        inchikey=opened.treatments["inchikey"].replace(key, "AAAAAAAAAAAAAA-UHFFFAOYSA-N")
    )
    ranking = rank_wells(dataclasses.replace(opened, treatments=absent), rows, shipped_bundle(), library)
    assert ranking.own is not None
    assert ranking.own.rank is None
    assert ranking.own.chance_rank == (len(library) + 1) / 2
    assert not ranking.candidates["own"].any()


def test_candidates_carry_whether_the_model_was_trained_on_them() -> None:
    candidates = ranked(wells_of(demo_workbench(), active_treatment()), top=500).candidates
    expected = [shipped_bundle().is_seen(key) for key in candidates["inchikey"]]
    assert candidates["seen"].tolist() == expected
    assert 0 < sum(expected) < 500


def test_measured_treatments_leave_out_the_selected_one_wherever_it_was_measured() -> None:
    opened = demo_workbench()
    for treatment in range(0, len(opened.treatments), 12):
        own = opened.treatments.iloc[treatment]
        measured = ranked(wells_of(opened, treatment)).measured
        assert len(measured) == 50
        assert measured["inchikey"].is_unique
        same = (measured["inchikey"] == own["inchikey"]) & np.isclose(
            measured["dose"], own["concentration"], rtol=0.05
        )
        assert not same.any()
        assert (measured["own"] == (measured["inchikey"] == own["inchikey"])).all()
        assert measured["similarity"].is_monotonic_decreasing
        assert set(measured["origin"]) <= {"this plate file", "training plates of cell-painting-1"}


def test_selecting_one_replicate_does_not_find_the_other() -> None:
    opened = demo_workbench()
    rows = wells_of(opened, active_treatment())
    own = opened.treatments.iloc[active_treatment()]
    measured = ranked(rows[:1]).measured
    here = measured[measured["origin"] == "this plate file"]
    assert not ((here["inchikey"] == own["inchikey"]) & (here["dose"] == own["concentration"])).any()


def test_other_doses_of_the_molecule_are_found_and_marked() -> None:
    """On simulated plates all doses of a molecule point one way."""
    opened = open_workbench(simulated_plate(effect=6.0), None)
    measured = rank_wells(opened, wells_of(opened, 0), None, None).measured
    assert bool(measured["own"].iloc[0])
    assert measured["own"].sum() == 1


def test_an_unknown_space_has_measured_neighbours_only_and_says_why() -> None:
    opened = open_workbench(simulated_plate(encoder="unknown", names=LEARNED), shipped_bundle())
    ranking = rank_wells(opened, wells_of(opened, 0), shipped_bundle(), shipped_library())
    assert ranking.candidates.empty
    assert ranking.own is None
    assert len(ranking.measured) > 0
    assert ranking.note.startswith("No predicted candidates: embedding space: found")
    assert set(ranking.measured["origin"]) == {"this plate file"}


def test_controls_are_called_noise() -> None:
    opened = demo_workbench()
    ranking = ranked(np.flatnonzero(opened.plate.is_negative_control)[:3])
    assert ranking.note.startswith("Negative controls")
    assert ranking.n_treatments == 0
    assert ranking.n_wells == 3
    assert ranking.own is None
    assert np.isnan(ranking.scored_at)


def test_positive_controls_are_not_called_nameless() -> None:
    opened = demo_workbench()
    row = np.flatnonzero(opened.plate.is_negative_control)[:1]
    wells = opened.plate.wells.copy()
    wells.iloc[row, wells.columns.get_loc("Metadata_control_type")] = "poscon"
    other = dataclasses.replace(opened, plate=dataclasses.replace(opened.plate, wells=wells))
    assert rank_wells(other, row, shipped_bundle(), shipped_library()).note.startswith("Controls")


def test_inactive_and_unreplicated_wells_carry_a_note_and_active_ones_none() -> None:
    opened = demo_workbench()
    table = opened.treatments
    assert ranked(wells_of(opened, active_treatment())).note == ""
    inactive = int(table["p_value"].idxmax())
    assert table["p_value"].iloc[inactive] >= ACTIVE
    assert ranked(wells_of(opened, inactive)).note.startswith("Inactive (p = ")
    single = open_workbench(
        opened.plate.take((opened.plate.wells["Metadata_Plate"] == "BR00114092").to_numpy()), shipped_bundle()
    )
    note = rank_wells(single, wells_of(single, 0), shipped_bundle(), shipped_library()).note
    assert note.startswith("No activity p-value (one replicate")


def test_several_treatments_have_no_one_true_molecule_and_the_whole_grid() -> None:
    opened = demo_workbench()
    first, second = opened.treatments.drop_duplicates("inchikey").index[:2]
    ranking = ranked(np.concatenate([wells_of(opened, first), wells_of(opened, second)]))
    assert ranking.own is None
    assert ranking.n_treatments == 2


def test_a_dose_off_the_grid_is_scored_at_the_best_of_the_whole_grid() -> None:
    opened = demo_workbench()
    treatment = active_treatment()
    table = opened.treatments.assign(concentration=np.nan)
    ranking = rank_wells(
        dataclasses.replace(opened, treatments=table),
        wells_of(opened, treatment),
        shipped_bundle(),
        shipped_library(),
    )
    assert np.isnan(ranking.scored_at)
    assert ranking.candidates["molecule"].is_unique
    assert set(ranking.candidates["dose"]) <= set(shipped_library().doses)
    assert ranking.candidates["dose"].nunique() > 1


def test_many_queries_at_once_are_each_by_itself() -> None:
    opened = demo_workbench()
    queries = [wells_of(opened, t) for t in (0, 5, 9)] + [np.flatnonzero(opened.plate.is_negative_control)[:2]]
    together = rank_queries(opened, queries, shipped_bundle(), shipped_library(), top=15)
    for rows, one in zip(queries, together, strict=True):
        alone = ranked(rows, top=15)
        assert alone.candidates["molecule"].tolist() == one.candidates["molecule"].tolist()
        pd.testing.assert_frame_equal(alone.measured, one.measured)
        assert (alone.note, alone.own) == (one.note, one.own)


def test_ranking_does_not_write_into_its_tables() -> None:
    rows = wells_of(demo_workbench(), active_treatment())
    with pd.option_context("mode.copy_on_write", True):
        pd.testing.assert_frame_equal(ranked(rows).measured, ranked(rows).measured)


def test_no_wells_cannot_be_ranked() -> None:
    with pytest.raises(ValueError, match="no wells"):
        ranked(np.array([], dtype=int))


def test_a_plate_of_nothing_but_controls_ranks_without_measured_treatments() -> None:
    plate = simulated_plate()
    opened = open_workbench(plate.take(plate.is_negative_control), None)
    ranking = rank_wells(opened, np.array([0]), None, None)
    assert ranking.measured.empty
    assert "similarity" in ranking.measured


def test_a_library_of_another_model_is_refused(tmp_path: Path) -> None:
    records = pd.DataFrame({"smiles": ["CCO", "c1ccccc1"], "name": ["a", "b"]})
    build_library(
        records, small_bundle(), tmp_path / "other", doses=[1.0], name="other", source="test", licence="CC0-1.0"
    )
    with pytest.raises(LibraryError, match="molecule_path_hash"):
        rank_wells(demo_workbench(), np.array([0]), shipped_bundle(), open_library(tmp_path / "other"))


def test_controls_among_the_wells_are_said_and_leave_no_true_molecule() -> None:
    opened = demo_workbench()
    controls = np.flatnonzero(opened.plate.is_negative_control)[:10]
    mixed = ranked(np.concatenate([wells_of(opened, active_treatment()), controls]))
    assert "10 negative controls" in mixed.note
    assert mixed.own is None
    assert np.isnan(mixed.scored_at)
    assert not mixed.candidates["own"].any()


def test_several_treatments_are_said_with_how_many_are_inactive() -> None:
    opened = demo_workbench()
    p_values = opened.treatments["p_value"].to_numpy()
    inactive, active = np.flatnonzero(p_values >= 0.1)[:2], np.flatnonzero(p_values < 0.1)[:3]
    rows = np.concatenate([wells_of(opened, int(t)) for t in (*inactive, *active)])
    note = ranked(rows).note
    assert "5 different treatments" in note
    assert "2 of 5 treatments are inactive" in note


def test_without_a_library_the_note_says_so() -> None:
    opened = demo_workbench()
    ranking = rank_wells(opened, wells_of(opened, active_treatment()), shipped_bundle(), None)
    assert ranking.candidates.empty
    assert "no library is open" in ranking.note


def calibrated(**options: object) -> Bundle:
    """The shipped model with a made-up calibration on its card."""
    bundle, library = shipped_bundle(), shipped_library()
    space = bundle.spaces[0]
    made_up = made_up_calibration(space, decoys=len(library) - 1, **options)
    return dataclasses.replace(bundle, facts={**bundle.facts, "calibration": {space: made_up.to_dict()}})


def seen_treatment() -> int:
    """An active treatment of two wells whose molecule the model was trained on, at a dose of the library."""
    table, doses = demo_workbench().treatments, shipped_library().doses
    known = (table["seen"] == True) & (table["n_wells"] == 2) & (table["p_value"] < ACTIVE)  # noqa: E712
    return int(np.flatnonzero(known & table["concentration"].isin(doses))[0])


def test_a_model_that_was_not_calibrated_promises_nothing() -> None:
    for rows in (wells_of(demo_workbench(), 0), np.flatnonzero(demo_workbench().plate.is_negative_control)[:2]):
        bundle = dataclasses.replace(shipped_bundle(), facts={})
        chance = rank_wells(demo_workbench(), rows, bundle, shipped_library()).chance
        assert isinstance(chance, NoChance)
        assert "not calibrated" in chance.text


def test_the_chance_is_that_of_the_wells_stratum() -> None:
    rows = wells_of(demo_workbench(), seen_treatment())
    chance = rank_wells(demo_workbench(), rows, calibrated(seen=True), shipped_library()).chance
    assert isinstance(chance, Chance)
    assert (chance.r, chance.of) == (18, 1747)
    assert (chance.stratum.seen, chance.stratum.active, chance.stratum.over_doses) == (True, True, False)
    # The molecule of these wells was trained on: what holds for unseen scaffolds is not shown for it.
    assert isinstance(rank_wells(demo_workbench(), rows, calibrated(), shipped_library()).chance, NoChance)


def on_plates(opened: Workbench, barcodes: dict[str, str]) -> Workbench:
    """The same wells on plates of other names."""
    wells = opened.plate.wells
    named = wells.assign(Metadata_Plate=wells["Metadata_Plate"].map(lambda b: barcodes.get(b, b)))
    return dataclasses.replace(opened, plate=dataclasses.replace(opened.plate, wells=named))


def test_the_chance_of_seen_molecules_holds_for_held_out_plates_of_the_training_screen_alone() -> None:
    rows, bundle = wells_of(demo_workbench(), seen_treatment()), calibrated(seen=True)
    assert isinstance(rank_wells(demo_workbench(), rows, bundle, shipped_library()).chance, Chance)
    first, second = demo_workbench().plate.barcodes
    for barcodes in ({first: "other study", second: "other study 2"}, {first: "other study"}):
        elsewhere = on_plates(demo_workbench(), barcodes)
        chance = rank_wells(elsewhere, rows, bundle, shipped_library()).chance
        assert isinstance(chance, NoChance)
        assert "measured on new plates of the training screen only" in chance.text
    silent = dataclasses.replace(bundle, facts={"calibration": bundle.facts["calibration"]})
    assert isinstance(rank_wells(demo_workbench(), rows, silent, shipped_library()).chance, NoChance)


def test_the_chance_of_unseen_molecules_holds_on_any_plate() -> None:
    opened, treatment = demo_workbench(), seen_treatment()
    unseen = opened.treatments.copy()
    unseen.loc[treatment, "seen"] = False
    first, second = opened.plate.barcodes
    other = on_plates(dataclasses.replace(opened, treatments=unseen), {first: "x", second: "y"})
    ranking = rank_wells(other, wells_of(opened, treatment), calibrated(), shipped_library())
    assert isinstance(ranking.chance, Chance)


@pytest.mark.parametrize("split", [[], {"held_out_plates": "BR00114092"}, {"held_out_plates": [1]}])
def test_held_out_plates_that_are_none_are_refused(split: object) -> None:
    bundle = calibrated(seen=True)
    bundle = dataclasses.replace(bundle, facts={**bundle.facts, "split": split})
    rows = wells_of(demo_workbench(), seen_treatment())
    with pytest.raises(BundleError, match=r"split\.held_out_plates"):
        rank_wells(demo_workbench(), rows, bundle, shipped_library())


def test_wells_of_unknown_molecule_get_the_chance_of_unseen_scaffolds() -> None:
    opened = demo_workbench()
    treatment = seen_treatment()
    nameless = opened.treatments.copy()
    nameless["seen"] = nameless["seen"].astype(object)
    nameless.loc[treatment, ["seen", "inchikey", "smiles"]] = None
    other = dataclasses.replace(opened, treatments=nameless)
    ranking = rank_wells(other, wells_of(opened, treatment), calibrated(), shipped_library())
    assert ranking.own is None
    assert isinstance(ranking.chance, Chance)
    assert "molecules of unseen scaffolds" in ranking.chance.basis


def test_wells_of_unknown_dose_get_the_chance_over_all_doses() -> None:
    opened = demo_workbench()
    treatment = seen_treatment()
    other = dataclasses.replace(opened, treatments=opened.treatments.assign(concentration=np.nan))
    bundle = calibrated(seen=True, over_doses=True)
    rows = wells_of(opened, treatment)
    assert isinstance(rank_wells(other, rows, bundle, shipped_library()).chance, Chance)
    assert isinstance(rank_wells(opened, rows, bundle, shipped_library()).chance, NoChance)


def test_the_best_score_moves_the_chance_where_it_was_found_to_tell() -> None:
    opened, bundle = demo_workbench(), calibrated(seen=True, telling=True)
    table = opened.treatments
    rows = table["seen"].eq(True) & (table["n_wells"] == 2) & (table["p_value"] < ACTIVE)
    queries = [wells_of(opened, int(t)) for t in np.flatnonzero(rows & table["concentration"].isin([5.0, 10.0]))]
    found = rank_queries(opened, queries, bundle, shipped_library())
    chances = [one.chance.probability for one in found if isinstance(one.chance, Chance)]
    assert len(chances) > 0.8 * len(queries)
    assert len(set(chances)) > 1


@pytest.mark.parametrize("kind", ["mixture", "controls"])
def test_a_mixture_and_controls_have_no_chance(kind: str) -> None:
    opened = demo_workbench()
    rows = np.flatnonzero(opened.plate.is_negative_control)[:2]
    if kind == "mixture":
        rows = np.concatenate([wells_of(opened, seen_treatment()), rows])
    chance = rank_wells(opened, rows, calibrated(seen=True), shipped_library()).chance
    assert isinstance(chance, NoChance)
    assert "hold something else" in chance.text


def test_candidates_and_measured_name_their_nearest_training_molecule() -> None:
    ranking = ranked(wells_of(demo_workbench(), active_treatment()))
    domain = training_domain(shipped_bundle())
    for table in (ranking.candidates, ranking.measured):
        known = table[table["smiles"].notna()].reset_index(drop=True)
        expected = domain.nearest_molecules(known["smiles"].tolist())
        pd.testing.assert_frame_equal(known[expected.columns], expected, check_dtype=False)
        assert table.loc[table["smiles"].isna(), "nearest_training"].isna().all()
    seen = ranking.candidates[ranking.candidates["seen"]]
    assert (seen["nearest_training_similarity"] == 1).all()
    assert ranking.own is not None
    assert ranking.own.nearest is not None
    assert ranking.own.nearest.name in set(domain.molecules["name"])


def test_without_a_model_no_training_molecule_is_near() -> None:
    opened = open_workbench(simulated_plate(), None)
    ranking = rank_wells(opened, wells_of(opened, 0), None, None)
    assert ranking.measured["nearest_training_similarity"].isna().all()
    assert not ranking.measured["outside"].any()
    assert ranking.applicability is None
    assert "no predicted candidates" in ranking.chance.text


def test_a_ranking_outside_the_training_data_says_so() -> None:
    opened = demo_workbench()
    rows = wells_of(opened, active_treatment())
    inside = ranked(rows).applicability
    assert inside is not None
    assert not inside.is_outside
    prepared = dataclasses.replace(opened.prepared, embeddings=opened.prepared.embeddings + 30)
    far = dataclasses.replace(opened, prepared=prepared)
    ranking = rank_wells(far, rows, calibrated(seen=True), shipped_library())
    assert ranking.applicability is not None
    assert ranking.applicability.is_outside
    assert "Outside the training data" in ranking.note
    assert isinstance(ranking.chance, NoChance)
    assert "outside the training data, for which no chance was measured" in ranking.chance.text
