"""What a result depends on, how it is stored, and what a unit computes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_study import DOSES, JOB, MOLECULES, write_screen

from molphenix_core.paper.measure import run_unit
from molphenix_core.paper.ranks import (
    DOSE_HIDDEN,
    HELD_OUT,
    HELD_OUT_PLATES,
    LAYOUT_ONLY,
    POSITION_ONLY,
    TOWERS,
    UNSEEN_SCAFFOLDS,
)
from molphenix_core.paper.study import Study, read_facts
from molphenix_core.paper.units import (
    DOSE,
    NO_FOLD,
    HoldOut,
    Unit,
    rivals_unit,
    source_files,
    store_result,
    stored_result,
    unit_key,
)
from molphenix_core.training.job import DataConfig


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = write_screen(tmp_path_factory.mktemp("plates") / "screen.h5ad")
    return Study(job=JOB, files=(read_facts(path, JOB),), seeds=2)


@pytest.fixture(scope="module")
def unit(study: Study) -> Unit:
    return study.units(study.recipe(study.files[0]))[0]


PLACE = Unit("towers", dataclasses.replace(JOB, data=(DataConfig(path="/a.h5ad"),)), ("/a.h5ad",))
DIGESTS = {"/a.h5ad": "1", "/b/renamed.h5ad": "1", "/changed.h5ad": "2"}


def placed(path: str) -> Unit:
    job = dataclasses.replace(PLACE.job, name="other", data=(DataConfig(path=path, title="other"),))
    return dataclasses.replace(PLACE, job=job, dealt=(path,))


def test_a_result_stays_valid_when_files_move_and_names_change() -> None:
    assert unit_key(placed("/b/renamed.h5ad"), DIGESTS) == unit_key(PLACE, DIGESTS)


def test_whatever_a_result_depends_on_gives_it_another_name() -> None:
    job = PLACE.job
    others = [
        placed("/changed.h5ad"),
        dataclasses.replace(PLACE, job=dataclasses.replace(job, fit=dataclasses.replace(job.fit, seed=1))),
        dataclasses.replace(PLACE, job=dataclasses.replace(job, split=dataclasses.replace(job.split, fold=1))),
        dataclasses.replace(PLACE, job=dataclasses.replace(job, dose_encoding=())),
        dataclasses.replace(PLACE, job=dataclasses.replace(job, kernel_head=None)),
        dataclasses.replace(PLACE, job=dataclasses.replace(job, data=(DataConfig(path="/a.h5ad", sphere=True),))),
        dataclasses.replace(PLACE, dealt=("/a.h5ad", "/changed.h5ad")),
        dataclasses.replace(PLACE, held_out=HoldOut(DOSE, 1.0)),
        dataclasses.replace(PLACE, held_out=HoldOut(DOSE, 2.0)),
        dataclasses.replace(PLACE, shuffle="doses"),
        dataclasses.replace(PLACE, active_by=JOB.encoder),
        dataclasses.replace(PLACE, kind="analyses"),
        rivals_unit(PLACE),
    ]
    keys = [unit_key(each, DIGESTS) for each in (PLACE, *others)]
    assert len(set(keys)) == len(keys)


def test_the_hash_of_the_source_covers_what_computing_a_unit_imports() -> None:
    code = "import sys, molphenix_core.paper.measure; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rooms = ("evaluation", "model", "molecules", "paper", "plates", "training")
    modules = [name.split(".") for name in done.stdout.split()]
    loaded = {tuple(name[1:]) for name in modules if name[0] == "molphenix_core" and len(name) > 1}
    files = {tuple(name.removesuffix(".py").removesuffix("/__init__").split("/")) for name in source_files()}
    # What names and starts units does not compute them.
    plumbing = {("paper",), ("paper", "units"), ("paper", "extra")}
    assert {name for name in loaded if name[0] in rooms} - files - plumbing == set()
    assert ("paper", "measure") in files
    assert not {("plates", "quality"), ("paper", "analyses_sections"), ("molecules", "alerts")} & files


def test_rivals_are_computed_once_for_all_recipes() -> None:
    job = dataclasses.replace(PLACE.job, dose_encoding=(), kernel_head=None)
    assert rivals_unit(dataclasses.replace(PLACE, job=job)) == rivals_unit(PLACE)


def test_a_stored_result_comes_back(tmp_path: Path) -> None:
    assert stored_result(tmp_path, "k") is None
    store_result(tmp_path, "k", {"ranks": [1.5, 2.0]})
    assert stored_result(tmp_path, "k") == {"ranks": [1.5, 2.0]}
    assert [path.name for path in tmp_path.iterdir()] == ["k.json"]


def test_a_result_under_a_wrong_name_is_not_taken(tmp_path: Path) -> None:
    store_result(tmp_path, "k", {"ranks": [1.5]})
    (tmp_path / "k.json").rename(tmp_path / "other.json")
    assert stored_result(tmp_path, "other") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_result_is_not_taken(tmp_path: Path, place: int, value: int, cut: bool) -> None:
    store_result(tmp_path, "k", {"ranks": [1.5, 2.0], "seconds": 3.25})
    whole = (tmp_path / "k.json").read_bytes()
    place %= len(whole)
    damaged = whole[:place] if cut else whole[:place] + bytes([value]) + whole[place + 1 :]
    (tmp_path / "k.json").write_bytes(damaged)
    # A change of white space between values is none.
    assert stored_result(tmp_path, "k") in (None, {"ranks": [1.5, 2.0], "seconds": 3.25})


@given(content=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_anything_else_is_not_taken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k.json").write_bytes(content)
    assert stored_result(tmp_path, "k") is None


def test_a_unit_ranks_unseen_scaffolds_and_held_out_plates(study: Study, unit: Unit) -> None:
    result = run_unit(unit, study.digests)
    (ranked,) = result["files"]
    unseen = ranked[UNSEEN_SCAFFOLDS]["galleries"]["all"]
    plates = ranked[HELD_OUT_PLATES]["galleries"]["all"]
    assert set(unseen["methods"]) == {TOWERS, POSITION_ONLY}
    assert set(unseen["molecule"]).isdisjoint(plates["molecule"])
    assert len(unseen["molecule"]) + len(plates["molecule"]) == MOLECULES * len(DOSES)
    assert result["training"][0]["treatments"] == len(plates["molecule"])
    n = len(unseen["molecule"])
    ranks = {key: np.array(values) for key, values in unseen["methods"][TOWERS].items()}
    assert (ranks["forward"] >= 1).all()
    assert (ranks["forward"] <= n).all()
    assert (ranks["by_molecule"] <= n / len(DOSES)).all()
    assert [point["epoch"] for point in result["curve"]] == [1, 2, 3]


def test_a_held_out_dose_is_never_trained_on(study: Study) -> None:
    job = study.recipe(study.files[0])
    (unit,) = study.units(job, folds=(NO_FOLD,), held_out=HoldOut(DOSE, 1.0), seeds=1)
    result = run_unit(unit, study.digests)
    assert result["training"][0]["treatments"] == MOLECULES * (len(DOSES) - 1)
    gallery = result["files"][0][HELD_OUT]["galleries"]["all"]
    assert sorted(gallery["molecule"]) == list(range(MOLECULES))
    assert DOSE_HIDDEN in gallery["methods"]
    rivals = run_unit(rivals_unit(unit), study.digests)
    # The molecule itself at other doses: what is simulated grows with the dose in one direction.
    nearest = rivals["files"][0][HELD_OUT]["galleries"]["all"]["methods"]["nearest neighbour by fingerprint"]
    assert np.mean(np.array(nearest["forward"]) <= 2) > 0.9


def test_a_left_out_batch_is_never_trained_on(study: Study) -> None:
    job = study.recipe(study.files[0])
    (unit,) = study.units(job, folds=(NO_FOLD,), held_out=HoldOut("Metadata_Batch", "batch 2"), seeds=1)
    result = run_unit(unit, study.digests)
    # Two plates of the four; every twentieth plate, here the first, is held out besides.
    assert result["training"][0]["wells"] == MOLECULES * len(DOSES)
    galleries = result["files"][0][HELD_OUT]["galleries"]
    assert len(galleries["all"]["molecule"]) == MOLECULES * len(DOSES)
    assert galleries["unseen molecules"] == {"not_available": "0 treatments"}


def test_rivals_say_what_they_cannot_do(study: Study, unit: Unit) -> None:
    (ranked,) = run_unit(rivals_unit(unit), study.digests)["files"]
    assert LAYOUT_ONLY in ranked[HELD_OUT_PLATES]["galleries"]["all"]["methods"]
    assert LAYOUT_ONLY in ranked[UNSEEN_SCAFFOLDS]["missing"]


def test_shuffled_structures_are_another_training_on_the_same_queries(study: Study, unit: Unit) -> None:
    plain, shuffled = (
        run_unit(each, study.digests) for each in (unit, dataclasses.replace(unit, shuffle="structures"))
    )
    a, b = (result["files"][0][UNSEEN_SCAFFOLDS]["galleries"]["all"] for result in (plain, shuffled))
    assert a["molecule"] == b["molecule"]
    assert a["methods"][TOWERS] != b["methods"][TOWERS]
