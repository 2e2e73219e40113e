"""Reading tables: separators, encodings, compression, Parquet, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molphenix_core.errors import TableError
from molphenix_core.plates import tables
from molphenix_core.plates.tables import read_profile_table


def write(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_separators_line_ends_and_compression_do_not_matter(
    separator: str, line_end: str, packed: bool, tmp_path: Path
) -> None:
    lines = [["Metadata_Well", "name", "x"], ["A01", '"a, b; c"', "1.5"], ["A02", "", "-2e3"]]
    content = line_end.join(separator.join(line) for line in lines).encode()
    path = write(tmp_path, gzip.compress(content) if packed else content, "any.name")
    frame = read_profile_table(path).frame
    assert frame["Metadata_Well"].tolist() == ["A01", "A02"]
    assert frame["name"].iloc[0] == "a, b; c"
    assert pd.isna(frame["name"].iloc[1])
    assert frame["x"].tolist() == [1.5, -2000.0]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(categories=["L", "N", "P"]), min_size=1).filter(
                lambda t: t.lower() not in {"na", "nan", "null", "none", "n/a"}
            ),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=6,
    ),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_any_texts_and_numbers_come_back(rows: list[tuple[str, float]], separator: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(rows, columns=["text µ", "number"])
    path = tmp_path / "table.csv"
    frame.to_csv(path, sep=separator, index=False)
    found = read_profile_table(path, as_text=lambda name: name == "text µ").frame
    assert found["text µ"].tolist() == frame["text µ"].tolist()
    assert found["number"].tolist() == frame["number"].tolist()


def test_identifiers_keep_their_zeros(tmp_path: Path) -> None:
    path = write(tmp_path, "id,x\n0012,1\n0100,2\n")
    assert read_profile_table(path, as_text=lambda name: name == "id").frame["id"].tolist() == [
        "0012",
        "0100",
    ]


@pytest.mark.parametrize(("encoding", "noted"), [("utf-8", False), ("utf-8-sig", False), ("latin-1", True)])
def test_encodings(encoding: str, noted: bool, tmp_path: Path) -> None:
    table = read_profile_table(write(tmp_path, "name,dose\nβ-x,1\n".replace("β", "µ").encode(encoding)))
    assert table.frame["name"].tolist() == ["µ-x"]
    assert list(table.frame.columns) == ["name", "dose"]
    assert any("Latin-1" in note for note in table.notes) == noted


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    table = read_profile_table(write(tmp_path, "well;x;y\nA01;1,5;2\nA02;-0,25;3\n"))
    assert table.frame["x"].tolist() == [1.5, -0.25]
    assert any("decimal comma" in note for note in table.notes)
    assert read_profile_table(write(tmp_path, "w;x;y\nA;1.5;a,b\nB;2.5;1,2\n")).frame["x"].tolist() == [
        1.5,
        2.5,
    ]


def test_a_saved_index_and_empty_columns_are_left_out(tmp_path: Path) -> None:
    table = read_profile_table(write(tmp_path, ",well,x,\n0,A01,1,\n1,A02,2,\n"))
    assert list(table.frame.columns) == ["well", "x"]
    assert any("2 columns" in note for note in table.notes)
    with pytest.raises(TableError, match="column 1: found values but no name; expected a name in the header"):
        read_profile_table(write(tmp_path, ",well,x\n5,A01,1\n1,A02,2\n"))


def test_parquet_with_an_index_and_categories(tmp_path: Path) -> None:
    frame = pd.DataFrame({"well": pd.Categorical(["A01", "A02"]), "x": np.float32([1, 2])}, index=[7, 9])
    path = tmp_path / "table.csv"  # the content tells, not the ending
    frame.to_parquet(path)
    found = read_profile_table(path).frame
    assert found["well"].tolist() == ["A01", "A02"]
    assert found["x"].tolist() == [1, 2]
    assert found.index.tolist() == [0, 1]
    assert list(found.columns) == ["well", "x"]


@pytest.mark.parametrize(
    ("content", "field", "found", "expected"),
    [
        (b"", "header", "an empty file", "names of columns"),
        (b"\n \n", "header", "an empty file", "names of columns"),
        (b"just a line\nand another\n", "header", "'just a line", "comma, semicolon or tab"),
        (b"a,b,a\n1,2,3\n", "header", "'a' more than once", "each column named once"),
        (b"a, a\n1,2\n", "header", "'a' more than once", "each column named once"),
        (b"a,b\n", "rows", "0 rows", "at least one"),
        (b"a,b\n1,2\n1,2,3\n", "rows", "", "rows of 2 fields separated by comma"),
        (b"a,b\n1,2,3\n1,2,3\n", "rows", "", "rows of 2 fields separated by comma"),
        (b'a,b\n1,"2\n', "rows", "", "rows of 2 fields"),
        (b"PK\x03\x04rest", "file", "zip archive (an Excel workbook?)", "CSV or TSV"),
        (b"\xd0\xcf\x11\xe0rest", "file", "old Excel workbook", "CSV or TSV"),
        (b"\x89HDF\r\n\x1a\n", "file", "an HDF5 file", "CSV or TSV"),
        ("a,b\n1,2\n".encode("utf-16"), "file", "UTF-16", "UTF-8 or Latin-1"),
        ("a,b\n1,2\n".encode("utf-16-le"), "file", "NUL bytes", "UTF-8 or Latin-1"),
        (b"PAR1 and nothing more", "file", "damaged Parquet", "a whole Parquet table"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "file", "ends too soon", "a whole .gz file"),
        (b"\x1f\x8b\x08 nonsense", "file", "gzip", "a whole .gz file"),
    ],
)
def test_what_cannot_be_read_is_named(
    content: bytes, field: str, found: str, expected: str, tmp_path: Path
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(TableError) as caught:
        read_profile_table(path)
    assert caught.value.source == str(path)
    assert caught.value.field == field
    assert found in caught.value.found
    assert caught.value.found
    assert expected in caught.value.expected


def test_parquet_that_is_no_flat_table(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"well": ["A01"], "embedding": [[1.0, 2.0]]}).to_parquet(path)
    with pytest.raises(TableError, match="embedding: found nested values"):
        read_profile_table(path)


def test_parquet_columns_need_names(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"well": ["A01"], "": [1.0]}).to_parquet(path)
    with pytest.raises(TableError, match="column 2: found no name"):
        read_profile_table(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="file: found nothing there"):
        read_profile_table(tmp_path / "absent.csv")
    with pytest.raises(TableError, match="file: found nothing there"):
        read_profile_table(tmp_path)


def test_files_beyond_the_limits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_MOST_BYTES", 1000)
    with pytest.raises(TableError, match=r"2,404 bytes; expected at most 1,000"):
        read_profile_table(write(tmp_path, "a,b\n" + "1,2\n" * 600))
    with pytest.raises(TableError, match="over 1,000 bytes unpacked"):
        read_profile_table(write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 600)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
    start=st.sampled_from([b"", b"PAR1", b"\x1f\x8b", b"a,b\n"]),
)
def test_any_bytes_are_a_table_or_refused(content: bytes, start: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, start + content)
    try:
        table = read_profile_table(path)
    except TableError:
        return
    assert len(table.frame) > 0
    assert table.frame.columns.is_unique
    assert all(table.frame.columns)
