from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_encoder import FakeEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molphenix_core.errors import Cancelled, InputError, LibraryError
from molphenix_core.molecules.properties import properties
from molphenix_core.molecules.standardise import standardise
from molphenix_core.retrieval import library as library_module
from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.library import Library, open_library, verify_library

DOSES = (0.1, 1.0, 10.0)
ABOUT = {"name": "Test", "source": "table.csv", "licence": "CC0-1.0"}


def test_what_is_built_is_what_is_opened(library: Library, records: pd.DataFrame, encoder: FakeEncoder) -> None:
    assert (library.name, library.source, library.licence) == ("Amines", "written here", "CC0-1.0")
    assert not library.simulated
    assert library.doses.tolist() == list(DOSES)
    assert (len(library), library.width) == (50, 8)
    assert library.molecules["name"].tolist() == records["name"].tolist()
    assert library.molecules["smiles"].tolist() == [standardise(text).smiles for text in records["smiles"]]
    features = encoder.molecule_features(library.molecules["smiles"])
    expected = encoder.embed_molecules(features, np.array(DOSES)).transpose(1, 0, 2)
    np.testing.assert_array_equal(library.embeddings, expected.astype(np.float16))
    assert isinstance(library.embeddings, np.memmap)
    library.require(encoder)
    verify_library(library.path)


def test_a_library_of_another_model_is_refused(library: Library) -> None:
    with pytest.raises(LibraryError, match=r"molecule_path_hash: found fake-0-8; expected fake-1-8"):
        library.require(FakeEncoder(seed=1))


def test_duplicates_become_one_and_keep_the_first_of_each_column(tmp_path: Path, encoder: FakeEncoder) -> None:
    records = pd.DataFrame(
        {
            "name": ["", "aspirin", "acetylsalicylate", None, "nothing known"],
            "smiles": [
                "CC(=O)Oc1ccccc1C(=O)O",
                "OC(=O)c1ccccc1OC(C)=O",
                "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]",
                "CCO",
                "CCN",
            ],
            "mechanism": [None, "COX inhibitor", "other", "", float("nan")],
            "compound_id": ["A1", "A2", "A3", "E1", None],
            "seen": [False, False, True, False, False],
        }
    )
    report = build_library(records, encoder, tmp_path / "out", doses=[1.0, np.nan], **ABOUT)
    assert (report.molecules, report.merged, report.rejected) == (3, 2, 0)
    library = open_library(tmp_path / "out")
    assert library.molecules["name"].tolist() == ["aspirin", "E1", "nothing known"]
    assert library.molecules["mechanism"].tolist() == ["COX inhibitor", "", ""]
    assert library.molecules["compound_id"].tolist() == ["A1", "E1", ""]
    assert library.molecules["seen"].tolist() == [True, False, False]
    np.testing.assert_array_equal(library.doses, [1.0, np.nan])


def test_without_a_column_the_encoder_says_what_it_has_seen(tmp_path: Path) -> None:
    encoder = FakeEncoder(seen=frozenset({standardise("CCO").inchikey}))
    records = pd.DataFrame({"name": ["a", "b"], "smiles": ["OCC", "CCC"]})
    build_library(records, encoder, tmp_path / "out", doses=[1.0], **ABOUT)
    assert open_library(tmp_path / "out").molecules["seen"].tolist() == [True, False]


def test_rejected_rows_are_kept_with_the_reason(tmp_path: Path, encoder: FakeEncoder) -> None:
    records = pd.DataFrame(
        {"name": ["a", "b", "c", "d"], "smiles": ["nonsense", "CCO", None, "*C"]}, index=[9, 9, 7, 2]
    )
    report = build_library(records, encoder, tmp_path / "out", doses=[1.0], **ABOUT)
    assert (report.molecules, report.rejected) == (1, 3)
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv")
    assert rejected["row"].tolist() == [1, 3, 4]
    assert rejected["name"].tolist() == ["a", "c", "d"]
    assert rejected["reason"].iloc[0] == "table.csv: row 1: found 'nonsense'; expected a valid SMILES"
    assert rejected["reason"].str.contains("expected").all()
    assert open_library(tmp_path / "out").molecules["name"].tolist() == ["b"]


