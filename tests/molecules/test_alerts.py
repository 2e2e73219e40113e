"""PAINS alerts of structures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.alerts import pains_alerts, pains_alerts_many
from molphenix_core.molecules.standardise import standardise


@pytest.mark.parametrize(
    ("smiles", "alert"),
    [
        ("O=C1C=CC(=O)C=C1", "quinone_A(370)"),
        ("Oc1ccc(C=Cc2ccccc2)cc1O", "catechol_A(92)"),
        ("O=C1NC(=S)SC1=Cc1ccccc1", "ene_rhod_A(235)"),
        ("Nc1ccc(N=Nc2ccccc2)cc1", "azo_A(324)"),
    ],
)
def test_known_troublemakers_are_named(smiles: str, alert: str) -> None:
    assert alert in pains_alerts(smiles)


@pytest.mark.parametrize("smiles", ["CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "CCO"])
def test_aspirin_caffeine_and_ethanol_have_none(smiles: str) -> None:
    assert pains_alerts(smiles) == ()


def test_alerts_do_not_depend_on_how_the_structure_is_written() -> None:
    assert pains_alerts("c1ccccc1N=Nc1ccc(N)cc1") == pains_alerts("Nc1ccc(N=Nc2ccccc2)cc1") != ()


def test_what_is_no_structure_is_an_error() -> None:
    with pytest.raises(MoleculeError, match="valid SMILES"):
        pains_alerts("no molecule")


def test_many_are_the_same_as_one_by_one_and_none_is_not_known() -> None:
    texts = ["CCO", None, "O=C1C=CC(=O)C=C1", "no molecule", "CCO"]
    assert pains_alerts_many(texts) == [(), None, ("quinone_A(370)",), None, ()]
    assert pains_alerts_many([]) == []


@pytest.mark.data
def test_about_one_in_twenty_of_a_screening_library_has_one(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "jump_compounds.csv.gz", nrows=500)
    found = pains_alerts_many([standardise(text).smiles for text in table["smiles"]])
    assert 0.01 < sum(bool(alerts) for alerts in found) / len(found) < 0.12
