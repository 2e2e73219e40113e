"""``molphenix paper`` from plate files to a report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tiny_study import JOB, write_other_assay, write_screen

from molphenix_core.cli import main
from molphenix_core.paper.units import source_digest, store_result, stored_result

SECTIONS = ("unseen-dataset", "samples", "held-out-doses", "parts", "several")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["molphenix", "paper", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    job = tmp_path / "tiny.job.json"
    job.write_text(json.dumps(JOB.to_dict()))
    return [write_screen(tmp_path / "screen.h5ad"), write_other_assay(tmp_path / "other.h5ad"), job]


def test_a_report_is_written_and_kept(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    *plates, job = files
    out = tmp_path / "report"
    chosen = [part for name in SECTIONS for part in ("--only", name)]
    arguments = (*plates, "--out", out, "--job", job, "--seeds", 1, "--processes", 2, *chosen)
    assert run(monkeypatch, *arguments, "--plan") == 0
    planned = capsys.readouterr().out
    assert [line.split()[0] for line in planned.splitlines()] == [*SECTIONS, "all"]
    assert not out.exists()

    assert run(monkeypatch, *arguments) == 0
    assert "report.html" in capsys.readouterr().out
    tables = (out / "tables.md").read_text(encoding="utf-8")
    for title in ("Unseen dataset", "Recall against samples seen", "Held-out doses", "Several phenotypes"):
        assert f"## {title}" in tables
    assert "imulated" in tables
    assert "screen and other: not available (" in (out / "report.html").read_text(encoding="utf-8")
    # Nothing failed: what is not available there is said to be so by the files themselves.
    assert "JobError" not in tables
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Not all of these results" not in page
    assert "in sight of all outer folds" in page
    assert "Nothing was chosen" not in page

    assert run(monkeypatch, *arguments) == 0
    assert ", 0 of them new" in capsys.readouterr().out
    assert (out / "tables.md").read_text(encoding="utf-8") == tables

    # One result of another state of the program: how many are of which is told, and no more than that.
    stored = sorted((out / "units").iterdir())
    result = stored_result(out / "units", stored[0].stem)
    assert result is not None
    store_result(out / "units", stored[0].stem, {**result, "source": "0123456789ab"})
    assert run(monkeypatch, *arguments) == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"1 by 0123456789ab, {len(stored) - 1} by {source_digest()} (this one)" in page or (
        f"{len(stored) - 1} by {source_digest()} (this one), 1 by 0123456789ab" in page
    )
    assert "was not checked" in page


def test_what_cannot_be_planned_is_refused(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen, _, job = files
    out = ("--out", tmp_path / "report", "--job", job)
    assert run(monkeypatch, screen, *out, "--only", "everything") == 2
    assert "held-out-doses" in capsys.readouterr().err
    assert run(monkeypatch, screen, screen, *out) == 2
    assert "screen twice" in capsys.readouterr().err
    assert run(monkeypatch, tmp_path / "none.h5ad", *out) == 2
    assert not (tmp_path / "report").exists()