def test_nothing_usable_is_refused_and_leaves_nothing(tmp_path: Path, encoder: FakeEncoder) -> None:
    out = tmp_path / "out"
    for table, message in (
        ({"name": ["a"], "smiles": ["nonsense"]}, "no molecule in 1 rows"),
        ({"name": [], "smiles": []}, "no molecule in 0 rows"),
        ({"name": ["a"]}, "smiles: found no such column"),
    ):
        with pytest.raises(InputError, match=message):
            build_library(pd.DataFrame(table), encoder, out, doses=[1.0], **ABOUT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("doses", [[], [0.0], [-1.0], [np.inf], [1.0, 1.0], [np.nan, np.nan]])
def test_a_grid_that_cannot_be_is_refused(
    tmp_path: Path, records: pd.DataFrame, encoder: FakeEncoder, doses: list[float]
) -> None:
    with pytest.raises(InputError, match="doses"):
        build_library(records, encoder, tmp_path / "out", doses=doses, **ABOUT)


def test_a_library_is_replaced_whole_or_not_at_all(
    folder: Path, records: pd.DataFrame, encoder: FakeEncoder
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def stop(share: float, message: str) -> None:
        if share > 0.5:
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        build_library(records[:5], encoder, folder, doses=[1.0], progress=stop, **ABOUT)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["library"]

    shares: list[float] = []
    report = build_library(
        records[:5], encoder, folder, doses=[1.0], progress=lambda share, _: shares.append(share), **ABOUT
    )
    assert len(open_library(folder)) == report.molecules == 5
    assert report.size == sum(path.stat().st_size for path in folder.iterdir())
    assert [path.name for path in folder.parent.iterdir()] == ["library"]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, records: pd.DataFrame, encoder: FakeEncoder
) -> None:
    thesis = tmp_path / "out" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("ten years", encoding="utf-8")
    for out in (thesis.parent, thesis):
        with pytest.raises(LibraryError, match="no library"):
            build_library(records, encoder, out, doses=[1.0], **ABOUT)
    assert thesis.read_text(encoding="utf-8") == "ten years"
    thesis.unlink()
    build_library(records, encoder, thesis.parent, doses=[1.0], **ABOUT)
    assert len(open_library(thesis.parent)) == 50


def test_an_encoder_that_gives_no_vectors_is_refused(tmp_path: Path, records: pd.DataFrame) -> None:
    class Broken(FakeEncoder):
        def embed_molecules(self, features: np.ndarray, doses: np.ndarray) -> np.ndarray:
            return super().embed_molecules(features, doses) * np.nan

    with pytest.raises(LibraryError, match="finite"):
        build_library(records, Broken(), tmp_path / "out", doses=[1.0], **ABOUT)
    assert list(tmp_path.iterdir()) == []


def _edit(folder: Path, change: Callable[[dict], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.update(format="other"), "format"),
        (lambda m: m.update(version=2), "version"),
        (lambda m: m.update(version=True), "version"),
        (lambda m: m.pop("molecule_path_hash"), "molecule_path_hash"),
        (lambda m: m.pop("name"), "name"),
        (lambda m: m.update(simulated="no"), "simulated"),
        (lambda m: m.update(doses=[]), "doses"),
        (lambda m: m.update(doses=[1, 0, 10]), "doses"),
        (lambda m: m.update(doses=[1, "a", 10]), "doses"),
        (lambda m: m.update(doses=[1, 1, 10]), "doses"),
        (lambda m: m.update(doses=[1, 10]), "array"),
        (lambda m: m.update(count=49), "array"),
        (lambda m: m.update(dimension="8"), "dimension"),
        (lambda m: m.update(files=[]), "files"),
        (lambda m: m["files"].pop("molecules.parquet"), "files.molecules.parquet"),
        (lambda m: m["files"]["embeddings.npy"].update(bytes="many"), "files.embeddings.npy"),
        (lambda m: m["files"]["embeddings.npy"].update(bytes=7), "size"),
        (lambda m: m["files"]["embeddings.npy"].update(sha256="0" * 64), "SHA-256"),
    ],
)
def test_a_damaged_manifest_is_named(folder: Path, change: Callable[[dict], object], field: str) -> None:
    _edit(folder, change)
    with pytest.raises(LibraryError) as caught:
        open_library(folder)
    assert caught.value.field == field
    assert str(folder) in caught.value.source


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\x00", b"null", b"[" * 100_000])
def test_what_is_no_manifest_is_named(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(LibraryError, match=r"manifest\.json"):
        open_library(folder)


def test_a_folder_without_manifest_or_files_is_named(folder: Path) -> None:
    with pytest.raises(LibraryError, match=r"manifest\.json: found no such file"):
        open_library(folder.parent)
    (folder / "molecules.parquet").unlink()
    with pytest.raises(LibraryError, match=r"molecules\.parquet: file: found no such file"):
        open_library(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["embeddings.npy", "molecules.parquet", "rejected.csv"]), data=st.data())
def test_one_flipped_or_missing_byte_is_found(folder: Path, name: str, data: st.DataObject) -> None:
    path = folder / name
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :]
    for damaged in (flipped, whole[:place]):
        path.write_bytes(damaged)
        with pytest.raises(LibraryError, match=name):
            open_library(folder)
    path.write_bytes(whole)
    open_library(folder)


