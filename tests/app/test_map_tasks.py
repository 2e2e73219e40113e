"""The engine's part of the map, with the library itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.demo import demo_plate
from app.tasks import State
from app.tasks.map import TASKS
from app.tasks.map_cache import kept_map
from app.tasks.state import file_token
from app.views.map.map_data import MapData, MapRequest
from app.views.map.map_library import MapLibrary
from molphenix_core.progress import silent


@pytest.fixture(scope="module")
def state() -> State:
    return State()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict:
    """The arguments of a map of the demo plate, with a cache of its own."""
    monkeypatch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path))
    path = str(demo_plate())
    nothing = np.empty(0, dtype=np.intp)
    files = [{"path": path, "token": file_token(path)}]
    return {"files": files, "current": 0, "space": "plate", "library": False, "dose": None, "rows": nothing}


def test_principal_components_are_those_that_came_with_the_plate(state, asked):
    answer = TASKS["map_project"](state, silent, method="pca", **asked)
    bench = state.workbench(asked["files"][0]["path"], asked["files"][0]["token"], silent)
    assert np.array_equal(answer["wells"], bench.well_pca)
    assert answer["molecules"] is None
    assert 0 < answer["shares"][1] < answer["shares"][0] < 1


def test_molecules_of_the_library_lie_among_the_wells(state, asked):
    joint = {**asked, "space": "joint", "library": True, "dose": 4}
    answer = TASKS["map_project"](state, silent, method="pca", **joint)
    library = MapLibrary.unpack(TASKS["map_library"](state, silent))
    doses = TASKS["map_doses"](state, silent)
    assert len(library) == doses["molecules"] == len(answer["molecules"])
    assert set(answer["doses"]) == {doses["doses"][4]}
    table = state.models.library(silent).molecules
    row = 700
    molecule = library.molecule(row)
    assert (molecule.name, molecule.smiles) == (table["name"].iloc[row], table["smiles"].iloc[row])
    assert library.row_of(molecule) in set(np.flatnonzero(table["inchikey"] == molecule.inchikey))
    data = MapData.unpack(MapRequest("joint", library=True, dose=4), (), None, {**answer, "files": []})
    assert data.axes[0].startswith("PC 1 (")


def test_the_best_dose_is_each_molecules_own(state, asked):
    joint = {**asked, "space": "joint", "library": True, "rows": np.arange(4)}
    answer = TASKS["map_project"](state, silent, method="pca", **joint)
    assert len(set(answer["doses"])) > 1
    assert any("nearest to the wells selected" in note for note in answer["notes"])
    none = TASKS["map_project"](state, silent, method="pca", **{**joint, "rows": joint["rows"][:0]})
    assert len(set(none["doses"])) == 1
    assert any("No wells are selected" in note for note in none["notes"])


def test_molecules_are_in_the_cluster_of_the_nearest_well(state, asked):
    joint = {**asked, "space": "joint", "library": True, "dose": 4}
    label = TASKS["map_clusters"](state, silent, **joint)["label"]
    alone = TASKS["map_clusters"](state, silent, **{**joint, "library": False})["label"]
    n = len(alone)
    assert np.array_equal(label[:n], alone)
    assert set(label[n:]) <= set(alone)


def test_what_was_made_once_is_read_and_what_is_damaged_is_made_again(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path))
    points, made = [np.ones((3, 2), dtype=np.float32)], []

    def make():
        made.append(1)
        return np.arange(6.0).reshape(3, 2)

    first = kept_map("a", points, make)
    assert np.array_equal(kept_map("a", points, make), first)
    assert len(made) == 1
    kept_map("b", points, make)
    kept_map("a", [points[0] + 1], make)
    assert len(made) == 3
    (kept,) = [path for path in (tmp_path / "cache" / "maps").iterdir() if path.stat().st_size][:1]
    for path in (tmp_path / "cache" / "maps").iterdir():
        path.write_bytes(b"nonsense")
    assert kept.exists()
    assert np.array_equal(kept_map("a", points, make), first)
    assert len(made) == 4
    assert "damaged" in caplog.text
