"""Converting every table of the shared measurements."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molphenix_core.plates.convert import convert_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.plate import (
    COMPOUND,
    CONCENTRATION,
    INCHIKEY,
    MECHANISM,
    NAME,
    SMILES,
    WELL,
    Plate,
)
from molphenix_core.plates.report import ConversionReport

pytestmark = pytest.mark.data


@dataclass(frozen=True)
class Expected:
    wells: int
    features: int
    plates: int
    negative: int
    with_structure: int
    first: str
    encoder: str = "unknown"
    normalisation: tuple[str, ...] | None = None


TABLES = {
    "u2os_cell_injury.parquet": Expected(7777, 340, 84, 3179, 4598, "Cells_AreaShape_Area", "cellprofiler"),
    "subprofiles.parquet": Expected(2959, 15, 0, 0, 2959, "f_Cluster_AKT_PI3K_MTOR"),
    "cpjump1_csn128.parquet": Expected(819, 128, 3, 0, 819, "f_0"),
    "cpjump1_dino384.parquet": Expected(264, 384, 0, 0, 264, "f_0"),
    "bbbc021.parquet": Expected(604, 189, 55, 330, 148, "Cells_AreaShape_Compactness", "cellprofiler"),
    "nelisa_a549.parquet": Expected(1339, 191, 4, 256, 1083, "f_Activin A [NSU]"),
    "l1000_drugbank.parquet": Expected(916, 978, 0, 0, 916, "f_10007"),
    "nci60.parquet": Expected(1407, 40, 0, 0, 1401, "f_BR:BT-549"),
    "zebrafish_sleep.parquet": Expected(5044, 26, 0, 154, 4500, "f_night1_sleep"),
    "original/BBBC021_feature_selected_mad_robustize.csv": Expected(
        632, 189, 55, 330, 0, "Cells_AreaShape_Compactness", "cellprofiler", ("mad_robustize",)
    ),
    "original/BR00117060a10x_normalized_feature_select_negcon_plate.csv.gz": Expected(
        376, 357, 1, 24, 320, "Cells_AreaShape_BoundingBoxMaximum_X", "cellprofiler", (ROBUST,)
    ),
}


def convert(shared_data: Path, name: str, folder: Path) -> tuple[Plate, ConversionReport]:
    report = convert_table(shared_data / name, folder / "plate.h5ad")
    return read_plate(folder / "plate.h5ad"), report


@pytest.mark.parametrize("name", TABLES)
def test_every_table_converts(name: str, shared_data: Path, tmp_path: Path) -> None:
    plate, report = convert(shared_data, name, tmp_path)
    expected = TABLES[name]
    assert plate.embeddings.shape == (expected.wells, expected.features)
    assert np.isfinite(plate.embeddings).all()
    assert len(plate.barcodes) == expected.plates
    assert int(plate.is_negative_control.sum()) == expected.negative
    assert int(plate.is_treated.sum()) == expected.wells - expected.negative
    treated = plate.wells[plate.is_treated]
    assert int(treated[SMILES].notna().sum()) == expected.with_structure
    assert not (treated[CONCENTRATION] <= 0).any()
    controls = plate.wells[plate.is_negative_control]
    assert controls[SMILES].isna().all()
    assert controls[CONCENTRATION].isna().all()
    assert plate.feature_names[0] == expected.first
    assert (plate.embedding.encoder, plate.embedding.normalisation) == (
        expected.encoder,
        expected.normalisation,
    )
    assert (plate.positions >= 0).all() == (expected.plates > 0)
    assert f"{expected.wells:,} " in str(report)
    assert len(report.plates) == expected.plates


@pytest.mark.parametrize("name", TABLES)
def test_anndata_sees_the_same(name: str, shared_data: Path, tmp_path: Path) -> None:
    import anndata

    plate, _ = convert(shared_data, name, tmp_path)
    data = anndata.read_h5ad(tmp_path / "plate.h5ad")
    np.testing.assert_array_equal(data.X, plate.embeddings)
    assert data.var_names.tolist() == list(plate.feature_names)
    assert data.obs_names.tolist() == plate.wells.index.tolist()
    assert list(data.obs.columns) == list(plate.wells.columns)
    for column in plate.wells:
        ours = plate.wells[column].astype(object).where(plate.wells[column].notna(), None)
        theirs = data.obs[column].astype(object)
        assert theirs.where(theirs.notna(), None).tolist() == ours.tolist(), column
    assert data.uns["embedding"]["space"] == plate.space


def test_cell_injury_in_detail(shared_data: Path, tmp_path: Path) -> None:
    start = time.perf_counter()
    plate, report = convert(shared_data, "u2os_cell_injury.parquet", tmp_path)
    assert time.perf_counter() - start < 20  # about one second on an idle machine
    source = pd.read_parquet(shared_data / "u2os_cell_injury.parquet")
    assert report.dropped_wells == ("BR00114099:I11", "BR00110035:J10")
    assert report.dropped_features == ()
    assert report.filled == 0
    gone = source[[f"f_{name}" for name in plate.feature_names]].isna().all(axis=1)
    kept = source[~gone].reset_index(drop=True)
    features = kept[[f"f_{name}" for name in plate.feature_names]].to_numpy()
    np.testing.assert_array_equal(plate.embeddings, features)
    treated = plate.is_treated
    assert (plate.wells[CONCENTRATION].to_numpy()[treated] == kept["conc_uM"].to_numpy()[treated]).all()
    assert (plate.wells[SMILES].to_numpy()[treated] == kept["smiles"].to_numpy()[treated]).all()
    assert plate.wells.index[0] == f"{kept['plate'][0]}:{plate.wells[WELL].iloc[0]}"
    mechanisms = set(plate.wells[MECHANISM].dropna())
    assert "Hsp90" in mechanisms
    assert not any(mechanism.isdecimal() for mechanism in mechanisms)


def test_treatments_keep_the_text_in_place_of_a_well(shared_data: Path, tmp_path: Path) -> None:
    plate, report = convert(shared_data, "subprofiles.parquet", tmp_path)
    assert plate.wells["Metadata_source_well"].iloc[0] == "101008:01:23_10.00"
    assert plate.wells.index[0] == "row 1"
    assert plate.wells[CONCENTRATION].nunique() == 19
    assert "101008:01:23_10.00" in str(report)


def test_incomplete_features_are_dropped_and_counted(shared_data: Path, tmp_path: Path) -> None:
    plate, report = convert(shared_data, "nci60.parquet", tmp_path)
    source = pd.read_parquet(shared_data / "nci60.parquet")
    assert len(report.dropped_features) == 20
    left = source[list(plate.feature_names)]
    assert report.filled == int(left.isna().sum().sum())
    present = left.notna().to_numpy()
    np.testing.assert_array_equal(plate.embeddings[present], left.to_numpy()[present])


def test_published_profiles_in_detail(shared_data: Path, tmp_path: Path) -> None:
    plate, report = convert(
        shared_data, "original/BR00117060a10x_normalized_feature_select_negcon_plate.csv.gz", tmp_path
    )
    assert plate.barcodes == ("BR00117060a10x",)
    assert plate.wells.index[0] == "BR00117060a10x:A01"
    assert report.mapped[COMPOUND] == "Metadata_broad_sample"
    assert report.mapped[NAME] == "Metadata_pert_iname"
    assert plate.wells["Metadata_Count_Cells"].dtype == np.int64
    assert plate.wells["Metadata_Count_Cells"].iloc[0] == 2266
    assert plate.wells[INCHIKEY].iloc[0] == "ZYVXTMKTGDARKR-UHFFFAOYSA-N"


def test_bbbc021_controls_are_the_rows_named_dmso(shared_data: Path, tmp_path: Path) -> None:
    name = "original/BBBC021_feature_selected_mad_robustize.csv"
    plate, _ = convert(shared_data, name, tmp_path)
    source = pd.read_csv(shared_data / name)
    assert plate.is_negative_control.tolist() == (source["Metadata_Compound"] == "DMSO").tolist()
    assert plate.wells[NAME].tolist() == source["Metadata_Compound"].tolist()
    treated = plate.is_treated
    assert plate.wells[CONCENTRATION][treated].tolist() == source["Metadata_Concentration"][treated].tolist()


def test_structures_join_from_a_compound_table(shared_data: Path, tmp_path: Path) -> None:
    """The published table has no structures; those of the Parquet table, joined by name, give its wells theirs."""
    other = pd.read_parquet(shared_data / "bbbc021.parquet")
    compounds = other[["name", "smiles"]].dropna().drop_duplicates()
    compounds.to_csv(tmp_path / "compounds.csv", index=False)
    report = convert_table(
        shared_data / "original/BBBC021_feature_selected_mad_robustize.csv",
        tmp_path / "plate.h5ad",
        compounds=tmp_path / "compounds.csv",
    )
    plate = read_plate(tmp_path / "plate.h5ad")
    (join,) = report.joins
    assert join.joined == int(plate.wells[NAME].isin(compounds["name"]).sum()) == 148
    assert plate.wells[SMILES].notna().sum() == 148
    assert len(plate) == 632
    expected = compounds.set_index("name")["smiles"]
    for name, smiles in zip(plate.wells[NAME], plate.wells[SMILES], strict=True):
        assert smiles == expected.get(name)


def test_jump_compounds_join_by_their_ids(shared_data: Path, tmp_path: Path) -> None:
    with gzip.open(shared_data / "jump_compounds.csv.gz", "rt") as file:
        lines = [next(file).strip().split(",") for _ in range(4)][1:]
    ids = [line[0] for line in lines] + ["JCP2022_none"]
    table = pd.DataFrame({"Metadata_JCP2022": ids, "Metadata_Well": ["A01", "A02", "A03", "A04"], "X_1": range(4)})
    table.to_csv(tmp_path / "jump.csv", index=False)
    report = convert_table(
        tmp_path / "jump.csv", tmp_path / "plate.h5ad", compounds=shared_data / "jump_compounds.csv.gz"
    )
    assert read_plate(tmp_path / "plate.h5ad").wells[SMILES].tolist() == [*(line[1] for line in lines), None]
    assert report.joins[0].not_found == ("JCP2022_none",)
    with gzip.open(shared_data / "jump_compounds.csv.gz", "rt") as file:
        assert report.joins[0].unused == sum(1 for _ in file) - 1 - 3
