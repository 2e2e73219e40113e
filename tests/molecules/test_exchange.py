"""Structures to and from other programs, against RDKit called directly."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molphenix_core.errors import Cancelled, InputError, MoleculeError
from molphenix_core.molecules.exchange import (
    FoundStructure,
    read_structure_file,
    read_structure_line,
    to_inchi,
    to_molfile,
    write_sdf,
)

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
KEY = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (ASPIRIN, ""),
        (f"{ASPIRIN} acetyl  salicylic acid", "acetyl salicylic acid"),
        (f"  {ASPIRIN}\taspirin\n", "aspirin"),
        ("O=C(C)Oc1c(cccc1)C([O-])=O.[Na+] salt", "salt"),
        ("InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12) in", "in"),
    ],
)
def test_a_line_is_a_structure_and_a_name(line, name):
    assert read_structure_line(line) == FoundStructure(ASPIRIN, KEY, name)


@pytest.mark.parametrize("line", ["", "C1CC", "InChI=1S/nonsense", "aspirin"])
def test_what_is_no_structure_is_refused(line):
    with pytest.raises(MoleculeError):
        read_structure_line(line)


def test_a_molfile_holds_the_molecule_and_its_stereochemistry():
    for smiles in (ASPIRIN, "C[C@H](N)C(=O)O", "C/C=C/C"):
        block = to_molfile(smiles, "a\nname")
        assert block.splitlines()[0] == "a name"
        read = Chem.MolFromMolBlock(block)
        assert Chem.MolToInchiKey(read) == Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
        assert read.GetConformer().GetPositions().any()


def test_inchi_is_that_of_rdkit():
    assert to_inchi(ASPIRIN) == Chem.MolToInchi(Chem.MolFromSmiles(ASPIRIN))
    with pytest.raises(MoleculeError):
        to_inchi("C1CC")


def test_an_sd_file_comes_back(tmp_path):
    path = tmp_path / "some.sdf"
    written = write_sdf(
        path, [ASPIRIN, "", "C1CC", "CCO"], ["aspirin", "none", "bad", "ethanol"], {"note": ["a\n\nb", "", "", ""]}
    )
    assert written == 2
    supplied = [mol for mol in Chem.SDMolSupplier(str(path)) if mol is not None]
    assert [mol.GetProp("_Name") for mol in supplied] == ["aspirin", "ethanol"]
    assert supplied[0].GetProp("note") == "a b"
    assert not supplied[1].HasProp("note")
    found = read_structure_file(path)
    assert [(number, one.name, one.smiles) for number, one in found] == [
        (1, "aspirin", ASPIRIN),
        (2, "ethanol", "CCO"),
    ]


def test_a_damaged_record_costs_only_itself(tmp_path):
    path = tmp_path / "some.sdf"
    path.write_text(
        f"{to_molfile('CCO', 'one')}$$$$\nnothing\n\n\nM  END\n$$$$\n{to_molfile('CC', 'three')}$$$$\n"
    )
    (_, one), (number, bad), (_, three) = read_structure_file(path)
    assert (one.name, number, three.name) == ("one", 2, "three")
    assert isinstance(bad, MoleculeError)
    assert (bad.source, bad.field) == (str(path), "record 2")


def test_a_molfile_of_windows_is_read(tmp_path):
    path = tmp_path / "one.mol"
    path.write_bytes(to_molfile("CCO", "ethanol").replace("\n", "\r\n").encode())
    ((number, found),) = read_structure_file(path)
    assert (number, found.name, found.smiles) == (1, "ethanol", "CCO")


def test_what_cannot_be_read_or_written_is_told(tmp_path):
    with pytest.raises(InputError, match=r"\.sdf or \.mol"):
        read_structure_file(tmp_path / "a.xyz")
    with pytest.raises(InputError, match="structures to read"):
        read_structure_file(tmp_path / "a.sdf")
    with pytest.raises(InputError, match="one at least"):
        write_sdf(tmp_path / "a.sdf", ["C1CC"], [""], {})
    assert list(tmp_path.iterdir()) == []


def test_writing_can_be_stopped(tmp_path):
    def stop(_share: float, _text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write_sdf(tmp_path / "a.sdf", [ASPIRIN], ["a"], {}, progress=stop)
    assert list(tmp_path.iterdir()) == []
