"""Trained rivals differ from our job in what their recipe says, and in nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from molphenix_core.evaluation.rival_recipes import RIVAL_RECIPES, rival_job
from molphenix_core.model.losses import LossConfig
from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.fit import FitConfig, fit
from molphenix_core.training.job import DataConfig, EncoderConfig, Job, SplitConfig, read_job
from molphenix_core.training.undersampling import UndersamplingConfig

OURS = Job(
    name="ours",
    data=(DataConfig("plate.h5ad", title="simulated"),),
    encoder=EncoderConfig(components=10),
    split=SplitConfig(folds=4, fold=2, seed=7),
    molecule_features=("maccs", "descriptors"),
    dose_encoding=("log10",),
    model=TowerShape(joint=16, width=32, dropout=0.2),
    fit=FitConfig(
        epochs=30,
        batch_size=20,
        learning_rate=2e-3,
        undersampling=UndersamplingConfig(),
        loss=LossConfig(name="dcl", cutoff=0.8, inverse_temperature=9.0),
        seed=5,
    ),
)


def differences(one: Any, other: Any, where: str = "") -> set[str]:
    """Paths of the fields in which two configurations differ."""
    out = set()
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        path = f"{where}{field.name}"
        if a == b:
            continue
        both = dataclasses.is_dataclass(a) and dataclasses.is_dataclass(b)
        out |= differences(a, b, path + ".") if both else {path}
    return out


@pytest.mark.parametrize(
    ("rival", "loss"), [("CLIP", "info_nce"), ("SigLIP", "siglip"), ("CWCL", "cwcl"), ("S2L", "s2l")]
)
def test_rivals_by_loss_differ_from_ours_in_the_loss_alone(rival: str, loss: str) -> None:
    job = rival_job(OURS, rival)
    assert differences(OURS, job) == {"name", "fit.loss.name"}
    assert job.fit.loss.name == loss


def test_cloome_is_as_published_and_sees_the_same_data() -> None:
    job = rival_job(OURS, "CLOOME")
    assert job.molecule_features == ("morgan_chiral",)
    assert FeatureSet(job.molecule_features).width == 1024
    assert (job.model.kind, job.model.molecule_blocks, job.model.width) == ("mlp", 4, 1024)
    assert (job.fit.loss.name, job.fit.loss.inverse_temperature, job.fit.loss.beta) == ("cloob", 14.3, 14.3)
    assert (job.fit.classes, job.dose_encoding) == ("molecule", ())
    changed = differences(OURS, job)
    assert {path.split(".")[0] for path in changed} == {
        "name",
        "molecule_features",
        "dose_encoding",
        "model",
        "fit",
    }
    assert not changed & {"fit.epochs", "fit.batch_size", "fit.averaging", "fit.seed", "fit.threads", "fit.device"}


def test_cloome_with_dose_differs_from_cloome_in_the_dose_and_its_rate_alone() -> None:
    blind, dosed = rival_job(OURS, "CLOOME"), rival_job(OURS, "CLOOME with dose")
    assert differences(blind, dosed) == {"name", "dose_encoding", "fit.classes", "fit.learning_rate"}
    assert dosed.dose_encoding == OURS.dose_encoding
    without = dataclasses.replace(OURS, dose_encoding=())
    assert rival_job(without, "CLOOME with dose").dose_encoding == ("sigmoid",)


@pytest.mark.parametrize("rival", RIVAL_RECIPES)
def test_each_rival_is_a_job_that_a_file_could_hold(rival: str, tmp_path: Path) -> None:
    job = rival_job(OURS, rival)
    (tmp_path / "job.json").write_text(json.dumps(job.to_dict()))
    assert read_job(tmp_path / "job.json") == job
    assert rival in job.name


def test_an_unknown_rival_is_named() -> None:
    with pytest.raises(ValueError, match="no rival 'CLOOM', but CLOOME"):
        rival_job(OURS, "CLOOM")


def a_training_set(molecules: int = 24) -> TrainingSet:
    """Each molecule at two doses, with phenotypes of its own."""
    random = np.random.default_rng(0)
    wells = np.repeat(random.normal(size=(molecules, 12)), 2, axis=0) + 0.2 * random.normal(
        size=(2 * molecules, 12)
    )
    return TrainingSet(
        "s",
        wells.astype(np.float32),
        np.arange(2 * molecules + 1),
        np.repeat(np.arange(molecules), 2),
        np.tile([1.0, 10.0], molecules),
    )


@pytest.mark.parametrize("rival", ["CLOOME", "CLOOME with dose"])
def test_cloome_learns_the_molecules_it_sees(rival: str) -> None:
    data, job = a_training_set(), rival_job(OURS, rival)
    features = (np.random.default_rng(1).random((24, 64)) < 0.2).astype(np.float32)
    doses = DoseEncoding.fit(job.dose_encoding, data.dose)
    torch.manual_seed(0)
    shape = dataclasses.replace(job.model, width=64, joint=32)
    retriever = Retriever(molecule_features=64, dose_width=doses.width, spaces={"s": 12}, shape=shape)
    fit(retriever, [data], features, doses, dataclasses.replace(job.fit, learning_rate=5e-3))
    with torch.inference_mode():
        z_x = retriever.phenomics["s"](torch.from_numpy(data.mean()))
        z_m = retriever.molecule.over_doses(
            torch.from_numpy(features), torch.from_numpy(doses.encode([1.0, 10.0]))
        )
    best = (z_x @ z_m.flatten(0, 1).T).numpy().argmax(axis=1) // 2
    assert (best == data.molecule).mean() > 0.8
    apart = float((z_m[:, 0] - z_m[:, 1]).abs().max())
    assert apart == 0 if rival == "CLOOME" else apart > 1e-3
