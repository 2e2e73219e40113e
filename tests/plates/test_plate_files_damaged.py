"""Plate files that are foreign, damaged or truncated: refused with the reason, or read unharmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_plates import a_plate, assert_same, quick

from molphenix_core.errors import PlateFileError
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import CONCENTRATION, SMILES, Plate

Edit = Callable[[h5py.File], None]


def _replace(name: str, data: object) -> Edit:
    def edit(file: h5py.File) -> None:
        attributes = dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, data=data).attrs.update(attributes)

    return edit


def _delete(name: str) -> Edit:
    def edit(file: h5py.File) -> None:
        del file[name]

    return edit


def _with_nan(file: h5py.File) -> None:
    file["X"][1, 0] = np.nan


def _outside(file: h5py.File) -> None:
    del file["X"]
    file["X"] = h5py.ExternalLink("other.h5", "X")


def _hollow(file: h5py.File) -> None:
    del file["X"]
    file.create_dataset("X", shape=(10**9, 10**3), dtype="f4", chunks=(1000, 1000))


def _code_out_of_range(file: h5py.File) -> None:
    file[f"obs/{SMILES}/codes"][1] = 99


def _space(file: h5py.File) -> None:
    file["uns/embedding/space"][()] = "0123456789abcdef"


def _circle(file: h5py.File) -> None:
    file["uns/again"] = file["uns"]


@pytest.mark.parametrize(
    ("edit", "field", "found", "expected"),
    [
        (_delete("X"), "X", "nothing", "the embeddings"),
        (_delete("obs"), "obs", "no table", "dataframe"),
        (_delete("var"), "var", "no table", "dataframe"),
        (_replace("X", np.ones((4, 2), np.float32)), "/var/_index", "shape (3,)", "shape (2,)"),
        (_replace("X", np.ones((3, 3), np.float32)), "/obs/_index", "shape (4,)", "shape (3,)"),
        (_replace("X", np.ones(4, np.float32)), "X", "float32 (4,)", "dense matrix"),
        (_replace("X", np.array([["a"] * 3] * 4, dtype="S1")), "X", "|S1 (4, 3)", "dense matrix of numbers"),
        (_with_nan, "X, well P1:A02", "NaN or infinite values in 1 of 4 wells", "finite numbers"),
        (_outside, "/X", "a link", "within the file"),
        (_hollow, "/X", "bytes of which 0 are stored", "whole data"),
        (_code_out_of_range, SMILES, "codes outside the categories", "-1 to 0"),
        (_space, "uns/embedding/space", "0123456789abcdef", "the hash of the encoder"),
        (_replace(f"obs/{CONCENTRATION}", np.ones(3)), CONCENTRATION, "shape (3,)", "shape (4,)"),
        (_replace(f"obs/{CONCENTRATION}", np.zeros(4, dtype="V3")), CONCENTRATION, "|V3", "text, numbers"),
    ],
)
def test_foreign_files_that_break_the_contract(
    edit: Edit, field: str, found: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    with h5py.File(path, "r+") as file:
        edit(file)
    with pytest.raises(PlateFileError) as caught:
        read_plate(path)
    assert caught.value.source == str(path)
    assert field in caught.value.field
    assert found in caught.value.found
    assert expected in caught.value.expected


def test_a_group_that_contains_itself_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    expected = read_plate(path)
    with h5py.File(path, "r+") as file:
        _circle(file)
    assert_same(read_plate(path), expected)


def test_sparse_embeddings_are_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    with h5py.File(path, "r+") as file:
        _delete("X")(file)
        file.create_group("X").attrs["encoding-type"] = "csr_matrix"
    with pytest.raises(PlateFileError, match="X: found a sparse or nested matrix; expected a dense matrix"):
        read_plate(path)


def test_what_is_no_hdf5_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    with pytest.raises(PlateFileError, match=r"plate\.h5ad: file: found nothing there; expected a plate file"):
        read_plate(path)
    path.write_text("Metadata_Plate,Metadata_Well\n")
    with pytest.raises(PlateFileError, match="file: found no HDF5 signature; expected an HDF5 plate file"):
        read_plate(path)


def test_one_changed_number_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    plate = a_plate()
    write_plate(plate, path)
    content = path.read_bytes()
    number, other = np.float32(plate.embeddings[3, 2]).tobytes(), np.float32(1234.5).tobytes()
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, other))
    with pytest.raises(PlateFileError, match=r"file: found damaged content \(SHA-256 .*expected what was written"):
        read_plate(path)


def test_what_another_program_edits_in_place_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    with h5py.File(path, "r+") as file:
        file["X"][3, 2] = 1234.5
    assert read_plate(path).embeddings[3, 2] == 1234.5


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Plate]:
    path = tmp_path_factory.mktemp("whole") / "plate.h5ad"
    write_plate(a_plate(rows=6, **{"Metadata_seen": [True, None, False, True, True, False]}), path)
    return path.read_bytes(), read_plate(path)


@settings(quick, max_examples=300)
@given(data=st.data())
def test_damage_is_refused_or_harmless(
    whole_file: tuple[bytes, Plate], data: st.DataObject, tmp_path: Path
) -> None:
    content, expected = bytearray(whole_file[0]), whole_file[1]
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "damaged.h5ad"
    path.write_bytes(content)
    try:
        found = read_plate(path)
    except PlateFileError:
        return
    assert_same(found, expected)


@settings(quick, max_examples=60)
@given(share=st.floats(0, 1))
def test_a_truncated_file_is_refused(whole_file: tuple[bytes, Plate], share: float, tmp_path: Path) -> None:
    path = tmp_path / "truncated.h5ad"
    end = whole_file[0].rindex(b"molphenix-sha256") - 1  # of the HDF5 file, before the digest
    path.write_bytes(whole_file[0][: int(share * (end - 1))])
    with pytest.raises(PlateFileError):
        read_plate(path)
