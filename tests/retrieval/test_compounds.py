from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from molphenix_core.errors import TableError
from molphenix_core.retrieval.compounds import read_compound_table


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet", "table.tsv"])
def test_columns_are_found_by_the_names_of_the_field(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    table = pd.DataFrame(
        {
            "Metadata_JCP2022": ["0012", "0013"],
            "SMILES": ["CCO", None],
            "pert_iname": ["ethanol", "NA"],
            "MOA": ["solvent", None],
            "weight": [46.07, 0.0],
        }
    )
    if name.endswith("parquet"):
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    found = read_compound_table(path)
    assert found["smiles"].tolist() == ["CCO", ""]
    assert found["compound_id"].tolist() == ["0012", "0013"]
    assert found["name"].tolist()[0] == "ethanol"
    assert found["mechanism"].tolist() == ["solvent", ""]


@pytest.mark.parametrize("header", ["", "SMILES\tname\n"])
def test_lines_of_smiles(tmp_path: Path, header: str) -> None:
    path = tmp_path / "list.smi"
    path.write_text(header + "CCO ethanol absolute\n\n[Na+].[Cl-]\tsalt\nC\n", encoding="utf-8")
    found = read_compound_table(path)
    assert found["smiles"].tolist() == ["CCO", "[Na+].[Cl-]", "C"]
    assert found["name"].tolist() == ["ethanol absolute", "salt", ""]


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("a.csv", b"name,weight\nethanol,46\n", "SMILES"),
        ("a.csv", b"", None),
        ("a.csv", b"smiles\n", None),
        ("a.parquet", b"PAR1 not", None),
        ("a.smi", b"\n\n", "file"),
        ("a.smi", b"\xff\xfe\x00", "file"),
    ],
)
def test_what_is_no_compound_table_is_named(tmp_path: Path, name: str, content: bytes, field: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_compound_table(path)
    assert caught.value.source == str(path)
    assert field is None or caught.value.field == field


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    for name in ("absent.csv", "absent.smi"):
        with pytest.raises(TableError, match=name):
            read_compound_table(tmp_path / name)


@pytest.mark.data
def test_the_compounds_of_jump(shared_data: Path) -> None:
    found = read_compound_table(shared_data / "jump_compounds.csv.gz")
    assert found["compound_id"].is_unique
    assert len(found) == 116_753
    assert found["compound_id"].iloc[0] == "JCP2022_000001"
    assert (found["smiles"] != "").all()
