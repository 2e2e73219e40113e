"""Plate files: what is written comes back, here and in anndata; what breaks the contract is not written."""

from __future__ import annotations

import dataclasses
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_plates import a_plate, assert_same, quick

from molphenix_core.errors import PlateFileError
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import (
    BATCH,
    CONCENTRATION,
    CONTROL_TYPE,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    EmbeddingInfo,
    Plate,
)
from molphenix_core.plates.wells import well_name

# HDF5 holds no NUL within a text; halves of surrogate pairs are no characters.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
filled_texts = texts.map(str.strip).filter(bool)
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def plates(draw: st.DrawFn) -> Plate:
    """Any wells the contract allows, with columns of every type."""
    rows = draw(st.integers(1, 4))

    def column(values: st.SearchStrategy) -> list[object]:
        return draw(st.lists(values, min_size=rows, max_size=rows))

    control = column(st.sampled_from([None, "negcon", "poscon", "poscon_diverse"]))
    columns: dict[str, object] = {
        CONTROL_TYPE: control,
        PERTURBATION_TYPE: ["trt" if kind is None else "control" for kind in control],
        SMILES: column(st.none() | filled_texts),
        CONCENTRATION: np.array(column(st.none() | st.floats(1e-9, 1e9)), dtype=np.float64),
        BATCH: pd.Categorical(column(st.none() | filled_texts)) if draw(st.booleans()) else column(texts),
        "Metadata_ text µ": column(st.none() | texts),
        "Metadata_null": [None] * rows,
        "Metadata_flag": np.array(column(st.booleans()), dtype=bool),
        "Metadata_flag or null": column(st.none() | st.booleans()),
        "Metadata_count": np.array(column(st.integers(-(2**63), 2**63 - 1)), dtype=np.int64),
        "Metadata_small": np.array(column(st.integers(0, 255)), dtype=np.uint8),
        "Metadata_number": np.array(column(st.floats(allow_infinity=True, allow_nan=True)), dtype=np.float64),
    }
    if draw(st.booleans()):
        columns[PLATE] = [draw(filled_texts)] * rows
        spots = draw(st.lists(st.integers(0, 1535), min_size=rows, max_size=rows, unique=True))
        columns[WELL] = [well_name(spot // 48, spot % 48) for spot in spots]
    index = draw(st.lists(texts, min_size=rows, max_size=rows, unique=True))
    names = tuple(draw(st.lists(texts, min_size=1, max_size=5, unique=True)))
    values = np.array(
        draw(st.lists(st.lists(finite, min_size=len(names), max_size=len(names)), min_size=rows, max_size=rows))
    )
    info = EmbeddingInfo(draw(texts), draw(texts), draw(st.none() | st.lists(texts, max_size=3).map(tuple)))
    return Plate(
        pd.DataFrame(columns, index=index),
        values.astype(np.float32),
        names,
        info,
        simulated=draw(st.booleans()),
    )


@quick
@given(plate=plates())
def test_what_is_written_is_read(plate: Plate, tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(plate, path)
    found = read_plate(path)
    for column in plate.wells:
        before = plate.wells[column].astype(object).where(plate.wells[column].notna(), None).tolist()
        after = found.wells[column].astype(object).where(found.wells[column].notna(), None).tolist()
        if column == BATCH or str(column).startswith("Metadata_"):
            assert after == before, column
    assert found.wells["Metadata_flag"].dtype == bool
    assert found.wells["Metadata_count"].dtype == np.int64
    assert found.wells["Metadata_small"].dtype == np.uint8
    assert found.wells.index.tolist() == plate.wells.index.tolist()
    np.testing.assert_array_equal(found.embeddings, plate.embeddings)
    assert (found.feature_names, found.embedding, found.space) == (
        plate.feature_names,
        plate.embedding,
        plate.space,
    )
    assert found.simulated == plate.simulated
    write_plate(found, path)
    assert_same(read_plate(path), found)


@quick
@given(plate=plates())
def test_anndata_reads_what_is_written(plate: Plate, tmp_path: Path) -> None:
    import anndata

    path = tmp_path / "plate.h5ad"
    write_plate(plate, path)
    found = anndata.read_h5ad(path)
    np.testing.assert_array_equal(found.X, plate.embeddings)
    assert found.obs_names.tolist() == plate.wells.index.tolist()
    assert found.var_names.tolist() == list(plate.feature_names)
    for column in plate.wells:
        before = plate.wells[column].astype(object).where(plate.wells[column].notna(), None).tolist()
        values = found.obs[column].astype(object)
        assert values.where(values.notna(), None).tolist() == before, column
    assert found.uns["embedding"]["space"] == plate.space
    assert bool(found.uns["simulated"]) == plate.simulated


def test_a_file_that_anndata_rewrote_with_a_further_column_is_read(tmp_path: Path) -> None:
    import anndata

    plate, path = a_plate(), tmp_path / "plate.h5ad"
    write_plate(plate, path)
    data = anndata.read_h5ad(path)
    data.obs["cluster"] = pd.Categorical(["a", "b", "a", None])
    data.obs["passed"] = pd.array([True, None, False, True], dtype="boolean")
    data.obs.index.name = "well key"
    data.obs["cells"] = pd.array([10, None, 12, 13], dtype="Int64")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata's own deprecations are not at stake here
        data.write_h5ad(path)
    found = read_plate(path)
    assert found.wells["cluster"].tolist() == ["a", "b", "a", None]
    assert found.wells["passed"].tolist() == [True, None, False, True]
    assert found.wells["cells"].isna().tolist() == [False, True, False, False]
    assert found.wells["cells"].dropna().tolist() == [10, 12, 13]
    np.testing.assert_array_equal(found.embeddings, plate.embeddings)
    assert found.embedding == plate.embedding
    assert found.wells.index.tolist() == plate.wells.index.tolist()


def test_missing_columns_of_the_contract_are_unknown_when_read(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    bare = Plate(pd.DataFrame(index=["a", "b"]), np.ones((2, 1), np.float32), ("f",))
    write_plate(bare, path)
    found = read_plate(path)
    assert found.wells[PERTURBATION_TYPE].tolist() == ["trt", "trt"]
    assert found.wells[CONCENTRATION].isna().all()
    assert found.wells[[PLATE, WELL, CONTROL_TYPE, SMILES]].isna().all().all()
    assert found.barcodes == ()
    assert found.positions.tolist() == [[-1, -1], [-1, -1]]
    assert found.embedding.normalisation is None


def test_a_control_type_alone_makes_a_control(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(**{PERTURBATION_TYPE: [None] * 4}), path)
    assert read_plate(path).wells[PERTURBATION_TYPE].tolist() == ["control", "trt", "trt", "trt"]


def test_well_names_become_canonical(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(**{WELL: ["a1", "A2", " b03", "AF48"]}), path)
    assert read_plate(path).wells[WELL].tolist() == ["A01", "A02", "B03", "AF48"]


@pytest.mark.parametrize(
    ("columns", "field", "found", "expected"),
    [
        ({WELL: ["A01", "A02", "A1", "A04"]}, WELL, "well A01 of plate P1 more than once", "each well once"),
        ({WELL: ["A01", "A02", "Q49", "A04"]}, WELL, "'Q49'", "A01 to AF48"),
        ({CONCENTRATION: [np.nan, 1.0, -2.0, 1.0]}, CONCENTRATION, "-2.0", "micromolar, above zero"),
        ({CONCENTRATION: [np.nan, 1.0, 0.0, 1.0]}, CONCENTRATION, "0.0", "micromolar, above zero"),
        ({CONCENTRATION: [np.nan, 1.0, np.inf, 1.0]}, CONCENTRATION, "inf", "micromolar, above zero"),
        ({CONCENTRATION: ["1", "2", "ten", "3"]}, CONCENTRATION, "'ten'", "micromolar, above zero"),
        ({PERTURBATION_TYPE: ["control", "x", "trt", "trt"]}, PERTURBATION_TYPE, "'x'", "'trt' or 'control'"),
        (
            {CONTROL_TYPE: ["empty", None, None, None]},
            CONTROL_TYPE,
            "'empty'",
            "'negcon', 'poscon...' or empty",
        ),
        ({"a/b": [1, 2, 3, 4]}, "a/b", "this name", "without '/'"),
        ({"Metadata_x": ["a", "b\0c", "d", "e"]}, "Metadata_x", "NUL", "text"),
        ({"Metadata_x": ["a", "\ud800", "d", "e"]}, "Metadata_x", "half a character", "text"),
    ],
)
def test_wells_that_break_the_contract_are_not_written(
    columns: dict[str, list[object]], field: str, found: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "plate.h5ad"
    with pytest.raises(PlateFileError) as caught:
        write_plate(a_plate(**columns), path)
    assert caught.value.source == str(path)
    assert field in caught.value.field
    assert found in caught.value.found
    assert expected in caught.value.expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_embeddings_that_are_not_finite_are_refused(value: float, tmp_path: Path) -> None:
    plate, path = a_plate(), tmp_path / "plate.h5ad"
    plate.embeddings[2, 1] = value
    with pytest.raises(PlateFileError, match=r"X, well P1:A03: found NaN or infinite values in 1 of 4 wells"):
        write_plate(plate, path)


@pytest.mark.parametrize(
    ("plate", "message"),
    [
        (dataclasses.replace(a_plate(), feature_names=("a", "b")), "var_names: found 2 names; expected 3"),
        (
            dataclasses.replace(a_plate(), feature_names=("a", "b", "a")),
            "var_names: found 'a' more than once",
        ),
        (
            dataclasses.replace(a_plate(), embeddings=np.ones((3, 3), np.float32)),
            r"X: found shape \(3, 3\); expected \(4, d\)",
        ),
        (
            dataclasses.replace(a_plate(), embeddings=np.ones((4, 0), np.float32), feature_names=()),
            "at least one well",
        ),
        (
            dataclasses.replace(a_plate(), wells=a_plate().wells.set_axis(list("aabc"))),
            "obs_names: found 'a' more than once",
        ),
    ],
)
def test_what_does_not_fit_together_is_not_written(plate: Plate, message: str, tmp_path: Path) -> None:
    with pytest.raises(PlateFileError, match=message):
        write_plate(plate, tmp_path / "plate.h5ad")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    before = path.read_bytes()
    with pytest.raises(PlateFileError):
        write_plate(a_plate(**{WELL: ["A01"] * 4}), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlateFileError, match="expected a place to write to"):
        write_plate(a_plate(), tmp_path / "absent" / "plate.h5ad")


def test_a_plate_without_wells_of_any_text_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("plate µ.h5ad".encode())
    plate = a_plate()
    write_plate(plate, path)
    found = read_plate(path)
    assert_same(found, plate)
    assert found.source == str(path)


def test_take_and_masks(tmp_path: Path) -> None:
    path = tmp_path / "plate.h5ad"
    write_plate(a_plate(), path)
    plate = read_plate(path)
    assert plate.is_negative_control.tolist() == [True, False, False, False]
    assert plate.is_treated.tolist() == [False, True, True, True]
    assert plate.barcodes == ("P1",)
    assert plate.take(np.array([2, 0])).wells.index.tolist() == ["P1:A03", "P1:A01"]
    assert plate.take(plate.is_treated).embeddings.tolist() == plate.embeddings[1:].tolist()
