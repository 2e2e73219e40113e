"""The training loop on tasks small enough to be solved."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch

from molphenix_core.errors import Cancelled, JobError
from molphenix_core.evaluation.recall import ranks_of_true
from molphenix_core.model.losses import LossConfig, LossName
from molphenix_core.model.retriever import Retriever
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.fit import EpochReport, FitConfig, choose_device, fit, median_squared_distance
from molphenix_core.training.undersampling import UndersamplingConfig

MOLECULES, DOSES, WIDTH = 20, (1.0, 10.0), 12
ENCODING = DoseEncoding.fit("log10", DOSES)
CONFIG = FitConfig(epochs=60, batch_size=20, learning_rate=3e-3, device="cpu", seed=1)
FEATURES = np.random.default_rng(0).normal(size=(MOLECULES, 10)).astype(np.float32)


def task(space: str = "a", *, seed: int = 0, width: int = WIDTH) -> TrainingSet:
    """Two noisy wells of each (molecule, dose), a linear function of features and dose."""
    random = np.random.default_rng(seed)
    molecule = np.repeat(np.arange(MOLECULES), len(DOSES))
    dose = np.tile(DOSES, MOLECULES)
    clean = (
        FEATURES[molecule] @ random.normal(size=(10, width))
        + np.log10(dose)[:, None] * random.normal(size=width) * 3
    )
    wells = np.repeat(clean, 2, axis=0) + 0.3 * random.normal(size=(2 * len(clean), width))
    return TrainingSet(space, wells.astype(np.float32), np.arange(0, 2 * len(clean) + 1, 2), molecule, dose)


def retriever(*, dropout: float = 0.0, **spaces: int) -> Retriever:
    torch.manual_seed(0)
    shape = TowerShape(joint=16, width=32, dropout=dropout)
    return Retriever(molecule_features=10, dose_width=ENCODING.width, spaces=spaces or {"a": WIDTH}, shape=shape)


def recall_at_1(model: Retriever, data: TrainingSet) -> float:
    with torch.inference_mode():
        x, m = model(
            torch.from_numpy(data.mean()),
            torch.from_numpy(FEATURES[data.molecule]),
            torch.from_numpy(ENCODING.encode(data.dose)),
            data.space,
        )
    return float((ranks_of_true((x @ m.T).numpy(), np.arange(len(data))) <= 1).mean())


@pytest.mark.parametrize("name", get_args(LossName))
def test_each_loss_learns_a_solvable_task(name: LossName) -> None:
    data, model, losses = task(), retriever(), list[float]()
    before = recall_at_1(model.eval(), data)
    # A cutoff and a scale with which S2L does give some pairs a soft weight.
    config = dataclasses.replace(CONFIG, loss=LossConfig(name, cutoff=0.5, distance_scale=1.0))
    fit(model, [data], FEATURES, ENCODING, config, report=lambda epoch: losses.append(epoch.loss))
    assert len(losses) == CONFIG.epochs
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])  # the soft targets of CWCL leave most of it
    assert before < 0.3
    assert recall_at_1(model, data) > 0.6
    assert not model.training


def test_one_seed_gives_one_result_to_the_bit() -> None:
    config = dataclasses.replace(CONFIG, epochs=5)
    states = []
    for run in range(3):
        model = retriever()
        torch.rand(run)  # what was drawn before must not matter
        fit(model, [task()], FEATURES, ENCODING, dataclasses.replace(config, seed=1 + run // 2))
        states.append(model.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not all(torch.equal(states[0][name], states[2][name]) for name in states[0])


def test_several_spaces_train_over_one_molecule_tower() -> None:
    parts = [task("a"), task("b", seed=1, width=7)]
    model = retriever(a=WIDTH, b=7)
    fit(model, parts, FEATURES, ENCODING, CONFIG)
    assert all(recall_at_1(model, part) > 0.6 for part in parts)


def test_an_unknown_dose_is_trained_too() -> None:
    data = task()
    unknown = dataclasses.replace(data, dose=np.full(len(data), np.nan))
    model = retriever()
    fit(model, [unknown], FEATURES, ENCODING, dataclasses.replace(CONFIG, epochs=5))
    assert np.isfinite(recall_at_1(model, unknown))


def test_reports_count_epochs_and_samples() -> None:
    seen: list[EpochReport] = []
    fit(retriever(), [task()], FEATURES, ENCODING, dataclasses.replace(CONFIG, epochs=3), report=seen.append)
    assert [report.epoch for report in seen] == [1, 2, 3]
    assert [report.samples for report in seen] == [40, 80, 120]


def test_a_retriever_watched_while_it_trains_trains_as_if_it_were_not() -> None:
    config = dataclasses.replace(CONFIG, epochs=4)
    recalls: list[float] = []

    def trained(watched: bool) -> Retriever:
        model = retriever(dropout=0.2)

        def watch(_: EpochReport) -> None:
            if watched:
                assert not model.training
                recalls.append(recall_at_1(model, task()))
                torch.rand(100)
                torch.manual_seed(7)

        fit(model, [task()], FEATURES, ENCODING, config, report=watch)
        return model

    states = [trained(False).state_dict(), (model := trained(True)).state_dict()]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert len(recalls) == 4
    # What was seen last is what comes out.
    assert recalls[-1] == recall_at_1(model, task())


def test_inactive_treatments_are_left_out() -> None:
    data = task()
    idle = np.arange(len(data)) >= 24
    p_values = np.where(idle, 0.7, 0.02)
    config = dataclasses.replace(CONFIG, epochs=3, undersampling=UndersamplingConfig())
    seen: list[int] = []
    # Wells of what is left out must not matter.
    blind = dataclasses.replace(
        data, p_value=p_values, wells=np.where(np.repeat(idle, 2)[:, None], np.nan, data.wells).astype(np.float32)
    )
    fit(retriever(), [blind], FEATURES, ENCODING, config, report=lambda epoch: seen.append(epoch.samples))
    assert seen == [24, 48, 72]
    seen.clear()
    half = dataclasses.replace(config, undersampling=UndersamplingConfig(keep=0.5))
    some = dataclasses.replace(data, p_value=p_values)
    fit(retriever(), [some], FEATURES, ENCODING, half, report=lambda epoch: seen.append(epoch.samples))
    assert seen == [32, 64, 96]


def test_nothing_is_left_to_train_on_when_all_are_inactive() -> None:
    data = dataclasses.replace(task(), p_value=np.ones(len(task())))
    config = dataclasses.replace(CONFIG, undersampling=UndersamplingConfig())
    with pytest.raises(
        JobError, match="found 0 training treatments of 0 classes; expected at least two treatments"
    ):
        fit(retriever(), [data], FEATURES, ENCODING, config)


def twice(data: TrainingSet) -> TrainingSet:
    """The same treatments under two conditions, whose wells are the same."""
    return TrainingSet(
        data.space,
        np.concatenate([data.wells, data.wells]),
        np.concatenate([data.starts, data.starts[1:] + data.starts[-1]]),
        np.concatenate([data.molecule, data.molecule]),
        np.concatenate([data.dose, data.dose]),
    )


def test_a_treatment_is_no_negative_of_itself_under_another_condition() -> None:
    # Two classes under many conditions: were they contrasted within, the loss could not fall below log 2.
    data = task()
    pair = TrainingSet("a", data.wells[:4], data.starts[:3], data.molecule[:2], data.dose[:2])
    losses: list[float] = []
    config = dataclasses.replace(CONFIG, epochs=80, dose_dropout=0.0)
    fit(retriever(), [twice(twice(pair))], FEATURES, ENCODING, config, report=lambda e: losses.append(e.loss))
    assert losses[-1] < 0.1


def test_molecules_as_classes_are_told_no_doses() -> None:
    data, model = task(), retriever()
    blind = dataclasses.replace(data, dose=np.full(len(data), np.nan))
    config = dataclasses.replace(CONFIG, classes="molecule")
    fit(model, [data], FEATURES, ENCODING, config)
    with torch.inference_mode():
        molecules = torch.from_numpy(FEATURES[data.molecule])
        told, untold = (
            model.molecule(molecules, torch.from_numpy(ENCODING.encode(d.dose))) for d in (data, blind)
        )
        x = model.phenomics["a"](torch.from_numpy(data.mean()))
    torch.testing.assert_close(told, untold)
    # Two doses of each molecule tie, so that the best rank is 1.5.
    ranks = ranks_of_true((x @ told.T).numpy(), np.arange(len(data)))
    assert (ranks < 2).mean() > 0.6


def test_training_is_cancelled_from_its_report() -> None:
    model, threads = retriever(), torch.get_num_threads()

    def stop(report: EpochReport) -> None:
        if report.epoch == 2:
            raise Cancelled("stopped by the user")

    with pytest.raises(Cancelled):
        fit(model, [task()], FEATURES, ENCODING, dataclasses.replace(CONFIG, threads=2), report=stop)
    assert not model.training
    assert torch.get_num_threads() == threads


def test_a_single_treatment_cannot_be_trained_on() -> None:
    data = task()
    single = TrainingSet("a", data.wells[:2], data.starts[:2], data.molecule[:1], data.dose[:1])
    with pytest.raises(JobError, match="found 1 training treatments of 1 classes; expected at least two"):
        fit(retriever(), [single], FEATURES, ENCODING, CONFIG)


def test_two_treatments_can() -> None:
    data = task()
    pair = TrainingSet("a", data.wells[:4], data.starts[:3], data.molecule[:2], data.dose[:2])
    model, before = retriever(), retriever()
    fit(model, [pair], FEATURES, ENCODING, dataclasses.replace(CONFIG, epochs=2))
    assert not torch.equal(model.molecule.dose.weight, before.molecule.dose.weight)


def test_a_loss_that_is_no_number_stops_the_training() -> None:
    with pytest.raises(JobError, match=r"training, epoch \d+: found a loss of"):
        fit(retriever(), [task()], FEATURES * np.float32(np.inf), ENCODING, CONFIG)


@pytest.mark.parametrize("name", get_args(LossName))
def test_phenotypes_that_are_all_alike_have_no_soft_targets(name: LossName) -> None:
    data = task()
    alike = dataclasses.replace(data, wells=np.ones_like(data.wells))
    config = dataclasses.replace(CONFIG, epochs=1, loss=LossConfig(name))
    if not name.startswith("s2l"):
        fit(retriever(), [alike], FEATURES, ENCODING, config)
        return
    with pytest.raises(JobError, match="alike"):
        fit(retriever(), [alike], FEATURES, ENCODING, config)


def test_devices_are_chosen_by_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu").type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    with pytest.raises(JobError, match="without a usable GPU"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    with pytest.raises(JobError, match=r"fit.device: found 'gpu'"):
        choose_device("gpu")


def test_the_median_distance_is_that_of_all_pairs() -> None:
    values = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    pairs = values[:, None].astype(float) - values[None]
    exact = np.median((pairs**2).sum(axis=2)[np.triu_indices(300, 1)])
    assert median_squared_distance(values) == pytest.approx(exact, rel=0.05)
