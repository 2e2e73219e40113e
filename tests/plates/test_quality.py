"""Quality of plates, on simulated runs whose faults are known, and on real ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from simulated_plates import simulated_plate

from molphenix_core.errors import InputError
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.convert import convert_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import normalise_to_controls, sphere_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.quality import BAD_SIDE, control_spread, plate_quality, z_prime
from molphenix_core.plates.readouts import (
    Readout,
    column_readout,
    control_axis_readout,
    distance_readout,
    main_axis_readout,
    positive_control_kinds,
    wells_of_compound,
)


def with_positives(plate: Plate, *, effect: float, wells: int = 8) -> tuple[Plate, NDArray[np.bool_]]:
    """The plate with some controls of every plate made positive ones, shifted along one random direction."""
    table = plate.wells.copy()
    positive = np.zeros(len(plate), dtype=bool)
    for barcode in plate.barcodes:
        rows = np.flatnonzero((table["Metadata_Plate"] == barcode).to_numpy() & plate.is_negative_control)
        positive[rows[:wells]] = True
    table.loc[positive, "Metadata_control_type"] = "poscon_cp"
    plate = normalise_to_controls(dataclasses.replace(plate, wells=table))
    values = plate.embeddings.copy()
    direction = np.random.default_rng(99).normal(size=values.shape[1])
    values[positive] += np.asarray(effect * direction, dtype=np.float32)
    return dataclasses.replace(plate, embeddings=values), positive


def run(*, plates: int, effect: float = 3.0, controls: int = 24, seed: int = 0) -> tuple[Plate, NDArray[np.bool_]]:
    plate = simulated_plate(
        plates=plates, controls=controls, molecules=4, doses=(1.0,), features=100, effect=0.0, seed=seed
    )
    return with_positives(plate, effect=effect)


finite = st.floats(-1e3, 1e3, allow_nan=False)
sides = st.lists(finite, min_size=4, max_size=12)


def test_z_prime_of_the_formula() -> None:
    negative, positive = np.array([1.0, 2, 3, 4, 5]), np.array([21.0, 22, 23, 24, 25])
    sd = np.std([1, 2, 3, 4, 5], ddof=1)
    assert z_prime(negative, positive) == pytest.approx(1 - 3 * 2 * sd / 20)
    assert z_prime(negative, positive, robust=True) == pytest.approx(1 - 3 * 2 * 1.4826 / 20)


@pytest.mark.parametrize("robust", [False, True])
@given(a=finite, b=finite)
@settings(max_examples=30, deadline=None)
def test_z_prime_is_one_for_controls_that_do_not_scatter(robust: bool, a: float, b: float) -> None:
    assume(abs(a - b) > 1e-3)
    assert z_prime(np.full(5, a), np.full(6, b), robust=robust) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("robust", [False, True])
@given(a=sides, b=sides, scale=st.floats(0.1, 10), shift=st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_z_prime_knows_no_unit_no_origin_and_no_order(
    robust: bool, a: list[float], b: list[float], scale: float, shift: float
) -> None:
    negative, positive = np.array(a), np.array(b)
    middle = np.median if robust else np.mean
    assume(abs(middle(negative) - middle(positive)) > 1)
    factor = z_prime(negative, positive, robust=robust)
    assert factor <= 1
    assert z_prime(positive, negative, robust=robust) == pytest.approx(factor)
    moved = z_prime(-scale * negative + shift, -scale * positive + shift, robust=robust)
    assert moved == pytest.approx(factor, rel=1e-6, abs=1e-6)


def test_z_prime_needs_four_of_each_and_two_means() -> None:
    four, other = np.arange(4.0), np.arange(4.0) + 10
    assert np.isnan(z_prime(four[:3], other))
    assert np.isnan(z_prime(np.array([0.0, 1, 2, np.nan]), other))
    assert np.isnan(z_prime(four, four))


def test_one_wild_well_ruins_z_prime_but_not_the_robust_one() -> None:
    random = np.random.default_rng(0)
    negative, positive = random.normal(size=30), random.normal(size=30) + 20
    negative[0] = 200
    assert z_prime(negative, positive) < 0
    assert z_prime(negative, positive, robust=True) > 0.5


def test_a_strong_positive_control_gives_a_good_z_prime_on_every_plate() -> None:
    plate, _ = run(plates=4)
    found = plate_quality(plate, permutations=19)
    assert found.positive == "poscon_cp"
    assert found.readout == "projection on the axis between the controls of the other plates"
    assert (found.table[["z_prime", "z_prime_robust"]] > 0.5).all(axis=None)
    assert (found.table[["negative_controls", "positive_controls"]] == [16, 8]).all(axis=None)
    assert found.simulated


@pytest.mark.parametrize("plates", [1, 4])
def test_an_axis_fitted_to_the_wells_it_separates_flatters_and_ours_does_not(plates: int) -> None:
    """Positive controls that do nothing: 100 features separate 8 wells from 16 of the same kind."""
    flattered, honest = [], []
    for seed in range(4):
        plate, positive = run(plates=plates, effect=0.0, seed=seed)
        centred = centre_on_controls(plate).astype(float)
        honest += plate_quality(plate, permutations=19).table["z_prime"].tolist()
        for barcode in plate.barcodes:
            here = (plate.wells["Metadata_Plate"] == barcode).to_numpy()
            values = centred @ centred[here & positive].mean(axis=0)
            flattered.append(z_prime(values[here & plate.is_negative_control], values[here & positive]))
    assert np.median(flattered) > -1.5
    assert np.median(honest) < -4


def test_the_axis_of_a_plate_does_not_depend_on_its_own_positive_controls() -> None:
    plate, positive = run(plates=3)
    here = (plate.wells["Metadata_Plate"] == "S2").to_numpy()
    before = control_axis_readout(plate, positive).values
    values = plate.embeddings.copy()
    values[here & positive] = np.random.default_rng(5).normal(size=(8, 100)) * 50
    after = control_axis_readout(dataclasses.replace(plate, embeddings=values), positive).values
    untouched = here & ~positive
    np.testing.assert_allclose(after[untouched], before[untouched], rtol=1e-5, atol=1e-5)
    assert not np.allclose(after[~here], before[~here])


def test_without_positive_controls_there_is_no_z_prime_and_the_table_says_so() -> None:
    found = plate_quality(normalise_to_controls(simulated_plate()), permutations=19)
    assert found.table["z_prime"].isna().all()
    assert (found.reasons["z_prime"] == "no positive controls, at least 4 needed").all()
    assert found.positive == ""
    assert (found.lights["z_prime"] == "").all()
    assert found.table["control_spread"].notna().all()


def test_several_kinds_of_positive_control_are_not_mixed() -> None:
    plate, positive = run(plates=2)
    wells = plate.wells.copy()
    first = wells.index[np.flatnonzero(positive)[:8]]
    wells.loc[first, "Metadata_control_type"] = "poscon_other"
    plate = dataclasses.replace(plate, wells=wells)
    assert positive_control_kinds(plate) == ("poscon_cp", "poscon_other")
    found = plate_quality(plate, permutations=19)
    assert found.table["z_prime"].isna().all()
    assert "choose one" in found.reasons["z_prime"].iloc[0]
    assert (plate_quality(plate, positive=positive, permutations=19).table["z_prime"] > 0.5).all()


def test_every_missing_number_has_a_reason_and_no_other() -> None:
    for plate in (run(plates=2)[0], normalise_to_controls(simulated_plate(controls=4))):
        found = plate_quality(plate, permutations=19)
        assert ((found.reasons != "") == found.table.isna()).all(axis=None)
        assert list(found.lights) == list(BAD_SIDE)


def test_a_table_without_plates_says_that_it_has_none() -> None:
    plate = simulated_plate(plates=1)
    wells = plate.wells.assign(Metadata_Plate=None, Metadata_Well=None)
    found = plate_quality(dataclasses.replace(plate, wells=wells), permutations=19)
    assert len(found.table) == len(found.lights) == 0
    assert "Metadata_Plate" in found.not_available


def test_the_plate_with_noisy_controls_is_red() -> None:
    plate, _ = run(plates=10)
    values = plate.embeddings.copy()
    noisy = (plate.wells["Metadata_Plate"] == "S4").to_numpy() & plate.is_negative_control
    values[noisy] *= 3
    plate = dataclasses.replace(plate, embeddings=values)
    spread = control_spread(plate)
    assert spread["S4"] == pytest.approx(3, rel=0.15)
    assert spread.drop("S4").between(0.8, 1.2).all()
    found = plate_quality(plate, permutations=19)
    assert found.lights.loc["S4", "control_spread"] == "red"
    assert found.lights.loc["S4", "z_prime"] in {"amber", "red"}
    assert (found.lights["control_spread"].drop("S4") != "red").all()


def test_controls_that_do_nothing_lie_one_away_from_their_mean_however_few() -> None:
    for controls in (6, 40):
        plate = simulated_plate(plates=6, controls=controls, molecules=40, effect=0.0, features=60)
        plate = dataclasses.replace(plate, embeddings=plate.embeddings / plate.embeddings.std(axis=0))
        readout = distance_readout(plate)
        inactive = readout.values[plate.is_treated]
        control = readout.values[plate.is_negative_control]
        # Treated wells carry the error of the mean as well as their own: one part in n more variance.
        assert np.median(inactive) == pytest.approx(np.median(control), rel=0.08)


def test_the_spread_does_not_depend_on_the_number_of_controls() -> None:
    plate = simulated_plate(plates=6, controls=40, molecules=4, effect=0.0, features=200)
    plate = dataclasses.replace(plate, embeddings=plate.embeddings / plate.embeddings.std(axis=0))
    first = np.flatnonzero((plate.wells["Metadata_Plate"] == "S1").to_numpy() & plate.is_negative_control)
    spread = control_spread(plate.take(np.setdiff1d(np.arange(len(plate)), first[4:])))
    assert spread["S1"] == pytest.approx(1, abs=0.08)


def test_a_plate_sphered_to_its_controls_has_no_readout_made_of_them() -> None:
    plate, positive = run(plates=2)
    sphered = sphere_to_controls(plate)
    found = plate_quality(sphered, permutations=19)
    assert found.table["z_prime"].isna().all()
    assert found.reasons["z_prime"].str.contains("sphered to its own controls").all()
    assert np.isnan(distance_readout(sphered).values).all()
    # What was not sphered is judged as before.
    cells = Readout("cells", np.where(positive, 10.0, 100.0) + np.arange(len(plate)) % 3)
    assert (plate_quality(sphered, readout=cells, permutations=19).table["z_prime"] > 0.5).all()


def test_the_main_axis_is_no_longer_that_of_one_wild_plate() -> None:
    plate = normalise_to_controls(simulated_plate(plates=6, controls=30, features=20, effect=0.0))
    values = plate.embeddings.copy()
    controls = plate.is_negative_control
    values[controls, 3] += 4 * np.random.default_rng(0).normal(size=controls.sum())
    wild = controls & (plate.wells["Metadata_Plate"] == "S1").to_numpy()
    values[wild, 7] += 100 * np.random.default_rng(1).normal(size=wild.sum())
    plate = dataclasses.replace(plate, embeddings=values)
    readout = main_axis_readout(plate)
    others = controls & ~wild
    centred = centre_on_controls(plate)
    assert abs(np.corrcoef(readout.values[others], centred[others, 3])[0, 1]) > 0.9


def test_a_column_is_a_readout_and_text_is_none() -> None:
    plate = simulated_plate(plates=1)
    plate = dataclasses.replace(plate, wells=plate.wells.assign(Metadata_Count=range(len(plate))))
    assert column_readout(plate, "Metadata_Count").values.tolist() == list(range(len(plate)))
    feature = column_readout(plate, plate.feature_names[2])
    np.testing.assert_array_equal(feature.values, plate.embeddings[:, 2].astype(float))
    with pytest.raises(InputError, match="no such column"):
        column_readout(plate, "Metadata_Nothing")
    with pytest.raises(InputError, match="finite number"):
        column_readout(plate, "Metadata_Batch")


def test_a_compound_can_serve_as_positive_control() -> None:
    plate = simulated_plate(doses=(1.0, 10.0))
    both = wells_of_compound(plate, "simulated 3")
    one = wells_of_compound(plate, "simulated 3", concentration=10.1)
    assert (both.sum(), one.sum()) == (6, 3)
    assert (plate.wells.loc[one, "Metadata_Concentration"] == 10).all()
    with pytest.raises(InputError, match="no well of 'water'"):
        wells_of_compound(plate, "water")


def test_a_named_readout_stands_beside_its_z_prime() -> None:
    plate, positive = run(plates=2)
    values = np.where(positive, 100.0, 0.0) + np.random.default_rng(0).normal(size=len(plate))
    found = plate_quality(plate, readout=Readout("dead cells", values), permutations=19)
    assert found.readout == "dead cells"
    assert (found.table["z_prime"] > 0.9).all()


@pytest.fixture(scope="module")
def injury(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Plate:
    """Real plates: U2OS, 84 of them, normalised to their controls."""
    out = tmp_path_factory.mktemp("injury") / "plate.h5ad"
    convert_table(shared_data / "u2os_cell_injury.parquet", out)
    return normalise_to_controls(read_plate(out))


@pytest.mark.data
def test_real_plates_in_numbers(injury: Plate) -> None:
    found = plate_quality(injury)
    assert len(found.table) == 84
    assert found.table["z_prime"].isna().all()
    assert found.table["control_spread"].median() == pytest.approx(1)
    # One plate's controls scatter six times as widely as usual.
    assert found.lights["control_spread"].value_counts()["red"] == 1
    assert found.table["control_spread"].max() > 5
    # Rows differ on many plates: far more than the one in twenty that chance finds.
    assert (found.table["row_q"] < 0.05).sum() >= 20
    assert not pd.isna(found.table["edge"]).any()


@pytest.mark.data
def test_controls_at_the_edge_alone_tell_no_edge_effect(shared_data: Path, tmp_path: Path) -> None:
    """BBBC021 has six controls a plate, all in the outermost columns that are used."""
    convert_table(shared_data / "bbbc021.parquet", tmp_path / "plate.h5ad")
    found = plate_quality(read_plate(tmp_path / "plate.h5ad"))
    assert len(found.table) == 55
    assert found.table[["edge", "row", "column"]].isna().all(axis=None)
    assert found.reasons["edge"].str.contains("6 at the edge and 0 inside").all()
    assert (found.lights["control_spread"] != "").all()
