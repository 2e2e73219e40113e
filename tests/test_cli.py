"""The command line, as a screener types it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from shipped import MODEL, demo_plate
from simulated_plates import simulated_plate

from molphenix_core.cli import main
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.retrieval.library import open_library

REPOSITORY = Path(__file__).resolve().parents[1]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit status of the command line."""
    monkeypatch.setattr(sys, "argv", ["molphenix", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def molphenix(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Runs a command and gives exit status, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        status = run(monkeypatch, *arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def refused(molphenix):  # type: ignore[no-untyped-def]
    """Runs a command that must fail, and gives its one line."""

    def call(*arguments: object) -> str:
        status, _, err = molphenix(*arguments)
        assert status == 2
        assert "Traceback" not in err
        lines = [line for line in err.splitlines() if not line.startswith("note: ")]
        assert len(lines) == 1, err
        assert lines[0].startswith("molphenix: ")
        assert ": found " in lines[0]
        assert "; expected " in lines[0]
        return lines[0]

    return call


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "molphenix_core"],
        [sys.executable, "-m", "molphenix_core.cli"],
        [str(Path(sysconfig.get_path("scripts")) / ("molphenix.exe" if sys.platform == "win32" else "molphenix"))],
    ],
)
def test_the_program_starts_by_all_its_names(command: list[str]) -> None:
    if not command[1:] and not Path(command[0]).is_file():
        pytest.skip("the package is not installed in this environment")
    done = subprocess.run([*command, "--version"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.startswith("molphenix 0.")
    helped = subprocess.run([*command, "--help"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert all(name in helped.stdout for name in ("convert", "encode", "evaluate", "library", "rank", "train"))


def test_errors_in_a_process_of_its_own_have_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "molphenix_core", "rank", str(tmp_path / "no.h5ad"), "--out", "x.csv"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "no.h5ad: file: found" in done.stderr


def test_rank_writes_hits_of_the_demo_plate(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    treatments = 156
    for name in ("hits.csv", "hits.sdf"):
        status, out, err = molphenix("rank", demo_plate(), "--out", tmp_path / name, "--top", 2)
        assert status == 0
        assert err == ""
        assert out.strip().endswith(f"{4 * treatments} hits for {treatments} treatments against 1,747 molecules")
    table = pd.read_csv(tmp_path / "hits.csv")
    assert len(table) == 4 * treatments
    with Chem.SDMolSupplier(str(tmp_path / "hits.sdf")) as supplier:
        assert len(list(supplier)) == table["hit_smiles"].notna().sum()


def test_report_writes_one_page_of_the_demo_plate(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = tmp_path / "report.html"
    status, out, _err = molphenix("report", demo_plate(), "--out", page, "--hits", 2, "--max-q", 0.04)
    assert status == 0
    assert "of 156 treatments are hits" in out
    assert "q-value at most 0.04" in page.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_rank_by_wells_ranks_each_replicate(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, _, _ = molphenix("rank", demo_plate(), "--out", tmp_path / "w.csv", "--by", "well", "--top", 1)
    assert status == 0
    wells = int((read_plate(demo_plate()).is_treated).sum())
    assert len(pd.read_csv(tmp_path / "w.csv")) == 2 * wells


def test_a_plate_in_an_unknown_space_is_ranked_by_measured_treatments(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_plate(simulated_plate(encoder="unknown", names=[f"f_{i}" for i in range(30)]), tmp_path / "p.h5ad")
    status, _, err = molphenix("rank", tmp_path / "p.h5ad", "--out", tmp_path / "h.csv")
    assert status == 0
    assert "note: measured treatments only: embedding space: found" in err
    hits = pd.read_csv(tmp_path / "h.csv")
    assert set(hits["kind"]) == {"measured"}
    assert hits["simulated"].all()


def test_evaluate_prints_and_writes_recall_beside_chance(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = molphenix("evaluate", demo_plate(), "--report", tmp_path / "r.json")
    assert status == 0
    report = json.loads((tmp_path / "r.json").read_text(), parse_constant=pytest.fail)
    rows = [row for row in report["figures"] if "method" in row]
    assert {row["split"] for row in rows} == {"all molecules", "seen molecules", "unseen molecules"}
    assert {"retriever", "kernel ridge on Tanimoto, sphered"} <= {row["method"] for row in rows}
    for row in rows:
        assert row["chance"] == pytest.approx(row["k"] / row["candidates"], abs=1e-4)
        low, high = row["recall_interval"]
        assert low <= row["recall_top_1_percent"] <= high
    assert "chance" in out
    assert "retriever" in out


def test_convert_encode_train_and_build_follow_on_each_other(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plate = simulated_plate(molecules=24, doses=(1.0, 10.0))
    table = plate.wells.assign(**dict(zip(plate.feature_names, plate.embeddings.T, strict=True)))
    table.to_csv(tmp_path / "profiles.csv", index=False)
    status, out, _ = molphenix("convert", tmp_path / "profiles.csv", "--out", tmp_path / "plate.h5ad")
    assert status == 0
    assert "plate.h5ad" in out
    job = {
        "name": "tiny",
        "data": [{"path": "plate.h5ad", "title": "simulated"}],
        "encoder": {"components": 8},
        "split": {"held_out_plates": ["S3"]},
        "molecule_features": ["maccs"],
        "model": {"joint": 16, "width": 24},
        "fit": {"epochs": 2, "batch_size": 16, "device": "auto"},
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    status, out, _ = molphenix("train", tmp_path / "job.json", "--device", "cpu")
    assert status == 0
    events = [json.loads(line) for line in out.splitlines()]
    assert {"data", "epoch", "figures", "done"} <= {event["event"] for event in events}
    assert load_bundle(tmp_path / "tiny").name == "tiny"
    model = ["--model", tmp_path / "tiny"]
    status, out, _ = molphenix(
        "encode", tmp_path / "plate.h5ad", "--out", tmp_path / "e.h5ad", "--plate", "S3", *model
    )
    assert status == 0
    encoded = read_plate(tmp_path / "e.h5ad")
    assert encoded.barcodes == ("S3",)
    assert encoded.space in load_bundle(tmp_path / "tiny").spaces
    (tmp_path / "mine.csv").write_text("name,smiles\nethanol,CCO\nphenol,c1ccccc1O\nbroken,C1CC\n")
    status, out, _ = molphenix(
        "library", "build", tmp_path / "mine.csv", "--out", tmp_path / "lib", "--doses", "1,10,unknown", *model
    )
    assert status == 0
    library = open_library(tmp_path / "lib")
    assert len(library) == 2
    assert np.isnan(library.doses).tolist() == [False, False, True]
    status, _, _ = molphenix(
        "rank", tmp_path / "plate.h5ad", "--out", tmp_path / "h.csv", "--library", tmp_path / "lib", *model
    )
    assert status == 0
    assert set(pd.read_csv(tmp_path / "h.csv")["kind"]) == {"predicted", "measured"}


@pytest.mark.data
def test_convert_takes_the_published_profiles(molphenix, shared_data: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, out, _ = molphenix("convert", shared_data / "cpjump1_csn128.parquet", "--out", tmp_path / "p.h5ad")
    assert status == 0
    assert len(read_plate(tmp_path / "p.h5ad")) == 819
    assert "819" in out


# --- input that is not what it should be -------------------------------------------------------------------------


def test_normalise_records_what_it_did_and_never_does_it_twice(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source, once, twice = (tmp_path / f"{name}.h5ad" for name in ("source", "once", "twice"))
    write_plate(simulated_plate(controls=16), source)
    status, out, _ = molphenix("normalise", source, "--sphere", "--out", once)
    assert status == 0
    assert "robust-to-controls, sphered-to-controls" in out
    assert molphenix("normalise", once, "--sphere", "--out", twice)[0] == 0
    assert read_plate(once).space == read_plate(twice).space
    np.testing.assert_array_equal(read_plate(once).embeddings, read_plate(twice).embeddings)


@pytest.fixture
def plate_file(tmp_path: Path) -> Path:
    write_plate(simulated_plate(molecules=4), tmp_path / "plate.h5ad")
    return tmp_path / "plate.h5ad"


def _edit(path: Path, name: str, change) -> None:  # type: ignore[no-untyped-def]
    """Change one dataset of a plate file, and drop the digest that another program would not write either."""
    with h5py.File(path, "r+") as file:
        values = file[name][()]
        attributes = dict(file[name].attrs)
        del file[name]
        made = file.create_dataset(name, data=change(values))
        made.attrs.update(attributes)
        if "molphenix" in file["uns"]:
            del file["uns/molphenix"]


def _with(values: np.ndarray, number: float) -> np.ndarray:
    values[3, 2] = number
    return values


def _renamed(values: np.ndarray, well: bytes) -> np.ndarray:
    values[1] = well
    return values


def test_a_file_that_is_not_hdf5(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "plate.h5ad").write_text("well,feature\nA01,1\n")
    assert "plate.h5ad" in refused("rank", tmp_path / "plate.h5ad", "--out", tmp_path / "h.csv")


def test_a_truncated_file(refused, plate_file: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plate_file.write_bytes(plate_file.read_bytes()[:-3000])
    assert "plate.h5ad" in refused("rank", plate_file, "--out", tmp_path / "h.csv")


def test_no_embedding(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with h5py.File(tmp_path / "plate.h5ad", "w") as file:
        file.create_group("obs")
    assert "plate.h5ad: X" in refused("rank", tmp_path / "plate.h5ad", "--out", tmp_path / "h.csv")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers(refused, plate_file: Path, tmp_path: Path, number: float) -> None:  # type: ignore[no-untyped-def]
    _edit(plate_file, "X", lambda values: _with(values, number))
    assert "plate.h5ad" in refused("rank", plate_file, "--out", tmp_path / "h.csv")


def test_another_width(refused, plate_file: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _edit(plate_file, "X", lambda values: values[:, :-1])
    assert "plate.h5ad" in refused("rank", plate_file, "--out", tmp_path / "h.csv")


def test_wells_off_the_plate_and_wells_twice(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for wells, message in ((["A01", "A01", "B02"], "A01"), (["A01", "ZZ99", "B02"], "ZZ99")):
        table = pd.DataFrame({"Metadata_Plate": "P", "Metadata_Well": wells, "Cells_A": [1.0, 2.0, 3.0]})
        table.to_csv(tmp_path / "t.csv", index=False)
        assert message in refused("convert", tmp_path / "t.csv", "--out", tmp_path / "p.h5ad")
    assert not (tmp_path / "p.h5ad").exists()


def test_structures_that_are_none_are_notes_and_the_plate_is_ranked(molphenix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plate = simulated_plate(molecules=4)
    plate.wells.loc[plate.wells["Metadata_SMILES"] == "Cc1ccccc1", "Metadata_SMILES"] = "C1CC"
    write_plate(plate, tmp_path / "p.h5ad")
    status, _, err = molphenix("rank", tmp_path / "p.h5ad", "--out", tmp_path / "h.csv")
    assert status == 0
    assert "note: structure 'C1CC' not used" in err


def test_a_table_of_nothing_but_broken_structures(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine.csv").write_text("name,smiles\nbroken,C1CC\n")
    assert "C1CC" in refused("library", "build", tmp_path / "mine.csv", "--out", tmp_path / "lib")
    assert not (tmp_path / "lib").exists()


def test_an_unknown_embedding_space_cannot_be_evaluated_or_encoded(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_plate(simulated_plate(encoder="unknown", names=[f"f_{i}" for i in range(30)]), tmp_path / "p.h5ad")
    assert "embedding space" in refused("evaluate", tmp_path / "p.h5ad", "--report", tmp_path / "r.json")
    assert "embedding space" in refused("encode", tmp_path / "p.h5ad", "--out", tmp_path / "e.h5ad")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.h5ad"]


def test_a_bundle_whose_hash_is_off(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shutil.copytree(MODEL, tmp_path / "model")
    weights = next((tmp_path / "model").glob("*/model.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    line = refused("rank", demo_plate(), "--out", tmp_path / "h.csv", "--model", tmp_path / "model")
    assert "model.safetensors: SHA-256: found" in line
    assert not (tmp_path / "h.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rank", "PLATE", "--out", "h.txt"], "h.txt: file name: found .txt; expected .csv or .xlsx or .sdf"),
        (["rank", "PLATE", "--out", "h.csv", "--by", "plate"], "--by: found 'plate'; expected treatment or well"),
        (["rank", "PLATE", "--out", "nowhere/h.csv"], "nowhere"),
        (["rank", "PLATE", "--out", "h.csv", "--library", "nowhere"], "nowhere"),
        (["rank", "PLATE", "--out", "h.csv", "--model", "nowhere"], "nowhere"),
        (["encode", "PLATE", "--out", "e.h5ad", "--plate", "P9"], "Metadata_Plate: found no plate 'P9'"),
        (["library", "build", "absent.csv", "--out", "lib"], "absent.csv"),
        (["convert", "absent.csv", "--out", "p.h5ad"], "absent.csv"),
        (["convert", "absent.csv", "--out", "p.h5ad", "--column", "Well"], "--column"),
        (["train", "absent.json"], "absent.json"),
    ],
)
def test_what_does_not_exist_or_fit_is_named(
    refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert message in refused(*[demo_plate() if word == "PLATE" else word for word in arguments])
    assert not list(tmp_path.iterdir())


def test_doses_that_are_none_are_refused(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine.csv").write_text("name,smiles\nethanol,CCO\n")
    for doses in ("ten", "0", "-1", "1,1", "1,inf"):
        assert "doses" in refused(
            "library", "build", tmp_path / "mine.csv", "--out", tmp_path / "lib", f"--doses={doses}"
        )


def test_a_folder_that_is_no_library_is_not_replaced(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "mine.csv").write_text("name,smiles\nethanol,CCO\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "thesis.doc").write_text("mine")
    assert "lib" in refused("library", "build", tmp_path / "mine.csv", "--out", tmp_path / "lib")
    assert (tmp_path / "lib" / "thesis.doc").read_text() == "mine"


def test_a_plate_without_wells_to_rank(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plate = simulated_plate()
    write_plate(plate.take(plate.is_negative_control), tmp_path / "p.h5ad")
    assert "no treated well" in refused("rank", tmp_path / "p.h5ad", "--out", tmp_path / "h.csv")


@pytest.mark.parametrize("command", ["train", "library"])
def test_a_place_that_cannot_be_written_to_is_found_before_the_work(refused, tmp_path: Path, command: str) -> None:  # type: ignore[no-untyped-def]
    occupied = tmp_path / "occupied"
    occupied.write_text("here", encoding="utf-8")
    out = occupied / "deeper" / "out"
    if command == "train":
        job = tmp_path / "job.json"
        job.write_text('{"name": "m", "data": [{"path": "no such plate.h5ad"}]}', encoding="utf-8")
        message = refused("train", job, "--out", out)
    else:
        table = tmp_path / "molecules.csv"
        table.write_text("name,smiles\nethanol,CCO\n", encoding="utf-8")
        message = refused("library", "build", table, "--out", out)
    assert "a folder to write into" in message
    assert "no such plate" not in message
