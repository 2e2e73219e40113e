"""Converting: which columns are features, what made them and how they were normalised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from made_up_tables import FEATURES, WELLS, converted, save, values

from molphenix_core.errors import TableError
from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.report import ConversionReport


def features_of(folder: Path, columns: Mapping[str, object]) -> tuple[Plate, ConversionReport]:
    return plate_from_table(save(folder, {**WELLS, **columns}))


def test_prefix_is_stripped_from_cellprofiler_names_only(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, _ = features_of(tmp_path, {"f_Cells_Area": numbers, "f_Nuclei_Texture_1": numbers, "count": numbers})
    assert plate.feature_names == ("Cells_Area", "Nuclei_Texture_1")
    assert plate.embedding.encoder == "cellprofiler"
    assert values(plate, "Metadata_count") == numbers
    plate, _ = features_of(tmp_path, {"f_0": numbers, "f_Cells_Area": numbers})
    assert plate.feature_names == ("f_0", "f_Cells_Area")
    assert plate.embedding.encoder == "unknown"


def test_cellprofiler_names_are_features_and_other_numbers_are_not(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, _ = features_of(
        tmp_path,
        {"Image_Metadata_Site": [1, 1, 1, 1], "Cytoplasm_A": numbers, "Image_B": numbers, "Other": numbers},
    )
    assert plate.feature_names == ("Cytoplasm_A", "Image_B")
    assert values(plate, "Metadata_Other") == numbers
    assert values(plate, "Metadata_Site") == [1, 1, 1, 1]


def test_otherwise_every_further_number_is_a_feature(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, report = features_of(
        tmp_path, {"x": numbers, "conc_uM": numbers, "note": ["n"] * 4, "Metadata_n": numbers, "y": numbers}
    )
    assert plate.feature_names == ("x", "y")
    assert (report.features, report.first_feature, report.last_feature) == (2, "x", "y")


def test_encoder_and_normalisation_can_be_given(tmp_path: Path) -> None:
    plate, _ = converted(tmp_path, {}, encoder="dino", version="v2", normalisation=["a", "b"])
    assert (plate.embedding.encoder, plate.embedding.version) == ("dino", "v2")
    assert plate.embedding.normalisation == ("a", "b")
    assert converted(tmp_path, {}, normalisation=[])[0].embedding.normalisation == ()


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("profiles.csv", None),
        ("BR1_augmented.csv", None),
        ("BR1_normalized_feature_select_negcon_plate.csv", (ROBUST,)),
        ("BR1_normalized.csv", ("normalized",)),
        ("b_mad_robustize.csv", ("mad_robustize",)),
        ("b_normalised_negcon_sphered.csv", (ROBUST, "sphered")),
    ],
)
def test_normalisation_is_read_from_the_name_of_the_file(
    name: str, steps: tuple[str, ...] | None, tmp_path: Path
) -> None:
    plate, report = plate_from_table(save(tmp_path, {**WELLS, **FEATURES}, name))
    assert plate.embedding.normalisation == steps
    assert any("file's name says so" in note for note in report.notes) == (steps is not None)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"note": ["n"] * 4}, "features: found none among 'note'; expected numeric columns"),
        ({"f_0": ["1", "2", "#DIV/0!", "4"]}, "f_0, row 3: found '#DIV/0!'; expected a number"),
        ({"f_0": [np.nan, np.inf, None, -np.inf]}, "over half of the features missing in every row"),
    ],
)
def test_features_that_are_none(columns: Mapping[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message):
        features_of(tmp_path, columns)


def test_a_feature_with_a_text_in_it_is_not_lost_in_silence(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(TableError, match="Cells_B, row 2: found 'bad'; expected a number"):
        features_of(tmp_path, {"Cells_A": numbers, "Cells_B": ["1", "bad", "3", "4"]})
    plate, report = features_of(tmp_path, {"x": numbers, "y": ["1", "bad", "3", "4"], "z": ["1", "na", "", "4"]})
    assert plate.feature_names == ("x",)
    assert any("'y' is no feature, as row 2 holds 'bad'" in note for note in report.notes)
    files = {"Cells_A": numbers, "Image_FileName": ["a.tif", "b.tif", "c.tif", "d.tif"]}
    plate, _ = features_of(tmp_path, files)
    assert plate.feature_names == ("Cells_A",)
    assert values(plate, "Metadata_Image_FileName") == files["Image_FileName"]
