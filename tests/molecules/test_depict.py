from __future__ import annotations

import struct
import xml.etree.ElementTree as ET

import pytest

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.depict import depict_png, depict_svg
from molphenix_core.molecules.properties import properties

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def _header(png: bytes) -> tuple[int, int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, _, colour = struct.unpack(">IIBB", png[16:26])
    return width, height, colour


def test_a_png_has_the_size_asked_for_in_device_pixels_and_an_alpha_channel() -> None:
    assert _header(depict_png(ASPIRIN, width=200, height=150)) == (200, 150, 6)
    assert _header(depict_png(ASPIRIN, width=200, height=150, scale=1.5)) == (300, 225, 6)


def test_dark_and_highlight_change_the_drawing_and_repeating_does_not() -> None:
    plain = depict_png(ASPIRIN, width=200, height=150)
    assert depict_png(ASPIRIN, width=200, height=150) == plain
    assert depict_png(ASPIRIN, width=200, height=150, dark=True) != plain
    assert depict_png(ASPIRIN, width=200, height=150, highlight_atoms=[0]) != plain


def test_an_svg_has_no_ground_and_readable_colours() -> None:
    light, dark = (depict_svg(ASPIRIN, width=200, height=150, dark=dark) for dark in (False, True))
    for drawing in (light, dark):
        assert not [element for element in ET.fromstring(drawing) if element.tag.endswith("rect")]
    assert "#E5E5E5" in dark
    assert "#E5E5E5" not in light


def test_bonds_are_equally_long_in_small_molecules_of_any_size() -> None:
    def first_bond(smiles: str) -> float:
        root = ET.fromstring(depict_svg(smiles, width=400, height=300))
        path = next(element for element in root if element.get("class", "").startswith("bond-0"))
        numbers = [
            float(number)
            for pair in path.attrib["d"].replace("M", "").replace("L", "").split()
            for number in pair.split(",")
        ]
        return ((numbers[0] - numbers[2]) ** 2 + (numbers[1] - numbers[3]) ** 2) ** 0.5

    assert first_bond("CCC") == pytest.approx(first_bond("CCCCCCCC"), rel=0.02)


def test_what_cannot_be_drawn_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MoleculeError, match="'c1cc'"):
        depict_png("c1cc", width=100, height=100)
    with pytest.raises(ValueError, match="highlighted atoms"):
        depict_png("CC", width=100, height=100, highlight_atoms=[2])
    with pytest.raises(ValueError, match="at least 1 x 1"):
        depict_png("CC", width=0, height=100)
    assert capfd.readouterr() == ("", "")


def test_properties_of_aspirin() -> None:
    found = properties(ASPIRIN)
    assert found["formula"] == "C9H8O4"
    assert found["molecular_weight"] == pytest.approx(180.16, abs=0.01)
    assert found["tpsa"] == pytest.approx(63.6, abs=0.1)
    assert found["clogp"] == pytest.approx(1.31, abs=0.01)
    assert (found["hydrogen_bond_donors"], found["hydrogen_bond_acceptors"]) == (1, 4)
    with pytest.raises(MoleculeError):
        properties("nonsense")
