"""Opening plates: known spaces, unknown spaces, and what is weaker than it should be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from shipped import demo_plate, demo_workbench, shipped_bundle
from simulated_plates import simulated_plate
from small_bundle import small_bundle, small_plate

from molphenix_core.errors import Cancelled, PlateFileError
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import ROBUST, normalise_to_controls
from molphenix_core.plates.plate import CONTROL_TYPE, PERTURBATION_TYPE, Plate
from molphenix_core.retrieval.workbench import Workbench, measured_references, open_workbench, replicates_of

LEARNED = [f"f_{i}" for i in range(30)]


def learned_plate() -> Plate:
    return simulated_plate(encoder="unknown", names=LEARNED)


def test_the_demo_plate_opens_in_the_retrievers_space() -> None:
    opened = demo_workbench()
    assert opened.space_known
    assert opened.space_reason == ""
    assert opened.prepared.space in shipped_bundle().spaces
    assert opened.joint is not None
    assert opened.joint.shape == (len(opened.plate), shipped_bundle().width)
    np.testing.assert_allclose(np.linalg.norm(opened.joint, axis=1), 1, rtol=1e-4)
    assert opened.well_pca.shape == (len(opened.plate), 2)
    assert np.isfinite(opened.well_pca).all()


def test_its_treatments_have_p_values_and_badges_of_both_kinds() -> None:
    table = demo_workbench().treatments
    replicated = table["n_wells"] >= 2
    assert table.loc[replicated, "p_value"].between(0, 1).all()
    assert table.loc[~replicated, "p_value"].isna().all()
    assert (table["p_value"] < 0.1).any()
    assert (table["p_value"] >= 0.1).any()
    seen = table["seen"].dropna().astype(bool)
    assert seen.any()
    assert not seen.all()
    bundle = shipped_bundle()
    assert all(
        bundle.is_seen(key) == flag for key, flag in zip(table["inchikey"], table["seen"], strict=True) if key
    )


def test_wells_and_treatments_fit_together() -> None:
    opened = demo_workbench()
    counts = np.bincount(opened.treatment_of_well[opened.treatment_of_well >= 0], minlength=len(opened.treatments))
    assert counts.tolist() == opened.treatments["n_wells"].tolist()
    assert (opened.treatment_of_well[opened.plate.is_negative_control] == -1).all()
    np.testing.assert_allclose(
        opened.treatment_means()[0],
        opened.prepared.embeddings[opened.treatment_of_well == 0].mean(axis=0),
        rtol=1e-4,
    )


def test_profiles_are_encoded_on_opening() -> None:
    bundle = small_bundle()
    opened = open_workbench(simulated_plate(seed=3), bundle)
    assert opened.space_known
    assert opened.prepared.space in bundle.spaces
    assert opened.plate.feature_names != opened.prepared.feature_names
    assert opened.treatments["seen"].all()


@pytest.mark.parametrize("bundle", [True, False])
def test_an_unknown_space_opens_fully_but_for_the_retriever(bundle: bool) -> None:
    opened = open_workbench(learned_plate(), small_bundle() if bundle else None)
    assert not opened.space_known
    assert opened.joint is None
    assert opened.treatments["p_value"].notna().all()
    assert opened.treatments["distance_to_control"].notna().all()
    assert opened.treatments["seen"].isna().all()
    assert opened.prepared.embedding.normalisation == (ROBUST,)
    if bundle:
        assert "30 features of unknown make" in opened.space_reason
        assert "model 'small'" in opened.space_reason
    else:
        assert opened.space_reason == "no retriever is loaded"


def test_a_normalised_plate_in_an_unknown_space_is_not_normalised_again() -> None:
    plate = normalise_to_controls(learned_plate())
    np.testing.assert_array_equal(open_workbench(plate, None).prepared.embeddings, plate.embeddings)


def test_missing_controls_are_a_note() -> None:
    plate = simulated_plate()
    wells = plate.wells.assign(**{PERTURBATION_TYPE: "trt", CONTROL_TYPE: None})
    opened = open_workbench(dataclasses.replace(plate, wells=wells), small_bundle())
    assert len(opened.notes) == 3
    assert "plate S1 has 0 negative controls" in opened.notes[0]
    assert opened.treatments["distance_to_control"].isna().all()


def test_a_structure_that_is_none_is_rejected_and_its_wells_stay() -> None:
    plate = simulated_plate()
    wells = plate.wells.copy()
    first = wells["Metadata_SMILES"].dropna().iloc[0]
    bad = (wells["Metadata_SMILES"] == first).to_numpy()
    wells.loc[bad, "Metadata_SMILES"] = "C1CC"
    opened = open_workbench(dataclasses.replace(plate, wells=wells), small_bundle())
    (rejected,) = opened.rejected
    assert rejected.smiles == "C1CC"
    assert rejected.wells == bad.sum()
    assert (opened.treatment_of_well[bad] >= 0).all()
    assert opened.treatments["inchikey"].iloc[opened.treatment_of_well[bad]].isna().all()
    assert opened.treatments["seen"].iloc[opened.treatment_of_well[bad]].isna().all()


def test_progress_goes_from_start_to_end_and_can_stop_the_work() -> None:
    shares: list[float] = []
    open_workbench(demo_plate(), shipped_bundle(), progress=lambda share, _: shares.append(share))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)

    def stop(share: float, _: str) -> None:
        if share > 0.4:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        open_workbench(demo_plate(), shipped_bundle(), progress=stop)


def test_a_file_that_is_no_plate_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x.h5ad").write_bytes(b"not HDF5")
    with pytest.raises(PlateFileError, match=r"x\.h5ad"):
        open_workbench(tmp_path / "x.h5ad", None)


def test_a_few_dead_wells_do_not_take_the_map() -> None:
    plate = learned_plate()
    dead = plate.embeddings.copy()
    dead[:2] *= 1e4
    opened = open_workbench(dataclasses.replace(plate, embeddings=dead), None)
    spread = opened.well_pca.std(axis=0)
    assert (np.abs(opened.well_pca[2:]).max(axis=0) > 0.5 * spread).all()


@pytest.mark.parametrize("rows", [1, 2])
def test_a_handful_of_wells_and_a_single_feature_open(rows: int) -> None:
    plate = simulated_plate(molecules=1, doses=(1.0,), plates=1, controls=1, features=1, encoder="unknown")
    opened = open_workbench(plate.take(np.arange(rows)), None)
    assert opened.well_pca.shape == (rows, 2)


def test_references_say_where_they_were_measured() -> None:
    opened = demo_workbench()
    table, values = measured_references(opened, shipped_bundle())
    assert len(table) == len(values)
    assert set(table["origin"]) == {"this plate file", "training plates of cell-painting-1"}
    assert (table.loc[table["origin"] != "this plate file", "treatment"] == -1).all()
    reference = shipped_bundle().references[opened.prepared.space]
    assert len(table) == len(opened.treatments) + len(reference)


def test_no_demo_well_is_among_the_references() -> None:
    """The demo plates are held out: their phenotypes must not be what they are compared with."""
    opened = demo_workbench()
    reference = shipped_bundle().references[opened.prepared.space]
    held_out = set(shipped_bundle().facts["split"]["held_out_plates"])
    assert set(read_plate(demo_plate()).barcodes) <= held_out
    distances = np.abs(reference.embeddings[:, None, :3] - opened.prepared.embeddings[None, :, :3]).max(axis=2)
    assert distances.min() > 0


def _shared_dose(opened: Workbench, treatments: list[int]) -> float:
    rows = np.flatnonzero(np.isin(opened.treatment_of_well, treatments))
    found, dose = replicates_of(opened, rows)
    assert found.tolist() == sorted(treatments)
    return dose


def test_a_selection_has_a_dose_if_all_of_it_shares_one() -> None:
    opened = open_workbench(small_plate(molecules=4), None)
    doses = opened.treatments["concentration"].tolist()
    assert doses[:3] == [1.0, 10.0, 1.0]
    assert _shared_dose(opened, [0]) == 1.0
    assert _shared_dose(opened, [0, 2]) == 1.0
    assert np.isnan(_shared_dose(opened, [0, 1]))
    controls = np.flatnonzero(opened.plate.is_negative_control)
    treatments, dose = replicates_of(opened, controls)
    assert len(treatments) == 0
    assert np.isnan(dose)