def test_large_libraries_are_verified_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "_SMALL", 0)
    for name in ("embeddings.npy", "molecules.parquet"):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-40] + b"\x00" * 40)
        damaged = open_library(folder)
        with pytest.raises(LibraryError, match=f"{name}: SHA-256"):
            open_library(folder, verify="full")
        with pytest.raises(LibraryError, match=f"{name}: SHA-256"):
            verify_library(folder)
        if name == "molecules.parquet":
            with pytest.raises(LibraryError, match=r"molecules\.parquet"):
                _ = damaged.molecules
        path.write_bytes(content)


def test_a_table_of_another_length_or_other_columns_is_named(library: Library) -> None:
    path = library.path / "molecules.parquet"
    table = pd.read_parquet(path)
    table[:-1].to_parquet(path, index=False)
    with pytest.raises(LibraryError, match="rows: found 49; expected 50"):
        _ = replace(library).molecules
    table.drop(columns="seen").to_parquet(path, index=False)
    with pytest.raises(LibraryError, match="columns"):
        _ = replace(library).molecules


def test_properties_stand_in_the_table_and_libraries_without_them_still_open(library: Library) -> None:
    assert library.has_properties
    for row in (0, 7):
        expected = properties(library.molecules["smiles"][row])
        assert library.molecules["molecular_weight"][row] == pytest.approx(expected["molecular_weight"], rel=1e-6)
        assert library.molecules["hydrogen_bond_donors"][row] == expected["hydrogen_bond_donors"]
    without_properties(library.path)
    old = open_library(library.path)
    assert not old.has_properties
    assert tuple(old.molecules.columns) == library_module.COLUMNS


def test_a_property_that_is_no_number_is_refused(library: Library) -> None:
    table = library.molecules.assign(clogp="much")
    rewrite_table(library.path, table)
    with pytest.raises(LibraryError, match=r"clogp: found .*; expected numbers"):
        _ = open_library(library.path).molecules


def without_properties(path: Path) -> None:
    """Make a library what an earlier version of the program wrote."""
    rewrite_table(path, pd.read_parquet(path / "molecules.parquet")[list(library_module.COLUMNS)])


def rewrite_table(path: Path, table: pd.DataFrame) -> None:
    file = path / "molecules.parquet"
    table.to_parquet(file, index=False)
    manifest = json.loads((path / "manifest.json").read_text())
    entry = {"bytes": file.stat().st_size, "sha256": library_module.file_sha256(file)}
    manifest["files"]["molecules.parquet"] = entry
    (path / "manifest.json").write_text(json.dumps(manifest))
