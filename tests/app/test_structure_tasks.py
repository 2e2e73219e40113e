"""The engine's tasks on structures, called directly, on the library that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app import drawing_tasks
from app.tasks import TASKS, State
from molphenix_core.errors import Cancelled, MoleculeError
from molphenix_core.molecules.substructure import SubstructureFilter


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path_factory.mktemp("settings")))
        state = State()
        find(state, text="c1ccccc1")
    return state


def find(state: State, progress=lambda _share, _text: None, **wanted):
    return TASKS["find_molecules"](
        state,
        progress,
        **{"text": "", "drawn": False, "kind": "substructure", "threshold": 0.5, "mechanism": "", **wanted},
    )


def test_molecules_are_found_by_substructure_similarity_and_mechanism(state):
    molecules = state.models.require_library(lambda _share, _text: None).molecules
    indoles = find(state, text="c1ccc2[nH]ccc2c1")
    wanted = SubstructureFilter.from_smarts("c1ccc2[nH]ccc2c1")
    plain = [row for row, text in enumerate(molecules["smiles"]) if wanted.atoms(text)]
    assert indoles["rows"].tolist() == plain
    assert indoles["of"] == indoles["searched"] == len(molecules)

    itself = find(state, text=molecules["smiles"][7], kind="similarity", threshold=0.99)
    assert 7 in itself["rows"]
    assert itself["similarity"].min() >= 0.99

    aurora = find(state, mechanism="Aurora kinase inhibitor")
    assert 0 < len(aurora["rows"]) < 40
    both = find(state, text="c1ccccc1", mechanism="Aurora kinase inhibitor")
    assert set(both["rows"]) == set(aurora["rows"]) & set(find(state, text="c1ccccc1")["rows"])


def test_the_prepared_structures_are_kept_and_verified(tmp_path: Path, monkeypatch, caplog):
    monkeypatch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path))
    told: list[str] = []
    first = find(State(), progress=lambda _share, text: told.append(text), text="C#N")
    assert any("once for this library" in text for text in told)
    (kept,) = (tmp_path / "cache" / "structures").glob("*.npz")

    told.clear()
    again = find(State(), progress=lambda _share, text: told.append(text), text="C#N")
    assert not any("once for this library" in text for text in told)
    np.testing.assert_array_equal(again["rows"], first["rows"])

    kept.write_bytes(kept.read_bytes()[:-1])
    mended = find(State(), text="C#N")
    np.testing.assert_array_equal(mended["rows"], first["rows"])
    assert "made again" in caplog.text


def test_preparing_can_be_stopped_and_leaves_nothing(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path))

    def stop(share: float, _text: str) -> None:
        if share > 0.2:
            raise Cancelled("Stopped")

    with pytest.raises(Cancelled):
        find(State(), progress=stop, text="C#N")
    assert not list(tmp_path.rglob("*.npz*"))


def test_mechanisms_of_the_top_are_tested_against_the_library(state):
    molecules = state.models.require_library(lambda _share, _text: None).molecules
    rows = find(state, mechanism="Aurora kinase inhibitor")["rows"].tolist()
    keys = [molecules["inchikey"][row] for row in [*rows, *range(60)]]
    found = TASKS["enrich"](state, lambda _share, _text: None, keys=[*keys, keys[0], "NOT-IN-LIBRARY"])
    assert found["mechanism"][0] == "Aurora kinase inhibitor"
    assert found["in_top"][0] == len(rows)
    assert found["q_value"][0] < 0.001
    assert found["fold"][0] > 3
    assert found["expected"][0] == pytest.approx(found["in_top"][0] / found["fold"][0])
    assert found["library"] == len(molecules)


def test_a_common_substructure_comes_with_its_atoms():
    smiles = ["CC(=O)Nc1ccc(OCC)cc1", "CC(=O)Nc1ccc(OC)cc1", "CC(=O)Nc1ccc(O)c(Cl)c1"]
    found = TASKS["find_common"](State(), lambda _share, _text: None, smiles=smiles)
    assert found["complete"]
    assert [len(atoms) for atoms in found["atoms"]] == [11, 11, 11]
    nothing = TASKS["find_common"](State(), lambda _share, _text: None, smiles=["CCO", "c1ccccc1"])
    assert (nothing["smarts"], nothing["complete"]) == ("", True)


def draw(smiles, atoms, pattern):
    return drawing_tasks.TASKS["draw"](
        drawing_tasks.State(),
        lambda _share, _text: None,
        smiles=smiles,
        atoms=atoms,
        pattern=pattern,
        drawn=False,
        width=120,
        height=90,
        scale=1.0,
        dark=False,
    )


def test_drawings_mark_the_atoms_or_else_what_matches_the_pattern():
    plain, by_atoms, by_pattern, without = (
        draw(["CCO"], [[]], "")[0],
        draw(["CCO"], [[2]], "")[0],
        draw(["CCO"], [[]], "[OX2H]")[0],
        draw(["CCO"], [[]], "[#7]")[0],
    )
    assert by_atoms == by_pattern != plain == without
    assert draw(["C("], [[]], "[OX2H]") == [None]


def read(text: str, kind: str = "substructure"):
    return drawing_tasks.TASKS["read_query"](
        drawing_tasks.State(),
        lambda _share, _text: None,
        text=text,
        drawn=False,
        kind=kind,
        width=90,
        height=60,
        scale=2.0,
    )


def test_a_query_is_read_and_drawn_for_both_grounds():
    found = read("[NX3;H2]c1ccccc1")
    assert (found["text"], found["language"]) == ("[NX3;H2]c1ccccc1", "SMARTS")
    assert found["light"] != found["dark"]
    with pytest.raises(MoleculeError, match="ring 1, opened at position 2"):
        read("c1ccc")
    with pytest.raises(MoleculeError, match="whole molecule"):
        read("[NX3;H2]", "similarity")
