"""Hits of a whole plate, as a table and in files that other programs read back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from rdkit import Chem
from shipped import demo_workbench, shipped_bundle, shipped_library
from simulated_plates import simulated_plate

from molphenix_core.errors import Cancelled, InputError
from molphenix_core.retrieval import hit_files
from molphenix_core.retrieval.hit_files import require_hits_format, write_hits
from molphenix_core.retrieval.hits import hits_table, selection_hits
from molphenix_core.retrieval.ranking import rank_wells
from molphenix_core.retrieval.workbench import open_workbench


@pytest.fixture(scope="module")
def hits() -> pd.DataFrame:
    rows = np.flatnonzero(np.isin(demo_workbench().treatment_of_well, range(8)))
    return hits_table(demo_workbench(), shipped_bundle(), shipped_library(), rows=rows, top=4)


def test_every_treatment_has_hits_of_both_kinds(hits: pd.DataFrame) -> None:
    counts = hits.groupby(["query_name", "query_dose_micromolar", "kind"]).size()
    assert len(counts) == 16
    assert (counts == 4).all()
    assert set(hits.loc[hits["kind"] == "predicted", "hit_origin"]) == {"library"}
    assert not (hits.loc[hits["kind"] == "measured", "hit_origin"] == "library").any()
    assert hits.loc[hits["kind"] == "measured", "hit_seen_in_training"].isna().all()


def test_hits_are_those_of_the_ranking(hits: pd.DataFrame) -> None:
    opened = demo_workbench()
    ranking = rank_wells(
        opened, np.flatnonzero(opened.treatment_of_well == 3), shipped_bundle(), shipped_library()
    )
    own = opened.treatments.iloc[3]
    here = hits[(hits["query_name"] == own["name"]) & (hits["query_dose_micromolar"] == own["concentration"])]
    assert here[here["kind"] == "predicted"]["hit_name"].tolist() == ranking.candidates["name"][:4].tolist()
    assert here[here["kind"] == "measured"]["hit_name"].tolist() == ranking.measured["name"][:4].tolist()
    assert (here["query_p_value"] == own["p_value"]).all()


def test_hits_carry_the_chance_and_how_far_from_training_they_are(hits: pd.DataFrame) -> None:
    opened = demo_workbench()
    ranking = rank_wells(
        opened, np.flatnonzero(opened.treatment_of_well == 3), shipped_bundle(), shipped_library()
    )
    assert ranking.applicability is not None
    own = opened.treatments.iloc[3]
    here = hits[(hits["query_name"] == own["name"]) & (hits["query_dose_micromolar"] == own["concentration"])]
    assert set(here["chance"]) == {ranking.chance.text}
    calibrated = hits["chance_percent"].notna()
    assert calibrated.any()
    seen = hits["query_seen_in_training"].eq(True)
    for where, of in ((seen, "molecules seen in training, on new plates of the same screen"), (~seen, "unseen")):
        assert hits.loc[calibrated & where, "chance_holds_for"].str.contains(of, regex=False).all()
    assert (calibrated & seen).any()
    assert hits.loc[~calibrated, "chance_holds_for"].isna().all()
    assert set(here["query_training_distance_percentile"]) == {ranking.applicability.percentile}
    predicted = here[here["kind"] == "predicted"]
    assert (
        predicted["hit_nearest_training_similarity"].tolist()
        == ranking.candidates["nearest_training_similarity"][:4].tolist()
    )
    assert hits["hit_nearest_training"].notna().all()
    assert set(hits["hit_outside_training"]) <= {True, False}


def test_a_whole_plate_by_wells() -> None:
    opened = demo_workbench()
    rows = np.flatnonzero(opened.treatment_of_well >= 0)[:5]
    table = hits_table(opened, shipped_bundle(), shipped_library(), by="well", rows=rows, top=2)
    assert len(table) == 5 * 4
    assert (table["query_replicates"] == 1).all()
    assert table["query_wells"].drop_duplicates().tolist() == opened.plate.wells.index[rows].tolist()


def test_a_selection_is_ranked_as_the_window_does() -> None:
    opened, bundle, library = demo_workbench(), shipped_bundle(), shipped_library()
    wells = np.flatnonzero(opened.treatment_of_well == 5)
    table = selection_hits(opened, wells, bundle, library, top=3)
    whole = hits_table(opened, bundle, library, rows=wells, top=3)
    pd.testing.assert_frame_equal(table, whole)
    mixed = np.array([wells[0], int(np.flatnonzero(opened.plate.is_negative_control)[0])])
    table = selection_hits(opened, mixed, bundle, library, top=3)
    assert table["query_name"].isna().all()
    assert (table["query_replicates"] == 2).all()
    assert table["hit_rank"].tolist() == [1, 2, 3, 1, 2, 3]


def test_csv_reads_back(hits: pd.DataFrame, tmp_path: Path) -> None:
    write_hits(hits, tmp_path / "hits.csv")
    back = pd.read_csv(tmp_path / "hits.csv")
    assert list(back.columns) == list(hits.columns)
    assert back["hit_smiles"].tolist() == hits["hit_smiles"].tolist()
    np.testing.assert_allclose(back["hit_cosine"], hits["hit_cosine"].astype(float), rtol=1e-5)
    assert max(len(text) for text in pd.read_csv(tmp_path / "hits.csv", dtype=str)["hit_cosine"]) <= 10
    assert [path.name for path in tmp_path.iterdir()] == ["hits.csv"]


def test_sdf_reads_back_with_structure_stereochemistry_and_properties(hits: pd.DataFrame, tmp_path: Path) -> None:
    write_hits(hits, tmp_path / "hits.sdf")
    with Chem.SDMolSupplier(str(tmp_path / "hits.sdf")) as supplier:
        molecules = list(supplier)
    kept = hits[hits["hit_smiles"].notna()]
    assert len(molecules) == len(kept)
    assert any("@" in smiles for smiles in kept["hit_smiles"])
    for molecule, (_, hit) in zip(molecules, kept.iterrows(), strict=True):
        assert Chem.MolToInchiKey(molecule) == hit["hit_inchikey"]
        assert molecule.GetProp("kind") == hit["kind"]
        assert molecule.GetProp("_Name") == " ".join(hit["hit_name"].split())
        assert float(molecule.GetProp("hit_cosine")) == pytest.approx(hit["hit_cosine"], rel=1e-4)
        positions = molecule.GetConformer().GetPositions()
        assert molecule.GetNumAtoms() == 1 or np.ptp(positions[:, :2]) > 0.5


def test_workbook_reads_back_with_pictures_of_structures(hits: pd.DataFrame, tmp_path: Path) -> None:
    few = hits.head(5).copy()
    few.loc[few.index[0], "hit_name"] = "=HYPERLINK(1)"
    few.loc[few.index[1], "hit_smiles"] = None
    write_hits(few, tmp_path / "hits.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "hits.xlsx").active
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == ["hit_structure", *few.columns]
    at = header.index("hit_cosine")
    assert [row[at] for row in rows] == pytest.approx(few["hit_cosine"].astype(float).tolist())
    assert rows[0][header.index("hit_name")] == "=HYPERLINK(1)"
    assert sorted(image.anchor._from.row for image in sheet._images) == [1, 3, 4, 5]


def test_csv_runs_nothing_in_a_spreadsheet(hits: pd.DataFrame, tmp_path: Path) -> None:
    odd = hits.head(1).assign(hit_name="=1+1")
    write_hits(odd, tmp_path / "hits.csv")
    assert pd.read_csv(tmp_path / "hits.csv")["hit_name"].tolist() == ["'=1+1"]


def test_names_with_line_breaks_do_not_break_an_sd_file(hits: pd.DataFrame, tmp_path: Path) -> None:
    odd = hits.copy()
    odd["hit_name"] = "a\n\n$$$$\nb"
    odd["note"] = "> <fake>\n\nx"
    write_hits(odd, tmp_path / "odd.sdf")
    with Chem.SDMolSupplier(str(tmp_path / "odd.sdf")) as supplier:
        molecules = list(supplier)
    assert len(molecules) == odd["hit_smiles"].notna().sum()
    assert all(molecule is not None and molecule.GetProp("hit_is_own_molecule") for molecule in molecules)


def test_an_sd_file_counts_what_it_holds_and_leaves_out_refused_structures(
    hits: pd.DataFrame, tmp_path: Path
) -> None:
    few = hits.head(5).copy()
    few.loc[few.index[0], "hit_smiles"] = None
    few.loc[few.index[1], "hit_smiles"] = "C1CC"
    assert write_hits(few, tmp_path / "hits.sdf") == 3
    assert (tmp_path / "hits.sdf").read_text().count("$$$$") == 3
    assert write_hits(few, tmp_path / "hits.csv") == write_hits(few, tmp_path / "hits.xlsx") == 5


def test_an_sd_file_tells_how_far_it_is_and_can_be_stopped(hits: pd.DataFrame, tmp_path: Path) -> None:
    many = pd.concat([hits.head(10)] * 20, ignore_index=True)
    shares: list[float] = []
    write_hits(many, tmp_path / "hits.sdf", progress=lambda share, _text: shares.append(share))
    assert len(shares) > 2
    assert shares == sorted(shares)

    def stop(share: float, _text: str) -> None:
        if share > 0:
            raise Cancelled

    (tmp_path / "hits.sdf").write_text("before")
    with pytest.raises(Cancelled):
        write_hits(many, tmp_path / "hits.sdf", progress=stop)
    assert (tmp_path / "hits.sdf").read_text() == "before"


def test_measured_treatments_without_structure_stay_out_of_an_sd_file(tmp_path: Path) -> None:
    opened = open_workbench(simulated_plate(structures=False, encoder="unknown"), None)
    table = hits_table(opened, None, None, top=2)
    assert set(table["kind"]) == {"measured"}
    assert table["hit_smiles"].isna().all()
    assert table["true_molecule_rank"].isna().all()
    write_hits(table, tmp_path / "none.sdf")
    assert (tmp_path / "none.sdf").read_text() == ""
    write_hits(table, tmp_path / "some.csv")
    assert len(pd.read_csv(tmp_path / "some.csv")) == len(table)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "sdf"])
def test_no_hits_are_an_empty_table_with_its_columns(hits: pd.DataFrame, tmp_path: Path, ending: str) -> None:
    controls = np.flatnonzero(demo_workbench().plate.is_negative_control)
    table = hits_table(demo_workbench(), shipped_bundle(), shipped_library(), rows=controls)
    assert len(table) == 0
    assert list(table.columns) == list(hits.columns)
    write_hits(table, tmp_path / f"none.{ending}")
    assert (tmp_path / f"none.{ending}").is_file()


@pytest.mark.parametrize("name", ["hits.txt", "hits", "hits.csv.gz"])
def test_other_endings_are_refused(hits: pd.DataFrame, tmp_path: Path, name: str) -> None:
    for call in (lambda: write_hits(hits, tmp_path / name), lambda: require_hits_format(tmp_path / name)):
        with pytest.raises(InputError, match=r"expected \.csv or \.xlsx or \.sdf"):
            call()
    assert not list(tmp_path.iterdir())


def test_what_was_there_stays_when_writing_fails(
    hits: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hits.csv").write_text("mine")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hit_files, "_write_csv", full)
    with pytest.raises(InputError, match="No space left"):
        write_hits(hits, tmp_path / "hits.csv")
    assert (tmp_path / "hits.csv").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(InputError, match="absent"):
        write_hits(hits, tmp_path / "absent" / "hits.csv")


def test_simulated_data_say_so() -> None:
    opened = dataclasses.replace(open_workbench(simulated_plate(), None))
    assert hits_table(opened, None, None, top=1)["simulated"].all()


def test_ranking_can_be_stopped() -> None:
    def stop(_: float, __: str) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        hits_table(demo_workbench(), shipped_bundle(), shipped_library(), progress=stop)
