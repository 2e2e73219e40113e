"""A training job from plate files to a measured bundle, on small simulated plates."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shipped import shipped_bundle, shipped_library
from simulated_plates import simulated_plate

from molphenix_core.errors import Cancelled, JobError, PlateFileError
from molphenix_core.jobs import run_job
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.model.losses import LossConfig
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.scaffolds import murcko_scaffold
from molphenix_core.molecules.standardise import standardise
from molphenix_core.plates.files import write_plate
from molphenix_core.plates.plate import Plate
from molphenix_core.training.fit import FitConfig
from molphenix_core.training.job import DataConfig, EncoderConfig, Job, SplitConfig

JOB = Job(
    name="tiny",
    data=(DataConfig("plate.h5ad", title="simulated"),),
    encoder=EncoderConfig(components=10),
    split=SplitConfig(folds=4, held_out_plates=("S4",)),
    molecule_features=("maccs",),
    model=TowerShape(joint=16, width=32),
    fit=FitConfig(epochs=40, batch_size=32, learning_rate=4e-3, device="cpu"),
)
RIVALS = {
    "retriever",
    "kernel ridge on Tanimoto, plain",
    "kernel ridge on Tanimoto, sphered",
    "position only",
    "shuffled labels",
}
BASELINES = {"nearest neighbour by fingerprint", "physico-chemical descriptors", "distance to control"}


def plate(**options: Any) -> Plate:
    return simulated_plate(**{"molecules": 40, "doses": (1.0, 10.0), "plates": 4, **options})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, list[dict[str, Any]], Path]:
    folder = tmp_path_factory.mktemp("job")
    write_plate(plate(), folder / "plate.h5ad")
    events: list[dict[str, Any]] = []
    run_job(JOB, folder, folder / "tiny", emit=events.append)
    return load_bundle(folder / "tiny"), events, folder


def test_no_held_out_scaffold_is_among_the_training_molecules(done: Any) -> None:
    bundle, _, _ = done
    split = bundle.facts["split"]
    trained, held_out = set(split["training_molecules"]), set(split["held_out_molecules"])
    assert len(trained) > 10
    assert len(held_out) > 2
    assert not trained & held_out
    assert bundle.training_molecules == {key[:14] for key in trained}
    molecules = [standardise(text) for text in plate().wells["Metadata_SMILES"].dropna().unique()]
    scaffolds = {molecule.inchikey: murcko_scaffold(molecule.smiles) for molecule in molecules}
    assert trained | held_out == set(scaffolds)
    assert not {scaffolds[key] for key in trained} & {scaffolds[key] for key in held_out}


def test_references_hold_no_held_out_molecule_or_plate(done: Any) -> None:
    bundle, _, _ = done
    (reference,) = bundle.references.values()
    assert set(reference.wells["Metadata_InChIKey"]) == set(bundle.facts["split"]["training_molecules"])
    assert (reference.wells["Metadata_wells"] == 3).all()
    assert reference.simulated


def test_held_out_wells_shape_nothing_of_the_model(done: Any, tmp_path: Path) -> None:
    """Other numbers in every held-out well: the same encoder, towers and references come out."""
    bundle, _, _ = done
    original = plate()
    keys = {text: standardise(text).inchikey for text in original.wells["Metadata_SMILES"].dropna().unique()}
    held_out = set(bundle.facts["split"]["held_out_molecules"])
    wells = (original.wells["Metadata_Plate"] == "S4") | original.wells["Metadata_SMILES"].map(keys).isin(held_out)
    values = original.embeddings.copy()
    change = wells.to_numpy() & original.is_treated
    assert change.sum() > 50
    values[change] = np.random.default_rng(1).permuted(values[change], axis=0) * 2
    write_plate(dataclasses.replace(original, embeddings=values), tmp_path / "plate.h5ad")
    run_job(JOB, tmp_path, tmp_path / "tiny")
    other = load_bundle(tmp_path / "tiny")
    assert other.spaces == bundle.spaces
    assert other.molecule_path_hash == bundle.molecule_path_hash
    (space,) = bundle.spaces
    queries = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float32)
    np.testing.assert_array_equal(other.embed_phenotypes(queries, space), bundle.embed_phenotypes(queries, space))
    np.testing.assert_array_equal(other.references[space].embeddings, bundle.references[space].embeddings)
    assert other.facts["figures"] != bundle.facts["figures"]


def test_every_figure_stands_beside_its_rivals_and_chance(done: Any) -> None:
    rows = done[0].facts["figures"]
    everywhere = RIVALS | BASELINES
    for split, rivals in (("held-out plates", {*everywhere, "layout only"}), ("unseen scaffolds", everywhere)):
        for gallery in ("all", "active"):
            here = [row for row in rows if row["split"] == split and row["gallery"] == gallery]
            assert {row["method"] for row in here} == rivals
            assert len({row["candidates"] for row in here}) == 1
            for row in here:
                assert row["chance"] == pytest.approx(row["k"] / row["candidates"], abs=1e-4)
                assert row["queries"] == row["candidates"]


def test_the_retriever_knows_what_it_was_trained_on_and_shuffled_labels_do_not(done: Any) -> None:
    rows = done[0].facts["figures"]

    def top_5(method: str) -> float:
        (row,) = (
            r for r in rows if r["split"] == "held-out plates" and r["gallery"] == "all" and r["method"] == method
        )
        return row["recall_top_5_percent"]

    assert top_5("retriever") > 0.4
    assert top_5("shuffled labels") < 0.2
    assert top_5("position only") < 0.2


def test_the_manifest_hash_is_that_of_the_manifest_and_repeats(done: Any, tmp_path: Path) -> None:
    bundle, _, folder = done
    split = dict(bundle.facts["split"])
    stated = split.pop("sha256")
    assert stated == hashlib.sha256(json.dumps(split, sort_keys=True).encode()).hexdigest()
    version = run_job(JOB, folder, tmp_path / "again")
    assert version.name == (folder / "tiny" / "CURRENT").read_text().strip()
    other = dataclasses.replace(JOB, split=dataclasses.replace(JOB.split, seed=1))
    run_job(other, folder, tmp_path / "other")
    assert load_bundle(tmp_path / "other").facts["split"]["sha256"] != stated


def test_events_are_json_and_tell_of_every_epoch(done: Any) -> None:
    _, events, _ = done
    assert json.loads(json.dumps(events, allow_nan=False)) == events
    epochs = [event for event in events if event["event"] == "epoch"]
    assert [event["epoch"] for event in epochs if event["stage"] == "training"] == list(
        range(1, JOB.fit.epochs + 1)
    )
    (data,) = (event for event in events if event["event"] == "data")
    assert data["wells"]["training"] + data["wells"]["unseen scaffolds"] + data["wells"]["held-out plates"] == 320
    assert sum(event["event"] == "figures" for event in events) == len(done[0].facts["figures"])


def test_the_card_says_what_was_trained_on(done: Any) -> None:
    facts = done[0].facts
    (training,) = facts["training"]
    assert training["title"] == "simulated"
    assert training["simulated"] is True
    assert facts["job"]["name"] == "tiny"
    assert facts["split"]["held_out_plates"] == ["S4"]


def test_cross_validation_pools_every_fold(tmp_path: Path) -> None:
    write_plate(plate(plates=3), tmp_path / "plate.h5ad")
    job = dataclasses.replace(
        JOB,
        split=SplitConfig(folds=3),
        fit=dataclasses.replace(JOB.fit, epochs=2),
        cross_validation_seeds=1,
    )
    run_job(job, tmp_path, tmp_path / "tiny")
    rows = [row for row in load_bundle(tmp_path / "tiny").facts["figures"] if "3 folds x 1 seeds" in row["split"]]
    everything = [row for row in rows if row["gallery"] == "all"]
    assert {row["queries"] for row in everything} == {80}
    assert {row["molecules"] for row in everything} == {40}


def test_two_files_of_one_space_share_a_tower_and_keep_both_references(tmp_path: Path) -> None:
    names = [f"f_{i}" for i in range(12)]
    for file, seed in (("a.h5ad", 0), ("b.h5ad", 0)):
        one = plate(encoder="somenet", names=names, features=12, seed=seed, plates=2)
        half = one.wells["Metadata_Plate"] == ("S1" if file == "a.h5ad" else "S2")
        write_plate(one.take(half.to_numpy()), tmp_path / file)
    job = dataclasses.replace(
        JOB,
        data=(DataConfig("a.h5ad"), DataConfig("b.h5ad")),
        split=SplitConfig(folds=4),
        fit=dataclasses.replace(JOB.fit, epochs=2, loss=LossConfig("siglip")),
    )
    run_job(job, tmp_path, tmp_path / "tiny")
    bundle = load_bundle(tmp_path / "tiny")
    (space,) = bundle.spaces
    assert not bundle.encoders
    assert len(bundle.references[space]) == 2 * 2 * len(bundle.facts["split"]["training_molecules"])


def test_wells_without_positions_say_that_there_is_no_position_baseline(tmp_path: Path) -> None:
    loose = plate(plates=3)
    wells = loose.wells.assign(Metadata_Plate=None, Metadata_Well=None)
    write_plate(dataclasses.replace(loose, wells=wells), tmp_path / "plate.h5ad")
    job = dataclasses.replace(JOB, split=SplitConfig(folds=4), fit=dataclasses.replace(JOB.fit, epochs=1))
    run_job(job, tmp_path, tmp_path / "tiny")
    rows = load_bundle(tmp_path / "tiny").facts["figures"]
    (row,) = (row for row in rows if row.get("method") == "position only")
    assert row["not_available"] == "wells without positions"


def test_what_cannot_train_is_named_before_training(tmp_path: Path) -> None:
    with pytest.raises(PlateFileError, match=r"plate\.h5ad"):
        run_job(JOB, tmp_path, tmp_path / "tiny")
    write_plate(plate(), tmp_path / "plate.h5ad")
    for split, message in (
        (SplitConfig(held_out_plates=("S9",)), "split.held_out_plates: found 'S9'"),
        (SplitConfig(held_out_plates=("S1", "S2", "S3", "S4")), "no training wells in plate.h5ad"),
    ):
        with pytest.raises(JobError, match=message):
            run_job(dataclasses.replace(JOB, split=split), tmp_path, tmp_path / "tiny")
    write_plate(plate(structures=False), tmp_path / "plate.h5ad")
    with pytest.raises(JobError, match="Metadata_SMILES: found no usable structure"):
        run_job(JOB, tmp_path, tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()


def test_the_bundle_that_ships_keeps_its_own_promises() -> None:
    bundle = shipped_bundle()
    split = dict(bundle.facts["split"])
    stated = split.pop("sha256")
    assert stated == hashlib.sha256(json.dumps(split, sort_keys=True).encode()).hexdigest()
    trained, held_out = set(split["training_molecules"]), set(split["held_out_molecules"])
    assert not trained & held_out
    assert not {key[:14] for key in trained} & {key[:14] for key in held_out}
    assert bundle.training_molecules == {key[:14] for key in trained}
    smiles = dict(shipped_library().molecules[["inchikey", "smiles"]].to_numpy().tolist())
    scaffolds = [
        {murcko_scaffold(smiles[key]) for key in keys if key in smiles} - {""} for keys in (trained, held_out)
    ]
    assert len(scaffolds[1]) > 5
    assert not scaffolds[0] & scaffolds[1]
    for reference in bundle.references.values():
        assert set(reference.wells["Metadata_InChIKey"]) <= trained
    licences = {entry["licence"] for entry in bundle.facts["training"]}
    assert licences <= {"CC-BY-4.0", "MIT", "BSD-3-Clause", "CC0-1.0"}
    assert {row["method"] for row in bundle.facts["figures"] if "method" in row} >= RIVALS


def test_a_job_that_is_cancelled_leaves_nothing(done: Any, tmp_path: Path) -> None:
    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "epoch":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        run_job(JOB, done[2], tmp_path / "tiny", emit=stop)
    assert not list(tmp_path.iterdir())
