from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molphenix_core.errors import Cancelled, LibraryError
from molphenix_core.molecules.prepared_structures import (
    prepare_structures,
    read_prepared,
    structures_hash,
    write_prepared,
)
from molphenix_core.molecules.structure_index import StructureIndex
from molphenix_core.molecules.substructure import SubstructureFilter

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C1=CC=CC=C1", "CCO"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "structures.npz"
    write_prepared(prepare_structures(SMILES), path, structures_hash(SMILES))
    return path


def test_what_was_kept_searches_as_what_was_prepared(kept: Path) -> None:
    index = StructureIndex.assemble(read_prepared(kept, structures_hash(SMILES)))
    fresh = StructureIndex.assemble(prepare_structures(SMILES))
    benzene = SubstructureFilter.from_smarts("c1ccccc1")
    assert index.substructure(benzene).rows.tolist() == fresh.substructure(benzene).rows.tolist() == [0, 1]
    np.testing.assert_array_equal(index.similarity("CCO"), fresh.similarity("CCO"))
    assert sorted(path.name for path in kept.parent.iterdir()) == ["structures.json", "structures.npz"]


def test_no_structures_are_kept_too(tmp_path: Path) -> None:
    write_prepared(prepare_structures([]), tmp_path / "none.npz", structures_hash([]))
    assert len(read_prepared(tmp_path / "none.npz", structures_hash([]))) == 0


def test_other_structures_or_another_order_have_another_hash() -> None:
    assert len({structures_hash(SMILES), structures_hash(SMILES[::-1]), structures_hash(SMILES[:2])}) == 3


def test_what_was_kept_of_others_is_not_used(kept: Path) -> None:
    with pytest.raises(LibraryError, match="hash"):
        read_prepared(kept, structures_hash(SMILES[:2]))


def test_a_damaged_file_is_told_before_anything_of_it_is_used(kept: Path) -> None:
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    with pytest.raises(LibraryError, match="hash"):
        read_prepared(kept, structures_hash(SMILES))
    kept.unlink()
    with pytest.raises(LibraryError, match="No such file"):
        read_prepared(kept, structures_hash(SMILES))


def test_preparing_can_be_stopped() -> None:
    def stop(share: float, message: str) -> None:
        raise Cancelled(f"{message} at {share}")

    with pytest.raises(Cancelled, match="Preparing structures"):
        prepare_structures(SMILES, progress=stop)
