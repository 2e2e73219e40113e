"""Rivals without towers, on planted sets where it is known what each must find, and what none can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulated_plates import simulated_plate
from small_bundle import small_bundle, small_plate

from molphenix_core.errors import InputError
from molphenix_core.evaluation.baselines import (
    DESCRIPTORS_ONLY,
    DISTANCE_ONLY,
    NEAREST_NEIGHBOUR,
    BaselineScores,
    baseline_scores,
    descriptor_ridge,
    nearest_neighbour_phenotypes,
)
from molphenix_core.evaluation.card_table import card_table
from molphenix_core.evaluation.held_out import HeldOut
from molphenix_core.evaluation.kernel_ridge import cosine_scores, fit_kernel_ridge, morgan_counts
from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.evaluation.recall import RetrievalFigures, retrieval_figures
from molphenix_core.evaluation.rivals import compare, fold_ranks
from molphenix_core.evaluation.shuffles import shuffle_doses, shuffle_structures
from molphenix_core.molecules.features import DESCRIPTORS, FeatureSet
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.dataset import treatments_with_structure

DOSES = (1.0, 10.0)
RINGS = 8


def planted(*, controls: int = 16, strength_only: bool = False, seed: int = 0) -> tuple[MeasuredSplit, HeldOut]:
    """Sixteen molecules, two of each of eight ring systems; what a treatment does depends on ring and dose alone.

    Each ring trains with one molecule and holds out the other. With ``strength_only`` each well goes in a
    direction of its own, and only how far depends on ring and dose.
    """
    plate, _ = standardise_plate(simulated_plate(molecules=2 * RINGS, doses=DOSES, controls=controls, seed=seed))
    treatments = treatments_with_structure(plate)
    table = treatments.table
    number = table["name"].str.removeprefix("simulated ").astype(int).to_numpy() - 1
    ring, second = number % RINGS, number // RINGS == 1
    dose = np.log10(table["concentration"].to_numpy(np.float64)).astype(int)
    random = np.random.default_rng(seed + 100)
    effect = random.normal(size=(RINGS, len(DOSES), 30))
    values = 0.05 * random.normal(size=plate.embeddings.shape)
    treated = treatments.of_well >= 0
    of = treatments.of_well[treated]
    if strength_only:
        direction = random.normal(size=(len(of), 30))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        values[treated] += direction * (1.5 ** (2 * ring[of] + dose[of]))[:, None]
    else:
        values[treated] += effect[ring[of], dose[of]]
    plate = replace(plate, embeddings=values.astype(np.float32))
    unseen = treated & second[treatments.of_well]
    inchikeys, molecule = np.unique(table["inchikey"].to_numpy(str), return_inverse=True)
    smiles = [table["smiles"][np.flatnonzero(molecule == row)[0]] for row in range(len(inchikeys))]
    counts = morgan_counts(smiles)
    split = MeasuredSplit(
        profiles=plate,
        plate=plate,
        treatments=treatments,
        train=treated & ~unseen,
        unseen_scaffold=unseen,
        held_out_plate=np.zeros(len(plate), dtype=bool),
        molecule=molecule.astype(np.int64),
        counts=counts,
        features=counts,
        activity_threshold=0.1,
    )
    rows = np.flatnonzero(second)
    return split, HeldOut("planted", rows, split.molecule[rows], split.doses[rows], None)


def scores_of(split: MeasuredSplit, held_out: HeldOut) -> BaselineScores:
    return baseline_scores(split, held_out, split.only(split.unseen_scaffold))


def figures(scores: np.ndarray, held_out: HeldOut) -> RetrievalFigures:
    return retrieval_figures(scores, np.arange(len(scores)), held_out.molecule)


def test_the_nearest_neighbour_finds_every_twin_at_its_dose() -> None:
    split, held_out = planted()
    out = scores_of(split, held_out)
    assert set(out.scores) == {NEAREST_NEIGHBOUR, DESCRIPTORS_ONLY, DISTANCE_ONLY}
    assert not out.not_available
    found = figures(out.scores[NEAREST_NEIGHBOUR], held_out)
    assert found.candidates == 16
    assert found.recall_at_1 == 1


def test_the_nearest_neighbour_finds_nothing_when_structures_are_shuffled() -> None:
    split, held_out = planted()
    percentiles, hits = [], []
    for seed in range(12):
        order = np.random.default_rng(seed).permutation(len(split.counts))
        shuffled = figures(
            scores_of(replace(split, counts=split.counts[order]), held_out).scores[NEAREST_NEIGHBOUR], held_out
        )
        percentiles.append(shuffled.median_rank_percentile)
        hits.append(shuffled.recall_at_1)
    assert 40 < np.mean(percentiles) < 65
    assert np.mean(hits) < 0.2


def test_the_nearest_dose_is_taken_and_an_unknown_one_is_the_mean() -> None:
    counts = morgan_counts(["CCCCO", "c1ccccc1", "CCCCCO"])
    molecule = np.array([0, 0, 0, 1, 1])
    doses = np.array([0.0, 1.0, np.nan, np.nan, np.nan])
    phenotypes = np.array([[1.0], [2.0], [30.0], [4.0], [8.0]])

    def predict(of: int, dose: float) -> float:
        asked = (np.array([of]), np.array([dose]))
        return float(nearest_neighbour_phenotypes(counts, (molecule, doses, phenotypes), asked)[0, 0])

    assert predict(2, 0.4) == 1
    assert predict(2, 0.6) == 2
    assert predict(2, 0.5) == 1.5, "both doses are equally near"
    assert predict(2, np.nan) == 11
    assert predict(1, 0.0) == 6, "no dose of the molecule is known"
    assert predict(0, 1.0) == 2, "a training molecule is its own neighbour"


def test_descriptors_predict_what_is_linear_in_them_and_in_the_dose() -> None:
    random = np.random.default_rng(0)
    n, width = 240, len(DESCRIPTORS)
    raw = random.normal(size=(n, width)).astype(np.float32) * 50 + 7
    log_dose = random.integers(0, 3, n).astype(np.float64)
    effects = np.zeros((width + 1, 5))
    effects[[3, 50, -1]] = random.normal(size=(3, 5))
    truth = np.column_stack([(raw - 7) / 50, log_dose - 1]) @ effects
    raw[5, 10] = np.nan
    train, new = slice(0, 200), slice(200, n)
    scaffold = np.arange(200) // 4

    def mean_cosine(structures: np.ndarray, doses: np.ndarray) -> float:
        predicted = descriptor_ridge(
            (structures[train], doses[train]),
            truth[train] - truth[train].mean(axis=0),
            (structures[new], doses[new]),
            scaffold=scaffold,
        )
        return float(np.diag(cosine_scores(truth[new] - truth[train].mean(axis=0), predicted)).mean())

    assert mean_cosine(raw, log_dose) > 0.6
    assert mean_cosine(raw, np.full(n, np.nan)) < mean_cosine(raw, log_dose) - 0.1
    assert abs(mean_cosine(random.permuted(raw, axis=0), np.full(n, np.nan))) < 0.3


def test_descriptors_say_why_they_are_not_available() -> None:
    split, held_out = planted()
    one = split.treatments.table.assign(smiles="CC1CCCCC1")
    alike = replace(split, treatments=replace(split.treatments, table=one))
    assert "one scaffold" in scores_of(alike, held_out).not_available[DESCRIPTORS_ONLY]
    raw = FeatureSet(("descriptors",)).compute(["CCO", "CCO"])
    with pytest.raises(InputError, match="no column that varies"):
        descriptor_ridge((raw, np.zeros(2)), np.eye(2), (raw, np.zeros(2)), scaffold=np.arange(2))


def test_distance_to_control_sees_strength_and_nothing_else() -> None:
    strength, held_out = planted(strength_only=True)
    out = scores_of(strength, held_out)
    by_distance = figures(out.scores[DISTANCE_ONLY], held_out)
    by_direction = figures(out.scores[NEAREST_NEIGHBOUR], held_out)
    assert by_distance.median_rank_percentile < 30
    assert by_distance.median_rank_percentile < by_direction.median_rank_percentile - 15
    assert (out.scores[DISTANCE_ONLY] <= 0).all()

    mirrored = replace(strength.plate, embeddings=-strength.plate.embeddings)
    turned = scores_of(replace(strength, plate=mirrored), held_out)
    np.testing.assert_allclose(turned.scores[DISTANCE_ONLY], out.scores[DISTANCE_ONLY], rtol=1e-4, atol=1e-5)


def test_distance_to_control_needs_controls() -> None:
    out = scores_of(*planted(controls=0))
    assert out.not_available == {DISTANCE_ONLY: "0 negative control wells"}
    assert set(out.scores) == {NEAREST_NEIGHBOUR, DESCRIPTORS_ONLY}


def test_what_was_held_out_is_never_learned_from() -> None:
    split, held_out = planted()
    out = scores_of(split, held_out)
    changed = held_out.treatments[:6]
    values = split.plate.embeddings.copy()
    values[np.isin(split.treatments.of_well, changed)] *= -3
    other = scores_of(replace(split, plate=replace(split.plate, embeddings=values)), held_out)
    for method, scores in out.scores.items():
        np.testing.assert_allclose(other.scores[method][6:], scores[6:], rtol=1e-6)
        assert (other.scores[method][:6] != scores[:6]).any()


@pytest.mark.filterwarnings("ignore:plate S. has 0 negative controls")
@pytest.mark.parametrize("controls", [16, 0])
def test_they_stand_beside_the_retriever_or_say_why_not(controls: int) -> None:
    split, held_out = planted(controls=controls)
    bundle = small_bundle(small_plate(molecules=2 * RINGS, controls=controls))
    structures = split.treatments.table["smiles"].to_numpy()[np.unique(split.molecule, return_index=True)[1]]
    split = replace(split, plate=bundle.prepare(split.plate), features=bundle.molecule_features(list(structures)))
    rows = [row for row in compare(split, bundle, bundle) if row["split"] == "unseen scaffolds"]
    methods = {row["method"] for row in rows if row.get("gallery") == "all"}
    apart = [row for row in rows if "gallery" not in row]
    assert {"retriever", NEAREST_NEIGHBOUR, DESCRIPTORS_ONLY} <= methods
    if controls:
        assert DISTANCE_ONLY in methods
        assert not apart
    else:
        assert apart == [
            {"split": "unseen scaffolds", "method": DISTANCE_ONLY, "not_available": "0 negative control wells"}
        ]
        told = card_table(replace(bundle, facts={"figures": apart}))
        assert "distance to control, not available: 0 negative control wells" in told
    (gallery,) = (ranks for name, ranks in fold_ranks(split, bundle).items() if name == "all")
    assert set(gallery) == methods - {"shuffled labels"}
    assert len(held_out.treatments) == len(gallery[NEAREST_NEIGHBOUR][0])


def a_training_set(molecules: int = 30, per_molecule: int = 3) -> TrainingSet:
    """Phenotypes that follow the molecule and its dose exactly, one well each."""
    molecule = np.repeat(np.arange(molecules), per_molecule)
    dose = np.tile(10.0 ** np.arange(per_molecule), molecules)
    random = np.random.default_rng(0)
    base, slope = random.normal(size=(2, molecules, 12))
    wells = base[molecule] + np.log10(dose)[:, None] * slope[molecule]
    return TrainingSet("s", wells.astype(np.float32), np.arange(len(molecule) + 1), molecule, dose)


def test_shuffled_structures_move_whole_molecules_and_leave_none_in_its_place() -> None:
    data = a_training_set()
    shuffled = shuffle_structures(data, 3)
    assert shuffled.dose is data.dose
    assert shuffled.wells is data.wells
    assert (shuffled.molecule != data.molecule).all()
    pairs = set(zip(data.molecule.tolist(), shuffled.molecule.tolist(), strict=True))
    assert len(pairs) == 30, "all treatments of a molecule move together, and no two molecules to one place"
    assert sorted(new for _, new in pairs) == list(range(30))
    assert (shuffle_structures(data, 3).molecule == shuffled.molecule).all()
    assert (shuffle_structures(data, 4).molecule != shuffled.molecule).any()


def test_shuffled_doses_stay_with_their_molecule() -> None:
    data = replace(a_training_set(), dose=np.where(np.arange(90) % 7 == 0, np.nan, a_training_set().dose))
    shuffled = shuffle_doses(data, 3)
    assert shuffled.molecule is data.molecule
    for molecule in range(30):
        here = data.molecule == molecule
        np.testing.assert_array_equal(np.sort(shuffled.dose[here]), np.sort(data.dose[here]))
    moved = ~((shuffled.dose == data.dose) | (np.isnan(shuffled.dose) & np.isnan(data.dose)))
    assert 0.4 < moved.mean() < 0.9, "two thirds of random places in a three"
    np.testing.assert_array_equal(shuffle_doses(data, 3).dose, shuffled.dose)


def test_kernel_ridge_finds_seen_molecules_and_after_each_shuffle_no_longer() -> None:
    data = a_training_set()
    counts = np.eye(30, dtype=np.float32)

    def recall(taught: TrainingSet) -> tuple[float, float]:
        """Of the very treatment, and of its molecule at any dose."""
        ridge = fit_kernel_ridge(counts[taught.molecule], np.log10(taught.dose), taught.mean())
        predicted = ridge.predict(counts[data.molecule], np.log10(data.dose))
        best = cosine_scores(data.mean() - ridge.mean, predicted).argmax(axis=1)
        return (best == np.arange(len(data))).mean(), (data.molecule[best] == data.molecule).mean()

    exact, _ = recall(data)
    assert exact > 0.9
    structures = [recall(shuffle_structures(data, seed))[1] for seed in range(5)]
    assert np.mean(structures) < 0.1
    doses = np.array([recall(shuffle_doses(data, seed)) for seed in range(5)]).mean(axis=0)
    assert doses[1] > 0.9
    assert doses[0] < 0.6
