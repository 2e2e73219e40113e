from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molphenix_core.errors import TableError
from molphenix_core.molecules.outside import OutsideEmbeddings

KEYS = ["BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"]
VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def _write(path: Path, keys: list[str], values: np.ndarray) -> Path:
    if path.suffix == ".npz":
        np.savez(path, inchikey=np.array(keys), embedding=values)
        return path
    table = pd.DataFrame({"Metadata_InChIKey": keys, **{f"e{i}": values[:, i] for i in range(values.shape[1])}})
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["table.npz", "table.parquet", "table.csv", "table.csv.gz"])
def test_every_form_gives_the_same_and_unknown_molecules_are_nan(tmp_path: Path, name: str) -> None:
    table = OutsideEmbeddings.load(_write(tmp_path / name, KEYS, VALUES))
    assert table.width == 3
    found = table.compute([KEYS[1], "AAAAAAAAAAAAAA-UHFFFAOYSA-N", KEYS[0]])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [VALUES[1], [np.nan] * 3, VALUES[0]])


@pytest.mark.parametrize("name", ["table.npz", "table.csv", "table.parquet"])
@pytest.mark.parametrize(
    ("keys", "values", "message"),
    [
        ([KEYS[0], KEYS[0]], VALUES, "as in row 1"),
        ([KEYS[0], "CCO"], VALUES, "'CCO'"),
        (KEYS, np.array([[1.0, np.nan], [1, 2]]), "finite number"),
        (KEYS, np.array([[1.0, 1e300], [1, 2]]), "finite number"),
        (KEYS, np.zeros((2, 0)), "shape"),
    ],
)
def test_damaged_tables_are_named(
    tmp_path: Path, name: str, keys: list[str], values: np.ndarray, message: str
) -> None:
    path = _write(tmp_path / name, keys, values)
    with pytest.raises(TableError, match=message) as caught:
        OutsideEmbeddings.load(path)
    assert caught.value.source == str(path)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    np.savez(path, inchikey=np.array(KEYS, dtype=object), embedding=VALUES)
    with pytest.raises(TableError):
        OutsideEmbeddings.load(path)


@pytest.mark.parametrize("name", ["table.npz", "table.csv", "table.parquet"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 cut"])
def test_files_that_are_no_tables_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError):
        OutsideEmbeddings.load(path)


def test_a_missing_file_and_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"absent.csv"):
        OutsideEmbeddings.load(tmp_path / "absent.csv")
    np.savez(tmp_path / "a.npz", inchikey=np.array(KEYS))
    with pytest.raises(TableError, match="embedding"):
        OutsideEmbeddings.load(tmp_path / "a.npz")
    pd.DataFrame({"key": KEYS, "e": [1, 2]}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(TableError, match="one column named inchikey"):
        OutsideEmbeddings.load(tmp_path / "b.csv")
    pd.DataFrame({"inchikey": KEYS, "e": ["a", "b"]}).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(TableError, match="numbers"):
        OutsideEmbeddings.load(tmp_path / "c.csv")
