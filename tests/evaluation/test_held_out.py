"""Tables of figures, the rivals, and the report on a plate."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from shipped import demo_workbench, shipped_bundle
from simulated_plates import simulated_plate
from small_bundle import small_plate

from molphenix_core.errors import InputError
from molphenix_core.evaluation.evaluate import evaluate_plate, write_report
from molphenix_core.evaluation.held_out import HeldOut, figures_table, position_means, shared_position_scores
from molphenix_core.evaluation.kernel_ridge import cosine_scores, fit_kernel_ridge, morgan_counts
from molphenix_core.molecules.similarity import tanimoto
from molphenix_core.plates.treatments import group_treatments
from molphenix_core.retrieval.workbench import open_workbench

SMILES = ["CCO", "CCN", "c1ccccc1O", "c1ccccc1N", "CC(=O)O", "CC(=O)Nc1ccccc1"]


def held_out(active: np.ndarray | None) -> HeldOut:
    """Four treatments of two molecules."""
    return HeldOut("test", np.arange(4), np.array([7, 7, 3, 3]), np.array([1.0, 10.0, 1.0, 10.0]), active)


def test_the_chance_of_a_molecule_grows_with_its_doses() -> None:
    unequal = HeldOut("test", np.arange(4), np.array([7, 7, 7, 3]), np.array([1.0, 3.0, 10.0, 1.0]), None)
    (row, _) = figures_table(unequal, {"m": np.eye(4)})
    # Three queries of a molecule that is first with 3 in 4, one of a molecule that is with 1 in 4.
    assert row["molecule_recall_chance"] == (3 * 0.75 + 0.25) / 4


def test_galleries_hold_their_own_treatments_only() -> None:
    scores = {"perfect": np.eye(4), "constant": np.zeros((4, 4))}
    rows = figures_table(held_out(np.array([True, True, False, True])), scores)
    assert [(row["gallery"], row["method"], row["candidates"]) for row in rows] == [
        ("all", "perfect", 4),
        ("all", "constant", 4),
        ("active", "perfect", 3),
        ("active", "constant", 3),
    ]
    assert rows[0]["recall_top_1_percent"] == 1
    assert rows[1]["recall_top_1_percent"] == 0
    assert rows[2]["molecules"] == 2


def test_the_two_directions_and_collapsed_doses_are_told_apart() -> None:
    # Each phenotype finds its molecule, at the other dose.
    scores = np.array([[1.0, 2, 0, 0], [2, 1, 0, 0], [0, 0, 1, 2], [0, 0, 2, 1]])
    (row, _) = figures_table(held_out(None), {"m": scores})
    assert row["recall_top_1_percent"] == 0
    assert row["molecule_recall_top_1_percent"] == 1
    assert row["molecule_recall_chance"] == 0.5
    one_way = np.array([[3.0, 0, 0, 0], [4, 5, 0, 0], [0, 0, 6, 0], [0, 0, 0, 7]])
    (row, _) = figures_table(held_out(None), {"m": one_way})
    assert row["recall_top_1_percent"] == 1
    assert row["reverse_recall_top_1_percent"] == 0.75


@pytest.mark.parametrize("active", [None, np.zeros(4, dtype=bool), np.array([True, False, False, False])])
def test_a_gallery_that_cannot_be_made_says_so_with_its_number(active: np.ndarray | None) -> None:
    row = figures_table(held_out(active), {"m": np.eye(4)})[-1]
    count = 0 if active is None else int(active.sum())
    assert row["not_available"].startswith(f"{count} treatments")
    assert "recall_top_1_percent" not in row


def test_kernel_ridge_is_the_literal_formula() -> None:
    random = np.random.default_rng(0)
    counts, doses = morgan_counts(SMILES), np.log10([1.0, 10.0, 1.0, 3.0, 10.0, 1.0])
    phenotypes = random.normal(size=(6, 4))
    ridge = fit_kernel_ridge(counts[:4], doses[:4], phenotypes[:4])

    def kernel(i: int, j: int) -> float:
        near = np.exp(-((doses[i] - doses[j]) ** 2) / (2 * 0.5**2))
        return float(tanimoto(counts[[i]], counts[[j]])[0, 0]) * near

    inner = np.array([[kernel(i, j) for j in range(4)] for i in range(4)])
    outer = np.array([[kernel(i, j) for j in range(4)] for i in (4, 5)])
    mean = phenotypes[:4].mean(axis=0)
    expected = outer @ np.linalg.inv(inner + 0.3 * np.eye(4)) @ (phenotypes[:4] - mean)
    np.testing.assert_allclose(ridge.mean, mean)
    np.testing.assert_allclose(ridge.predict(counts[4:], doses[4:]), expected, rtol=1e-5, atol=1e-8)


def test_an_unknown_dose_is_near_every_dose() -> None:
    counts = morgan_counts(["CCO", "CCO"])
    ridge = fit_kernel_ridge(counts, np.array([0.0, 3.0]), np.array([[1.0], [3.0]]))
    unknown, low, high = (ridge.predict(counts[:1], np.array([d]))[0, 0] for d in (np.nan, 0.0, 3.0))
    assert low < unknown < high


def test_cosines_do_not_see_length_and_forgive_zeros() -> None:
    scores = cosine_scores(np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 5.0]]))
    np.testing.assert_allclose(scores, [[1, 0], [0, 0]])


def test_what_a_position_says_is_the_mean_of_other_training_wells_there() -> None:
    plate = small_plate(molecules=6, plates=5, one_layout=False, seed=2)
    treatments = group_treatments(plate)
    held = (plate.wells["Metadata_Plate"] == "S5").to_numpy() & plate.is_treated
    train = plate.is_treated & ~held
    means = position_means(plate, treatments, query_wells=held, training=train, rows=np.arange(len(treatments)))
    overall = plate.embeddings[train].mean(axis=0)
    found = 0
    for row in range(len(treatments)):
        well = plate.wells["Metadata_Well"][held & (treatments.of_well == row)].iloc[0]
        there = train & (plate.wells["Metadata_Well"] == well).to_numpy() & (treatments.of_well != row)
        found += int(there.any())
        expected = plate.embeddings[there].mean(axis=0) if there.any() else overall
        np.testing.assert_allclose(means[row], expected, rtol=1e-4, atol=1e-6)
    assert found


def test_a_position_says_nothing_where_only_the_treatment_itself_stood() -> None:
    plate = small_plate(molecules=6, plates=3, one_layout=True)
    treatments = group_treatments(plate)
    held = (plate.wells["Metadata_Plate"] == "S3").to_numpy() & plate.is_treated
    train = plate.is_treated & ~held
    means = position_means(plate, treatments, query_wells=held, training=train, rows=np.arange(3))
    everything = plate.embeddings[train].mean(axis=0)
    np.testing.assert_allclose(means, np.tile(everything, (3, 1)), rtol=1e-4, atol=1e-6)


def test_layout_alone_finds_every_treatment_that_kept_its_well_and_none_that_did_not() -> None:
    for one_layout, found in ((True, 1.0), (False, 0.0)):
        plate = small_plate(molecules=20, plates=3, one_layout=one_layout, seed=4)
        treatments = group_treatments(plate)
        held = (plate.wells["Metadata_Plate"] == "S3").to_numpy()
        scores = shared_position_scores(plate, treatments, held, ~held, np.arange(len(treatments)))
        assert abs(np.diag(scores).mean() - found) < 0.1


def test_the_report_on_the_demo_plate_has_every_stratum_beside_chance() -> None:
    report = evaluate_plate(demo_workbench(), shipped_bundle())
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    sizes = {
        row["split"]: row["candidates"]
        for row in report["figures"]
        if row.get("gallery") == "all" and row.get("method") == "retriever"
    }
    assert sizes["seen molecules"] + sizes["unseen molecules"] == sizes["all molecules"]
    assert {row["method"] for row in report["figures"]} == {"retriever", "kernel ridge on Tanimoto, sphered"}
    assert report["plate"]["simulated"] is False


def test_what_cannot_be_evaluated_says_why() -> None:
    unknown = open_workbench(
        simulated_plate(encoder="unknown", names=[f"f_{i}" for i in range(30)]), shipped_bundle()
    )
    with pytest.raises(InputError, match="embedding space"):
        evaluate_plate(unknown, shipped_bundle())
    nameless = demo_workbench().treatments.assign(inchikey=None)
    with pytest.raises(InputError, match="found 0 treatments with a structure"):
        evaluate_plate(dataclasses.replace(demo_workbench(), treatments=nameless), shipped_bundle())


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_report({"value": np.float32(0.5)}, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == {"value": 0.5}
    with pytest.raises(TypeError):
        write_report({"value": object()}, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == {"value": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    with pytest.raises(InputError, match="absent"):
        write_report({}, tmp_path / "absent" / "r.json")
