"""Simulated screens: the truth that was asked for is the truth that is in them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from simulated_structures import structures

from molphenix_core.cli import main
from molphenix_core.errors import Cancelled, InputError, MoleculeError
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import BATCH, CONCENTRATION, MECHANISM, NAME, PLATE, SMILES, WELL
from molphenix_core.plates.treatments import group_treatments
from molphenix_core.simulate.config import SimulationConfig
from molphenix_core.simulate.mechanisms import SimulatedMolecules, simulate_molecules
from molphenix_core.simulate.screen import (
    SIMULATED_ACTIVE,
    SIMULATED_EC50,
    Simulation,
    simulate_screen,
    simulate_treatments,
)

MOLECULES = structures(300)
SILENT = SimulationConfig(
    dimensions=48, response=0.0, plate_effect=0.0, position_effect=0.0, batch_effect=0.0, well_effect=0.0
)
EFFECTS = ("plate_effect", "position_effect", "batch_effect", "well_effect")


def test_one_seed_gives_one_simulated_screen_to_the_bit() -> None:
    first, again = (simulate_screen(MOLECULES[:60]) for _ in range(2))
    other = simulate_screen(MOLECULES[:60], SimulationConfig(seed=1))
    assert np.array_equal(first.plate.embeddings, again.plate.embeddings)
    assert first.plate.wells.equals(again.plate.wells)
    assert np.array_equal(first.truth.activity, again.truth.activity)
    assert not np.array_equal(first.truth.molecules.mechanism, other.truth.molecules.mechanism)
    assert not np.array_equal(first.plate.embeddings[0], other.plate.embeddings[0])
    assert first.plate.space != other.plate.space


def test_simulated_blocks_hold_the_wells_of_the_simulated_plate() -> None:
    config = SimulationConfig(dimensions=8, replicates=3, doses=tuple(10.0 ** np.arange(-4, 12)))
    screen = simulate_screen(MOLECULES, config)
    blocks = list(simulate_treatments(screen.truth.molecules, config))
    assert len(blocks) > 1
    assert np.array_equal(np.concatenate([block.activity for block in blocks]), screen.truth.activity)
    assert np.array_equal(np.concatenate([block.phenotype for block in blocks]), screen.truth.phenotype)
    assert np.array_equal(np.concatenate([block.dose for block in blocks]), screen.truth.dose)
    for block in blocks:
        rows = np.flatnonzero(screen.truth.of_well == block.first)
        assert np.array_equal(screen.plate.embeddings[rows], block.wells[0])


def test_a_silent_simulated_screen_holds_nothing() -> None:
    assert not simulate_screen(MOLECULES, SILENT).plate.embeddings.any()


def parts(screen: Simulation, effect: str) -> NDArray[np.float64]:
    """Squared size of what an effect should have added, as far as it differs from group to group."""
    wells, values = screen.plate.wells, screen.plate.embeddings.astype(np.float64)
    groups = {
        "plate_effect": [wells[PLATE]],
        "batch_effect": [wells[BATCH]],
        "position_effect": [wells[WELL].str[0], wells[WELL].str[1:]],
        "well_effect": [wells.index],
    }[effect]
    sizes = []
    for group in groups:
        means = np.stack(
            [values[rows].mean(axis=0) for rows in wells.reset_index().groupby(group.to_numpy()).indices.values()]
        )
        sizes.append(means.var(axis=0, ddof=1).mean())
    return np.array(sizes)


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_simulated_effect_has_its_stated_size_and_no_other(effect: str) -> None:
    config = replace(SILENT, **{effect: 1.5}, replicates=12, batches=6, dimensions=128)
    screen = simulate_screen(MOLECULES, config)
    # Rows and columns share a position effect; each group's mean stands for one draw.
    assert parts(screen, effect).sum() == pytest.approx(1.5**2, rel=0.12)
    within = screen.plate.embeddings.astype(np.float64).copy()
    keys = {
        "plate_effect": screen.plate.wells[PLATE],
        "batch_effect": screen.plate.wells[BATCH],
        "position_effect": screen.plate.wells[WELL],
        "well_effect": screen.plate.wells.index.to_series(),
    }[effect]
    for rows in screen.plate.wells.reset_index().groupby(keys.to_numpy()).indices.values():
        within[rows] -= within[rows].mean(axis=0)
    assert np.abs(within).max() < 1e-5


@pytest.mark.parametrize("effect", EFFECTS)
def test_switching_one_simulated_effect_off_leaves_the_others_as_they_were(effect: str) -> None:
    config = SimulationConfig(dimensions=16)
    whole = simulate_screen(MOLECULES[:40], config).plate.embeddings
    without = simulate_screen(MOLECULES[:40], replace(config, **{effect: 0.0})).plate.embeddings
    twice = simulate_screen(
        MOLECULES[:40], replace(config, **{effect: 2 * getattr(config, effect)})
    ).plate.embeddings
    assert np.abs(whole - without).max() > 0.1
    np.testing.assert_allclose(twice - whole, whole - without, atol=1e-5)


def test_variances_of_a_simulated_screen_add_up() -> None:
    config = SimulationConfig(replicates=12, batches=12, dimensions=128)
    screen = simulate_screen(MOLECULES, config)
    controls = screen.plate.embeddings[screen.plate.is_negative_control].astype(np.float64)
    expected = sum(getattr(config, effect) ** 2 for effect in EFFECTS)
    assert (controls**2).mean() == pytest.approx(expected, rel=0.1)
    treated = screen.truth.of_well >= 0
    rest = screen.plate.embeddings[treated] - screen.truth.phenotype[screen.truth.of_well[treated]]
    assert (rest.astype(np.float64) ** 2).mean() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("response", [0.5, 2.0])
def test_full_simulated_responses_have_the_stated_size(response: float) -> None:
    ones = np.ones((20, 1), dtype=np.float32)
    molecules = SimulatedMolecules(
        smiles=tuple(MOLECULES[:20]),
        active=np.ones(20, dtype=bool),
        mechanism=np.arange(20, dtype=np.int32)[:, None],
        ec50=ones,
        slope=ones,
        top=ones,
        mechanisms=20,
    )
    (block,) = simulate_treatments(
        molecules, replace(SILENT, response=response, doses=(1e9,), replicates=1, batches=1)
    )
    assert np.sqrt(np.square(block.phenotype).mean()) == pytest.approx(response, rel=1e-5)
    assert np.array_equal(block.wells[:, 0], block.phenotype)


def test_simulated_responses_follow_the_hill_equation() -> None:
    molecules = simulate_molecules(MOLECULES, SimulationConfig())
    row = int(np.flatnonzero(molecules.mechanism[:, 1] >= 0)[0])
    mechanism, ec50, slope, top = (getattr(molecules, name)[row] for name in ("mechanism", "ec50", "slope", "top"))
    doses = 10.0 ** np.linspace(-4, 4, 30)
    activity = molecules.activity(np.full(30, row), doses)
    for column in range(2):
        expected = top[column] * doses ** slope[column] / (doses ** slope[column] + ec50[column] ** slope[column])
        np.testing.assert_allclose(activity[:, mechanism[column]], expected, rtol=1e-4)
        half = molecules.activity(np.array([row]), ec50[column : column + 1].astype(np.float64))
        assert half[0, mechanism[column]] == pytest.approx(top[column] / 2, rel=1e-4)
    others = np.setdiff1d(np.arange(molecules.mechanisms), mechanism)
    assert not activity[:, others].any()


def test_simulated_responses_rise_with_the_dose() -> None:
    screen = simulate_screen(MOLECULES, replace(SILENT, response=1.0, doses=(0.01, 0.1, 1.0, 10.0, 100.0)))
    activity = screen.truth.activity.reshape(len(MOLECULES), 5, -1)
    steps = np.diff(activity, axis=1)
    assert (steps >= 0).all()
    acting = activity[:, -1] > 0
    assert (steps.min(axis=1)[acting] > 0).all()
    size = np.linalg.norm(screen.truth.phenotype.reshape(len(MOLECULES), 5, -1), axis=2)
    assert np.array_equal(size[:, -1] > 0, screen.truth.molecules.active)
    assert (size[screen.truth.molecules.active, -1] > size[screen.truth.molecules.active, 0]).all()


@pytest.mark.parametrize("inactive", [0.0, 0.25, 0.9, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_simulated_share_of_inactive_molecules_is_the_stated_one(inactive: float, seed: int) -> None:
    molecules = simulate_molecules(MOLECULES, SimulationConfig(inactive=inactive, seed=seed))
    assert (~molecules.active).sum() == round(300 * inactive)
    assert np.array_equal((molecules.mechanism >= 0).any(axis=1), molecules.active)
    activity = molecules.activity(np.arange(300), np.full(300, 10.0))
    assert np.array_equal(activity.any(axis=1), molecules.active)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    mechanisms=st.integers(1, 40),
    several=st.integers(1, 4),
    inactive=st.floats(0, 1),
    low=st.floats(1e-4, 1),
    span=st.floats(1, 1e4),
)
def test_simulated_molecules_keep_to_their_configuration(
    seed: int, mechanisms: int, several: int, inactive: float, low: float, span: float
) -> None:
    several = min(several, mechanisms)
    config = SimulationConfig(
        seed=seed, mechanisms=mechanisms, mechanisms_a_molecule=several, inactive=inactive, ec50=(low, low * span)
    )
    molecules = simulate_molecules(MOLECULES[:50], config)
    acts = molecules.mechanism >= 0
    assert acts.shape == (50, several)
    assert (molecules.mechanism < mechanisms).all()
    for values, lowest, highest in (
        (molecules.ec50, low, low * span),
        (molecules.slope, *config.slope),
        (molecules.top, 0.5, 1.0),
    ):
        assert np.array_equal(np.isfinite(values), acts)
        assert ((values[acts] >= lowest * 0.999) & (values[acts] <= highest * 1.001)).all()
    # The strongest mechanism comes first.
    assert (molecules.ec50[:, 1:] >= molecules.ec50[:, :-1])[acts[:, 1:]].all()


def likeness(molecules: SimulatedMolecules) -> tuple[float, float]:
    """Share of one mechanism among pairs of active molecules, the most alike in structure and the least."""
    active = np.flatnonzero(molecules.active)
    counts = np.minimum(FeatureSet(("morgan",)).compute([molecules.smiles[row] for row in active]), 1).astype(
        np.float64
    )
    shared = counts @ counts.T
    sizes = np.diag(shared)
    tanimoto = (shared / (sizes[:, None] + sizes - shared))[np.triu_indices(len(active), 1)]
    strongest = molecules.mechanism[active, 0]
    same = (strongest[:, None] == strongest)[np.triu_indices(len(active), 1)]
    order = np.argsort(tanimoto)
    few = len(order) // 100
    return float(same[order[-few:]].mean()), float(same[order[: 50 * few]].mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_similar_structures_have_similar_simulated_phenotypes(seed: int) -> None:
    near, far = likeness(simulate_molecules(MOLECULES, SimulationConfig(seed=seed)))
    assert near > 3 * far
    assert near > 0.3


def test_a_simulated_plate_says_so_through_its_file(tmp_path: Path) -> None:
    screen = simulate_screen(MOLECULES[:40], SimulationConfig(dimensions=12, inactive=0.4))
    write_plate(screen.plate, tmp_path / "simulated.h5ad")
    read = read_plate(tmp_path / "simulated.h5ad")
    assert read.simulated
    assert read.embedding == screen.plate.embedding
    assert read.embedding.encoder == "simulated"
    assert read.space == screen.plate.space
    assert all("simulated" in text for text in (*read.barcodes, *read.feature_names, *read.wells[BATCH]))
    assert np.array_equal(read.embeddings, screen.plate.embeddings)
    wells = read.wells[read.is_treated]
    assert wells[NAME].str.startswith("simulated ").all()
    molecules = screen.truth.molecules
    row = np.array([molecules.smiles.index(smiles) for smiles in wells[SMILES]])
    assert np.array_equal(wells[SIMULATED_ACTIVE].astype(bool), molecules.active[row])
    assert np.array_equal(wells[MECHANISM].notna(), molecules.active[row])
    np.testing.assert_allclose(wells[SIMULATED_EC50], molecules.ec50[row, 0])
    assert wells[MECHANISM].dropna().str.startswith("simulated mechanism ").all()


@pytest.mark.parametrize("one_layout", [False, True])
@pytest.mark.parametrize("wells", [96, 384, 1536])
def test_simulated_plates_hold_each_treatment_once_a_replicate(wells: int, one_layout: bool) -> None:
    config = SimulationConfig(
        dimensions=2, replicates=3, batches=3, wells_a_plate=wells, controls=16, one_layout=one_layout
    )
    screen = simulate_screen(MOLECULES[:100], config)
    table = screen.plate.wells
    assert not table.duplicated([PLATE, WELL]).any()
    assert (screen.plate.positions >= 0).all()
    assert (table.loc[screen.plate.is_negative_control].groupby(PLATE).size() == 16).all()
    assert len(screen.plate.barcodes) == 3 * -(-300 // (wells - 16))
    grouped = group_treatments(screen.plate)
    assert len(grouped) == 300
    assert (grouped.table["n_wells"] == 3).all()
    assert (grouped.table["n_plates"] == 3).all()
    places = table[screen.plate.is_treated].groupby([SMILES, CONCENTRATION])[WELL].nunique()
    assert (places == 1).all() if one_layout else (places > 1).mean() > 0.9
    assert (table.groupby([SMILES, CONCENTRATION])[BATCH].nunique() == 3).all()


def test_equal_texts_are_one_simulated_molecule() -> None:
    molecules = simulate_molecules(["CCO", "CCN", "CCO"], SimulationConfig())
    assert molecules.smiles == ("CCO", "CCN")


def test_a_structure_that_is_none_is_named_by_its_row() -> None:
    with pytest.raises(MoleculeError, match=r"list\.csv: row 3: found 'C1CC'"):
        simulate_screen(["CCO", "CCO", "C1CC"], source="list.csv")


@pytest.mark.parametrize("smiles", [[], ["CCO"], ["OCC", "CCO"]])
def test_molecules_that_do_not_differ_cannot_be_simulated(smiles: list[str]) -> None:
    with pytest.raises(InputError, match="at least two that differ"):
        simulate_screen(smiles)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("mechanisms", 0),
        ("mechanisms_a_molecule", 21),
        ("inactive", 1.1),
        ("inactive", float("nan")),
        ("ec50", (0.0, 1.0)),
        ("slope", (2.0, 1.0)),
        ("dimensions", 0),
        ("response", -1.0),
        ("doses", ()),
        ("doses", (1.0, 1.0)),
        ("doses", (0.0, 1.0)),
        ("doses", (float("inf"),)),
        ("replicates", 0),
        ("batches", 5),
        ("wells_a_plate", 100),
        ("controls", 384),
        *((effect, -0.1) for effect in EFFECTS),
    ],
)
def test_a_configuration_without_a_screen_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=f"simulation: {field}: found "):
        SimulationConfig(**{field: value})  # type: ignore[arg-type]


def test_simulating_is_cancelled_from_its_progress() -> None:
    shares: list[float] = []

    def stop(share: float, message: str) -> None:
        assert "Simulating" in message
        shares.append(share)
        if share > 0.5:
            raise Cancelled("stopped by the user")

    with pytest.raises(Cancelled):
        simulate_screen(MOLECULES, progress=stop)
    assert shares == sorted(shares)


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit status of ``molphenix simulate``."""
    monkeypatch.setattr(sys, "argv", ["molphenix", "simulate", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_command_writes_a_simulated_plate_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table, out = tmp_path / "molecules.smi", tmp_path / "simulated.h5ad"
    table.write_text("\n".join(MOLECULES[:30]), encoding="utf-8")
    options = ("--doses", "1,10", "--replicates", 1, "--inactive", 0.2, "--seed", 3)
    assert command(monkeypatch, table, "--out", out, *options) == 0
    assert "92 simulated wells on 1 simulated plates" in capsys.readouterr().out
    config = SimulationConfig(doses=(1.0, 10.0), replicates=1, batches=1, inactive=0.2, seed=3)
    expected = simulate_screen(MOLECULES[:30], config).plate
    assert read_plate(out).simulated
    assert np.array_equal(read_plate(out).embeddings, expected.embeddings)


@pytest.mark.parametrize(
    ("lines", "options", "message"),
    [
        ("CCO\nC1CC\n", (), "molecules.smi: row 2: found 'C1CC'"),
        ("CCO\nCCN\n", ("--doses", "1,ten"), "--doses: found '1,ten'"),
        ("CCO\nCCN\n", ("--doses", "1,unknown"), "simulation: doses: found (1.0, nan)"),
        ("CCO\nCCN\n", ("--replicates", 0), "simulation: replicates: found 0"),
    ],
)
def test_the_command_names_what_cannot_be_simulated(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    lines: str,
    options: tuple[object, ...],
    message: str,
) -> None:
    table, out = tmp_path / "molecules.smi", tmp_path / "simulated.h5ad"
    table.write_text(lines, encoding="utf-8")
    assert command(monkeypatch, table, "--out", out, *options) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()
