"""Converting as a whole: progress, the file that is written, the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up_tables import FEATURES, WELLS, converted, save

from molphenix_core.errors import Cancelled, PlateFileError, TableError
from molphenix_core.plates.convert import convert_table


def test_progress_ends_at_one_and_can_stop_the_work(tmp_path: Path) -> None:
    table, out = save(tmp_path, {**WELLS, **FEATURES}), tmp_path / "out.h5ad"
    told: list[tuple[float, str]] = []
    convert_table(table, out, progress=lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert all(message for _, message in told)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    out.unlink()

    def stop(share: float, message: str) -> None:
        if share > 0.7:
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        convert_table(table, out, progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.csv"]


def test_a_table_is_never_written_over(tmp_path: Path) -> None:
    table = save(tmp_path, {**WELLS, **FEATURES})
    before = table.read_bytes()
    with pytest.raises(TableError, match="out: found the table itself"):
        convert_table(table, tmp_path / "." / "table.csv")
    assert table.read_bytes() == before


def test_out_must_be_writable(tmp_path: Path) -> None:
    with pytest.raises(PlateFileError, match="a place to write to"):
        convert_table(save(tmp_path, {**WELLS, **FEATURES}), tmp_path / "absent" / "out.h5ad")


def test_the_report_tells_what_is_missing(tmp_path: Path) -> None:
    _, report = converted(tmp_path, {"smiles": ["C", None, "CC", "C"], "conc_uM": [1, 2, None, None]})
    text = str(report)
    assert "4 wells x 2 features on 1 plate" in text
    assert "4 treated (3 with a structure), 0 negative controls, 0 other controls" in text
    assert "encoder unknown, normalisation not known" in text
    assert "Metadata_SMILES" in text
    assert "<- smiles" in text
    assert "1 treated wells have no structure" in text
    assert "2 treated wells have no known concentration" in text
    assert "Negative controls" in text
