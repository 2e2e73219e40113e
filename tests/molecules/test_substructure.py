from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.substructure import SubstructureFilter

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.mark.parametrize(
    ("smarts", "complaint"),
    [
        ("", "SMARTS: found nothing"),
        ("   ", "SMARTS: found nothing"),
        ("c1ccc", "found 'c1ccc', where ring 1, opened at position 2, is never closed; expected a valid SMARTS"),
        ("C1CC[C2]2CC%12CC2", "ring 1, opened at position 2, is never closed"),
        ("[NX3;H2", "the [ at position 1 is never closed; expected a valid SMARTS"),
        ("CC(C", "the ( at position 3 is never closed"),
        ("CC)C", "the ) at position 3 closes nothing"),
        ("CC[Q]C", "'Q' at position 4 is not understood there"),
        ("CC=", "at its end, at position 3"),
        ("CC name", "before position 4"),
        ("C\nC", "before position 3"),
        ("C" * 101, "101 atoms; expected a substructure of at most 100"),
        ("[$(" + "C" * 1000 + ")]", "1,005 characters"),
    ],
)
def test_a_bad_smarts_says_what_is_wrong(smarts: str, complaint: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MoleculeError, match=re.escape(complaint)) as caught:
        SubstructureFilter.from_smarts(smarts, source="filter box")
    assert caught.value.source == "filter box"
    # RDKit would write to the terminal.
    assert capfd.readouterr().err == ""


@given(st.text(alphabet="CcNOn1234()[]=#$;,!&:~-@+*HX", max_size=40))
def test_any_text_is_a_filter_or_a_typed_error(text: str) -> None:
    try:
        found = SubstructureFilter.from_smarts(text)
    except MoleculeError:
        return
    assert found.query.GetNumAtoms() > 0
    found.atoms(ASPIRIN)


def test_atoms_are_those_of_all_places() -> None:
    acids = SubstructureFilter.from_smarts("C(=O)O")
    assert acids.atoms(ASPIRIN) == (1, 2, 3, 10, 11, 12)
    assert SubstructureFilter.from_smarts("[#7]").atoms(ASPIRIN) == ()
    with pytest.raises(MoleculeError):
        acids.atoms("C(")


def test_a_drawing_is_a_part_and_its_asterisk_any_atom() -> None:
    drawn = SubstructureFilter.from_drawing("*C(=O)O")
    assert drawn.atoms("CC(=O)OC") == (0, 1, 2, 3)
    assert drawn.atoms("NC(=O)O") == (0, 1, 2, 3)
    assert drawn.atoms("O=CO") == ()
    # Drawn in Kekulé's way, found in an aromatic ring.
    assert SubstructureFilter.from_drawing("C1=CC=CC=C1").atoms(ASPIRIN) == (4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize("drawing", ["", "C(", "C" * 101])
def test_a_drawing_that_is_no_query_is_refused(drawing: str) -> None:
    with pytest.raises(MoleculeError):
        SubstructureFilter.from_drawing(drawing)
