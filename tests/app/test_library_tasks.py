"""The engine's tasks behind the table, on what ships."""

from __future__ import annotations

import numpy as np
import pytest
from shipped import demo_plate

from app.library_table import LibraryScores, LibraryTable
from app.tasks import TASKS, State
from app.tasks.state import file_token
from molphenix_core.molecules.properties import properties


@pytest.fixture(scope="module")
def state() -> State:
    return State()


def silent(_share: float, _text: str) -> None:
    pass


@pytest.fixture(scope="module")
def table(state) -> LibraryTable:
    return LibraryTable.unpack(TASKS["library_table"](state, silent))


def test_the_table_is_the_library(state, table):
    library = state.models.require_library(silent)
    assert len(table) == len(library)
    for row in (0, 500, len(table) - 1):
        molecule, stored = table.molecule(row), library.molecules.iloc[row]
        assert (molecule.name, molecule.smiles, molecule.inchikey) == tuple(stored[["name", "smiles", "inchikey"]])
        assert molecule.mechanism == stored["mechanism"]
        assert molecule.seen == stored["seen"]
        assert table.row_of(molecule) == row
    weight = properties(table.smiles[7])["molecular_weight"]
    assert table.properties["molecular_weight"][7] == pytest.approx(weight, rel=1e-6)
    order = np.argsort(table.name.ranks, kind="stable")
    names = [table.name[int(row)].lower() for row in order]
    assert names == sorted(names)


def test_scores_say_what_the_ranking_says(state, table):
    path = str(demo_plate())
    asked = {"path": path, "token": file_token(path), "rows": np.array([30, 31])}
    ranking = TASKS["rank"](state, silent, top=20, **asked)
    scores = LibraryScores.unpack(TASKS["library_scores"](state, silent, **asked))
    for candidate in ranking["candidates"]:
        row = candidate["molecule"]
        assert scores.score[row] == pytest.approx(candidate["score"], abs=1e-5)
        assert abs(int(scores.rank[row]) - candidate["rank"]) <= 1
        assert table.name[row] == candidate["name"]
    assert sorted(scores.rank) == list(range(1, len(table) + 1))
    assert scores.best_dose[5] == pytest.approx(table.doses[scores.at_doses[:, 5].argmax()])


def test_facts_are_those_of_the_ranking_and_of_the_molecule(state, table):
    smiles = [table.smiles[row] for row in (3, 4)]
    facts = TASKS["molecule_facts"](state, silent, smiles=smiles, properties=True)
    assert facts["properties"]["clogp"][1] == pytest.approx(properties(smiles[1])["clogp"], rel=1e-5)
    assert ((facts["similarity"] > 0) & (facts["similarity"] <= 1)).all()
    named = [facts["nearest"]["categories"][code] for code in facts["nearest"]["codes"]]
    assert all(named)
    assert not TASKS["molecule_facts"](state, silent, smiles=[], properties=False)["properties"]
