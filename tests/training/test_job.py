"""Job files: everything that they may ask for is checked where it enters."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from shipped import MODEL

from molphenix_core.errors import JobError
from molphenix_core.training.job import Job, read_job
from molphenix_core.training.undersampling import UndersamplingConfig

SMALL: dict[str, Any] = {"name": "tiny", "data": [{"path": "plate.h5ad"}]}


def written(folder: Path, content: object) -> Path:
    path = folder / "job.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    job = read_job(written(tmp_path, SMALL))
    assert job == Job(name="tiny", data=job.data)
    assert job.data[0].path == "plate.h5ad"


def test_a_job_survives_json(tmp_path: Path) -> None:
    job = read_job(
        written(tmp_path, {**SMALL, "fit": {"learning_rate": 1, "loss": {"name": "s2l"}}, "encoder": None})
    )
    assert job.encoder is None
    assert job.fit.learning_rate == 1.0
    assert read_job(written(tmp_path, job.to_dict())) == job


def test_a_job_may_undersample_and_tell_molecules_apart(tmp_path: Path) -> None:
    fit = {"classes": "molecule", "undersampling": {"keep": 0.5}}
    job = read_job(written(tmp_path, {**SMALL, "fit": fit}))
    assert job.fit.classes == "molecule"
    assert job.fit.undersampling == UndersamplingConfig(threshold=0.1, keep=0.5)
    assert read_job(written(tmp_path, job.to_dict())) == job


def test_the_job_that_ships_can_be_read() -> None:
    assert read_job(MODEL.with_suffix(".job.json")).name == MODEL.name


BAD: list[tuple[dict[str, Any], str]] = [
    ({"nmae": "x"}, "job.nmae: found an unknown key; expected one of activity_threshold"),
    ({"fit": {"epoch": 3}}, "job.fit.epoch: found an unknown key"),
    ({"fit": {"epochs": "3"}}, "job.fit.epochs: found '3'; expected a whole number"),
    ({"fit": {"epochs": 2.5}}, "job.fit.epochs: found 2.5"),
    ({"fit": {"epochs": True}}, "job.fit.epochs: found True"),
    ({"fit": {"epochs": 0}}, "job.fit.epochs: found 0; expected 1 or more"),
    ({"fit": {"epochs": -1}}, "job.fit.epochs: found -1"),
    ({"fit": {"threads": 0}}, "job.fit.threads: found 0"),
    ({"fit": {"seed": 2**70}}, "job.fit.seed"),
    ({"fit": {"learning_rate": float("nan")}}, "job.fit.learning_rate: found nan"),
    ({"fit": {"learning_rate": float("inf")}}, "job.fit.learning_rate: found inf"),
    ({"fit": {"device": "gpu"}}, "job.fit.device: found 'gpu'; expected 'auto', 'cpu' or 'cuda'"),
    ({"fit": {"averaging": "some"}}, "job.fit.averaging: found 'some'; expected one of random, all, one"),
    ({"fit": {"loss": {"name": "clip"}}}, "job.fit.loss.name: found 'clip'"),
    ({"fit": {"loss": "s2l"}}, "job.fit.loss: found 's2l'; expected an object"),
    ({"fit": {"classes": "dose"}}, "job.fit.classes: found 'dose'; expected one of treatment, molecule"),
    ({"fit": {"undersampling": 0.1}}, "job.fit.undersampling: found 0.1; expected an object"),
    ({"fit": {"undersampling": {"keep": 2}}}, "job.fit.undersampling.keep: found 2.0; expected 0 to 1"),
    ({"fit": {"undersampling": {"threshold": 5}}}, "job.fit.undersampling.threshold: found 5.0; expected 0 to 1"),
    ({"fit": {"dose_dropout": 1.5}}, "job.fit.dose_dropout: found 1.5; expected 0 to 1"),
    ({"model": {"dropout": 1}}, "job.model.dropout: found 1.0"),
    ({"model": {"width": 0}}, "job.model.width: found 0"),
    ({"encoder": {"components": 0}}, "job.encoder.components: found 0"),
    ({"split": {"folds": 1}}, "job.split.folds: found 1"),
    ({"split": {"folds": 3, "fold": 3}}, "job.split.fold: found 3; expected 0 to 2"),
    ({"split": {"held_out_plates": "P1"}}, "job.split.held_out_plates: found 'P1'; expected a list"),
    ({"split": {"held_out_plates": [1]}}, r"job.split.held_out_plates\[0\]: found 1; expected text"),
    ({"molecule_features": ["ecfp"]}, "job.molecule_features: found 'ecfp'; expected one of morgan"),
    ({"molecule_features": []}, "job.molecule_features"),
    ({"dose_encoding": ["raw"]}, "job.dose_encoding: found 'raw'; expected one of one-hot"),
    ({"data": []}, "job.data: found an empty list"),
    ({"data": [{}]}, r"job.data\[0\].path: found nothing"),
    ({"data": "plate.h5ad"}, "job.data: found 'plate.h5ad'; expected a list"),
    ({"name": 3}, "job.name: found 3; expected text"),
    ({"name": "../elsewhere"}, "job.name: found '../elsewhere'"),
    ({"name": ""}, "job.name: found ''"),
    ({"name": ".."}, "job.name: found '..'"),
    ({"activity_threshold": 2}, "job.activity_threshold: found 2.0; expected 0 to 1"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_what_a_job_cannot_be_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = written(tmp_path, {**copy.deepcopy(SMALL), **change})
    with pytest.raises(JobError, match=message) as caught:
        read_job(path)
    assert caught.value.source == str(path)
    assert caught.value.expected


@pytest.mark.parametrize("missing", ["name", "data"])
def test_what_is_required_is_named(tmp_path: Path, missing: str) -> None:
    with pytest.raises(JobError, match=f"job.{missing}: found nothing"):
        read_job(written(tmp_path, {key: value for key, value in SMALL.items() if key != missing}))


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "null", "[" * 100_000])
def test_a_file_that_holds_no_job_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(JobError, match=r"job\.json"):
        read_job(written(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"absent\.json: file"):
        read_job(tmp_path / "absent.json")
    with pytest.raises(JobError, match="file"):
        read_job(tmp_path)
