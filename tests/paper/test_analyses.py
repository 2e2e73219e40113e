"""Analyses find what was planted, and nothing where nothing was."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated_structures import structures
from sklearn.metrics import roc_auc_score

from molphenix_core.evaluation.cross_validation import measure_split
from molphenix_core.evaluation.kernel_ridge import morgan_counts
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.paper.analyses import analyse
from molphenix_core.paper.analyses_map import treatment_map
from molphenix_core.paper.analyses_probe import WAYS, ProbeFold, pooled_probe, probe_scores
from molphenix_core.paper.analyses_properties import PropertyFold, pooled_properties, predict_properties
from molphenix_core.paper.analyses_sections import sections_from
from molphenix_core.paper.analyses_similarity import KINDS, pair_similarities
from molphenix_core.plates.files import write_plate
from molphenix_core.simulate.config import SimulationConfig
from molphenix_core.simulate.screen import simulate_screen
from molphenix_core.training.dataset import collect_molecules
from molphenix_core.training.job import read_job
from molphenix_core.training.pipeline import load_sources, split_source, train_bundle

TRAINING, CROSS_FITTED = WAYS


def probe_fold(seed: int, **inputs: float) -> ProbeFold:
    """120 treatments of 60 molecules of 30 scaffolds; inputs of 5 columns, one of them moved by activity."""
    random = np.random.default_rng(seed)
    molecule = np.repeat(np.arange(60), 2)
    active = random.random(120) < 0.5
    noise = {name: random.normal(size=(120, 5)) for name in inputs}
    for name, effect in inputs.items():
        noise[name][:, 0] += effect * active
    return ProbeFold(
        inputs=noise,
        active=active,
        molecule=molecule,
        scaffold=[f"scaffold {number // 2}" for number in molecule],
        held_out=molecule >= 30,
    )


def test_the_probe_finds_planted_activity_and_only_that() -> None:
    folds = [probe_scores(probe_fold(seed, planted=4.0, noise=0.0), seed=1) for seed in (0, 1, 2)]
    pooled = pooled_probe(folds)
    assert (pooled["treatments"], pooled["molecules"]) == (180, 30)
    for way in WAYS:
        fit = pooled["fits"][way]
        assert fit["auc"]["planted"]["interval"][0] > 0.9
        assert abs(fit["auc"]["noise"]["value"] - 0.5) < 0.15
        low, high = fit["auc"]["noise"]["interval"]
        assert low < fit["auc"]["noise"]["value"] < high
        assert fit["difference"]["noise"]["interval"][0] > 0.2
        assert abs(fit["shuffled"]["mean"] - 0.5) < 0.12
    assert json.loads(json.dumps(folds, allow_nan=False)) == folds


def test_the_probe_learns_nothing_from_what_scaffolds_share() -> None:
    # Each scaffold has one activity and a column that names it: whoever saw the scaffold knows the answer.
    scaffold = np.repeat(np.arange(40), 4)
    fold = ProbeFold(
        inputs={"name of the scaffold": np.eye(40)[scaffold]},
        active=np.random.default_rng(0).permutation(np.repeat([True, False], 20))[scaffold],
        molecule=np.repeat(np.arange(80), 2),
        scaffold=[str(number) for number in scaffold],
        held_out=scaffold >= 20,
    )
    fits = pooled_probe([probe_scores(fold)])["fits"]
    for way in WAYS:
        assert fits[way]["auc"]["name of the scaffold"]["value"] <= 0.6


def test_the_area_is_that_of_scikit_learn_and_counts_no_pairs_of_two_models() -> None:
    random = np.random.default_rng(0)

    def fold(shift: float) -> tuple[dict[str, object], float]:
        active = random.random(60) < 0.4
        scores = (active + random.normal(size=60)).round(1)
        by_way = {way: {"input": (scores + shift).tolist()} for way in WAYS}
        labels = active.astype(int).tolist()
        result = {
            "molecule": list(range(60)),
            "active": labels,
            "part": {way: [0] * 60 for way in WAYS},
            "scores": by_way,
            "shuffled": [{"active": labels, "scores": {w: s["input"] for w, s in by_way.items()}}] * 5,
        }
        return result, float(roc_auc_score(active, scores))

    (first, area), (second, other) = fold(0.0), fold(100.0)
    alone = pooled_probe([first])["fits"][TRAINING]
    assert alone["auc"]["input"]["value"] == pytest.approx(area, abs=1e-4)
    assert alone["shuffled"]["highest"] == pytest.approx(area, abs=1e-4)
    both = pooled_probe([first, second])["fits"][CROSS_FITTED]["auc"]["input"]["value"]
    assert min(area, other) - 1e-4 <= both <= max(area, other) + 1e-4


def test_the_probe_says_why_it_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = probe_fold(0, planted=1.0)
    none = ProbeFold(fold.inputs, fold.active, fold.molecule, fold.scaffold, np.zeros(120, dtype=bool))
    assert "replicates" in probe_scores(none)["not_available"]
    assert "replicates" in pooled_probe([probe_scores(none)])["not_available"]
    quiet = ProbeFold(fold.inputs, np.zeros(120, dtype=bool), fold.molecule, fold.scaffold, fold.held_out)
    assert pooled_probe([probe_scores(quiet)])["not_available"].startswith("0 held-out molecules with an active")
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert "scikit-learn is not installed" in probe_scores(fold)["not_available"]
    with pytest.raises(ValueError, match="finite"):
        ProbeFold({"z_m": np.full((1, 1), np.nan)}, *(np.ones(1, dtype=int),) * 2, ["a"], np.ones(1, dtype=bool))


def test_properties_are_predicted_from_neighbours_where_neighbours_share_them() -> None:
    random = np.random.default_rng(0)
    weight = random.uniform(0, 3, 200)
    circle = np.stack([np.cos(weight), np.sin(weight)], axis=1)
    elsewhere = random.normal(size=(200, 8))
    elsewhere /= np.linalg.norm(elsewhere, axis=1, keepdims=True)
    counts = random.integers(0, 3, (200, 30)).astype(np.float32)
    properties = {
        "weight": weight,
        "constant": np.ones(200),
        "unknown": np.where(np.arange(200) == 7, np.nan, weight),
    }
    folds = []
    for part in range(2):
        held_out = np.arange(200) % 4 == part
        fold = PropertyFold({"circle": circle, "elsewhere": elsewhere}, ~held_out, held_out)
        folds.append(predict_properties(fold, counts, properties))
    # By hand: the mean of the ten nearest training molecules.
    train = np.flatnonzero(np.arange(200) % 4 != 0)
    nearest = sorted(train, key=lambda row: -float(circle[4] @ circle[row]))[:10]
    assert folds[0]["predicted"]["weight"]["circle"][1] == pytest.approx(weight[nearest].mean(), rel=1e-4)
    assert json.loads(json.dumps(folds, allow_nan=False)) == folds

    pooled = pooled_properties(folds)
    assert (pooled["held_out"], pooled["training"]) == (100, 150)
    assert {row["property"] for row in pooled["rows"]} == {"weight"}
    by_input = {row["input"]: row for row in pooled["rows"]}
    assert by_input["circle"]["r2_interval"][0] > 0.98
    assert by_input["circle"]["spearman_interval"][0] > 0.98
    for name in ("elsewhere", "Tanimoto", "shuffled"):
        assert by_input[name]["r2"] < 0.1
    for name in ("elsewhere", "Tanimoto"):
        assert abs(by_input[name]["spearman"]) < 0.3
    assert -0.1 < by_input["mean of training"]["r2"] <= 0
    assert by_input["mean of training"]["spearman"] is None
    few = PropertyFold({"circle": circle}, np.arange(200) < 5, np.arange(200) > 10)
    assert "5 training" in pooled_properties([predict_properties(few, counts, properties)])["not_available"]
    with pytest.raises(ValueError, match="both"):
        PropertyFold({}, np.ones(3, dtype=bool), np.ones(3, dtype=bool))


def lengths_and_directions(active: NDArray[np.bool_], width: int = 40) -> NDArray[np.float64]:
    """Random directions; active treatments are long, inactive ones short: only distances tell kinds of pairs."""
    directions = np.random.default_rng(0).normal(size=(len(active), width))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions * np.where(active, 5.0, 1.0)[:, None]


def test_arctan_tells_kinds_of_pairs_apart_where_only_lengths_differ() -> None:
    active = np.arange(120) % 3 == 0
    phenotype = lengths_and_directions(active)
    p_value = np.where(active, 0.01, 0.6)
    p_value[:4] = np.nan
    molecule = np.arange(120) // 2
    result = pair_similarities(phenotype, p_value, molecule, scale=20.0, threshold=0.1)
    assert (result["active"], result["inactive"]) == (38, 78)
    assert sum(kind["pairs"] for kind in result["kinds"].values()) == 116 * 115 // 2 - 58
    assert result["separations"]["arctan"]["value"] > 0.99
    assert abs(result["separations"]["cosine"]["value"] - 0.5) < 0.1
    assert result["separations"]["difference"]["interval"][0] > 0.3
    kinds = np.array([active[a].astype(int) + active[b] for a in range(4, 120) for b in range(a) if b >= 4])
    cosines = [float(phenotype[a] @ phenotype[b]) for a in range(4, 120) for b in range(4, a)]
    lengths = np.linalg.norm(phenotype, axis=1)
    scale = np.array([lengths[a] * lengths[b] for a in range(4, 120) for b in range(4, a)])
    apart = np.array([molecule[a] != molecule[b] for a in range(4, 120) for b in range(4, a)]) & (kinds < 2)
    expected = roc_auc_score(kinds[apart] == 0, (np.array(cosines) / scale)[apart])
    assert result["separations"]["cosine"]["value"] == pytest.approx(float(expected), abs=0.005)
    # By hand: the greatest likeness of two inactive treatments of different molecules.
    rows = [row for row in range(4, 120) if not active[row]]
    pairs = [(a, b) for a in rows for b in rows if molecule[a] < molecule[b]]
    squared = min(float(((phenotype[a] - phenotype[b]) ** 2).sum()) for a, b in pairs)
    found = result["kinds"][KINDS[2]]["arctan"][-1]
    assert found == pytest.approx(1 - 4 / np.pi * np.arctan(squared / 20.0), abs=1e-4)
    cosine = max(float(phenotype[a] @ phenotype[b]) for a, b in pairs)
    assert result["kinds"][KINDS[2]]["cosine"][-1] == pytest.approx(cosine, abs=1e-4)


def test_the_cosine_is_not_wronged_where_it_tells_pairs_apart() -> None:
    active = np.arange(120) % 3 == 0
    phenotype = lengths_and_directions(active)
    phenotype[~active] = phenotype[~active] * 0.1 + np.eye(40)[0]
    phenotype /= np.linalg.norm(phenotype, axis=1, keepdims=True)
    result = pair_similarities(phenotype, np.where(active, 0.01, 0.6), np.arange(120), scale=1.0, threshold=0.1)
    assert result["separations"]["cosine"]["value"] > 0.95
    assert abs(result["separations"]["difference"]["value"]) < 0.05
    none = pair_similarities(phenotype, np.full(120, np.nan), np.arange(120), scale=1.0, threshold=0.1)
    assert none == {"not_available": "0 active and 0 inactive treatments"}


@pytest.mark.slow
def test_maps_keep_what_is_near_together_and_are_the_same_again() -> None:
    random = np.random.default_rng(0)
    group = np.repeat([0, 1], 30)
    z_m = (np.eye(2)[group] @ random.normal(size=(2, 16)) + 0.05 * random.normal(size=(60, 16))).astype(np.float32)
    p_value = np.where(np.arange(60) == 3, np.nan, 0.01)
    arguments = {"p_value": p_value, "dose": np.full(60, np.nan), "held_out": group == 1}
    first = treatment_map(z_m, **arguments)
    assert first == treatment_map(z_m, **arguments)
    assert first["p_value"][3] is None
    assert first["dose"] == [None] * 60
    assert first["held_out"] == (group == 1).tolist()
    for key in ("umap", "pca"):
        points = np.array(first[key])
        distance = np.linalg.norm(points[:, None] - points, axis=2) + 1e9 * np.eye(60)
        assert (group[distance.argmin(axis=1)] == group).all(), key
    fewer = treatment_map(z_m, **arguments, most=20)
    assert (fewer["treatments"], fewer["shown"], len(fewer["umap"])) == (60, 20, 20)


def test_a_map_without_umap_says_so_and_has_principal_components(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    z_m = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    result = treatment_map(z_m, np.full(10, 0.5), np.full(10, 1.0), held_out=np.arange(10) > 4)
    assert "umap-learn is not installed" in result["umap"]["not_available"]
    assert len(result["pca"]) == 10
    assert treatment_map(z_m[:3], np.ones(3), np.ones(3), held_out=np.ones(3, bool)) == {
        "not_available": "3 treatments"
    }


def test_a_simulated_screen_is_analysed_and_written_up_as_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    config = SimulationConfig(dimensions=24, doses=(1.0, 10.0), replicates=2, inactive=0.5)
    write_plate(simulate_screen(structures(120), config).plate, tmp_path / "screen.h5ad")
    text = {
        "name": "small",
        "data": [{"path": "screen.h5ad", "title": "simulated", "source": "simulated", "licence": "none"}],
        "molecule_features": ["maccs"],
        "model": {"joint": 16, "width": 32},
        "fit": {"epochs": 2, "threads": 1},
    }
    (tmp_path / "job.json").write_text(json.dumps(text), encoding="utf-8")
    job = read_job(tmp_path / "job.json")
    sources = load_sources(job, tmp_path)
    molecules = collect_molecules([source.treatments.table for source in sources], job.split)
    raw = FeatureSet(job.molecule_features).compute(molecules.smiles)
    part = split_source(job, sources[0], molecules)
    bundle = train_bundle(job, [part], molecules, raw)
    split = measure_split(
        job, part, molecules, morgan_counts(list(molecules.smiles)), bundle.scaler.transform(raw)
    )
    result = analyse(bundle, split, molecules)
    assert (result["data"], result["simulated"]) == ("screen.h5ad", True)
    assert analyse(bundle, split, molecules, maps=False).keys() == result.keys() - {"map", "similarity"}

    held_out = set(np.flatnonzero(molecules.folds == job.split.fold))
    assert set(result["probe"]["molecule"]) <= held_out
    assert len(result["properties"]["molecule"]) == len(held_out)
    stored = json.loads(json.dumps(result, allow_nan=False))
    sections = sections_from([stored])
    assert sections == sections_from([result])
    assert len(sections) == 4
    assert all("screen.h5ad (simulated)" in section.title for section in sections)
    assert any("UMAP not available" in text for text in sections[0].paragraphs)
    assert all(figure.svg.startswith("<svg") for section in sections for figure in section.figures)
    (held_out_share,) = [table for table in sections[3].tables if table.caption.startswith("R²")]
    assert [row[0] for row in held_out_share.rows][:3] == ["molecular weight", "cLogP", "TPSA"]
    with pytest.raises(ValueError, match="one plate file"):
        sections_from([stored, {**stored, "data": "another.h5ad"}])
    with pytest.raises(ValueError, match="one plate file"):
        sections_from([])


def test_what_is_not_available_is_written_up_with_its_reason() -> None:
    none = {"not_available": "no replicates"}
    result = {"data": "a.h5ad", "simulated": False, "activity_threshold": 0.1, "probe": none, "properties": none}
    assert [section.paragraphs for section in sections_from([{**result, "map": none, "similarity": none}])] == [
        ("not available: no replicates",)
    ] * 4
