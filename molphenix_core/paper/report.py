"""The report: one HTML file that needs nothing else, its tables as Markdown and as CSV beside it."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from molphenix_core.errors import InputError
from molphenix_core.paper.section import Cell, Figure, Section, Table
from molphenix_core.versions import installed_versions
from molphenix_core.writing import written_aside

__all__ = ["DataFile", "Facts", "write_report"]

HTML, MARKDOWN, TABLES = "report.html", "tables.md", "tables"
"""Names within the folder: the report, its tables as Markdown, the folder of its tables as CSV."""

_MISSING = "not available"
# Numbers in text: "0.131 (0.110 to 0.152)", "0.13 ± 0.02", "12 %".
_NUMBERS = re.compile(
    r"[−+-]?\d[\d.,]*(e[+-]?\d+)?( ?%)?(\s*(±|\(|\[|to|–|-|,|of|/)?\s*[−+-]?\d[\d.,]*(e[+-]?\d+)?( ?%)?[)\]]?)*"
)
_UNSAFE = re.compile(
    r"<\s*(script|foreignObject|image|iframe|object|embed)\b|\son\w+\s*=|(href|src)\s*=\s*[\"'](?!#)|url\((?![\"']?#)|@import",
    re.IGNORECASE,
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class DataFile:
    """A plate file that a report is made from.

    Parameters
    ----------
    name : str
        Without its folder: a report does not say where on a machine it was made.
    sha256 : str
        Of the file, hexadecimal.
    simulated : bool
    title : str
    """

    name: str
    sha256: str
    simulated: bool
    title: str = ""


@dataclass(frozen=True)
class Facts:
    """What a report was made from, with and when.

    Parameters
    ----------
    data : tuple of DataFile
    recipe : str
        The job, as it could be run again: JSON.
    seeds : tuple of int
    finished : str
        Date and time, as "2026-03-01 14:05 UTC".
    minutes : float
        Of computing, over all the runs that it took.
    versions : mapping of str to str
        Of packages; by default those that are installed.
    """

    data: tuple[DataFile, ...]
    recipe: str
    seeds: tuple[int, ...]
    finished: str
    minutes: float
    versions: Mapping[str, str] = field(default_factory=installed_versions)


def write_report(sections: Sequence[Section], folder: str | Path, *, title: str, facts: Facts) -> Path:
    """Write ``report.html``, ``tables.md`` and ``tables/table-01.csv`` and so on.

    The HTML file holds all it shows: no scripts, nothing loaded from elsewhere, and the tables once more as CSV to
    download. The same sections and facts make the same bytes; the time stands in one line of the HTML alone. If
    any file is simulated, HTML and Markdown say so at their top.

    Parameters
    ----------
    sections : sequence of Section
    folder : path
        Made where it does not exist. Files of an earlier report in it are replaced.
    title : str
    facts : Facts

    Returns
    -------
    Path
        Of the HTML file.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    ValueError
        A row is not as long as its table has columns; a drawing holds scripts or refers to something outside.
    """
    folder = Path(folder)
    simulated = [file.name for file in facts.data if file.simulated]
    tables = [table for section in sections for table in section.tables]
    for table in tables:
        if any(len(row) != len(table.columns) for row in table.rows):
            raise ValueError(f"a row of the table {table.caption!r} does not have {len(table.columns)} cells")
    page = _page(sections, title=title, facts=facts, simulated=simulated)
    try:
        (folder / TABLES).mkdir(parents=True, exist_ok=True)
        for old in (folder / TABLES).glob("table-*.csv"):
            old.unlink()
    except OSError as cause:
        raise InputError(folder, "folder", cause.strerror or str(cause), "a folder to write into") from cause
    for number, table in enumerate(tables, start=1):
        _write(folder / TABLES / _csv_name(number), _csv(table))
    _write(folder / MARKDOWN, _markdown(sections, title=title, simulated=simulated))
    _write(folder / HTML, page)
    return folder / HTML


def _write(path: Path, text: str) -> None:
    with written_aside(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def _page(sections: Sequence[Section], *, title: str, facts: Facts, simulated: list[str]) -> str:
    environment = Environment(
        loader=PackageLoader("molphenix_core.paper", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    shown = []
    figures = tables = 0
    for section in sections:
        shown.append(
            {
                "title": section.title,
                "paragraphs": section.paragraphs,
                "figures": [_shown_figure(each, n) for n, each in enumerate(section.figures, figures + 1)],
                "tables": [_shown_table(each, n) for n, each in enumerate(section.tables, tables + 1)],
            }
        )
        figures += len(section.figures)
        tables += len(section.tables)
    template = environment.get_template("report.html.j2")
    return template.render(title=title, facts=facts, simulated=simulated, sections=shown) + "\n"


def _unbroken(text: str) -> str:
    """Keep a number and its sign of per cent on one line."""
    return re.sub(r"(?<=\d) %", "\u00a0%", text)


def _shown_figure(figure: Figure, number: int) -> dict[str, Any]:
    svg = figure.svg.strip()
    if not svg.startswith("<svg") or _UNSAFE.search(re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg)):
        raise ValueError(f"the drawing {figure.caption!r} is not an <svg> that stands on its own")
    # Names are unique within a drawing, and must be within the page.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>f{number}-", svg)
    described = f'<svg role="img" aria-label="{html.escape(figure.caption)}"'
    return {"number": number, "caption": figure.caption, "svg": Markup(described + svg.removeprefix("<svg"))}


def _shown_table(table: Table, number: int) -> dict[str, Any]:
    numeric = [_is_numeric([row[place] for row in table.rows]) for place in range(len(table.columns))]
    rows = [
        [{"text": _text(cell), "style": _style(cell, right)} for cell, right in zip(row, numeric, strict=True)]
        for row in table.rows
    ]
    return {
        "number": number,
        "caption": table.caption,
        "columns": [{"name": name, "numeric": right} for name, right in zip(table.columns, numeric, strict=True)],
        "rows": rows,
        "file": _csv_name(number),
        "data": "data:text/csv;charset=utf-8," + quote(_csv(table)),
    }


def _csv_name(number: int) -> str:
    return f"table-{number:02d}.csv"


def _is_missing(cell: Cell) -> bool:
    if isinstance(cell, str):
        return cell.startswith(_MISSING)
    return cell is None or (isinstance(cell, float) and not math.isfinite(cell))


def _is_numeric(cells: Sequence[Cell]) -> bool:
    """Whether a column holds numbers, or texts of nothing but numbers."""
    there = [cell for cell in cells if not _is_missing(cell) and cell != ""]
    return bool(there) and all(not isinstance(cell, str) or _NUMBERS.fullmatch(cell) for cell in there)


def _style(cell: Cell, right: bool) -> str:
    return " ".join([*(["number"] if right else []), *(["missing"] if _is_missing(cell) else [])])


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None or not math.isfinite(cell):
        return _MISSING
    if isinstance(cell, int):
        return f"{cell:,}"
    size = abs(cell)
    if 0 < size < 0.0005:
        return f"{cell:.1e}"
    return f"{cell:.3f}" if size < 10 else f"{cell:,.1f}" if size < 1000 else f"{cell:,.0f}"


def _csv(table: Table) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_csv_cell(name) for name in table.columns])
    writer.writerows([[_csv_cell(cell) for cell in row] for row in table.rows])
    return buffer.getvalue()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBERS.fullmatch(cell) else cell
    return "" if _is_missing(cell) else repr(cell)


def _markdown(sections: Sequence[Section], *, title: str, simulated: list[str]) -> str:
    lines = [f"# {_plain(title)}", ""]
    if simulated:
        lines += [f"**Simulated: {_plain(', '.join(simulated))}.**", ""]
    number = 0
    for section in sections:
        if not section.tables:
            continue
        lines += [f"## {_plain(section.title)}", ""]
        for table in section.tables:
            number += 1
            numeric = [_is_numeric([row[place] for row in table.rows]) for place in range(len(table.columns))]
            lines += [f"**Table {number}.** {_plain(table.caption)}", ""]
            lines.append("| " + " | ".join(map(_plain, table.columns)) + " |")
            lines.append("|" + "|".join("---:" if right else "---" for right in numeric) + "|")
            lines += ["| " + " | ".join(_plain(_text(cell)) for cell in row) + " |" for row in table.rows]
            lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, within a line and within a cell."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))
