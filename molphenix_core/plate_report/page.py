"""The report as one HTML file that needs nothing else: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from molphenix_core.errors import InputError
from molphenix_core.plate_report.content import METHODS, PlateReport
from molphenix_core.writing import written_aside

__all__ = ["render_report", "require_report_format", "write_plate_report"]

_LIGHTS = {"green": "●", "amber": "▲", "red": "■"}
_ENDINGS = (".html", ".htm")


def render_report(report: PlateReport) -> str:
    """Lay a report out.

    Parameters
    ----------
    report : PlateReport

    Returns
    -------
    str
        An HTML page; every text in it is escaped.
    """
    environment = Environment(
        loader=PackageLoader("molphenix_core.plate_report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    # Drawings are our own, and their texts are escaped as they are drawn.
    environment.filters["drawing"] = Markup
    return (
        environment.get_template("report.html.j2").render(
            report=report, lights=_LIGHTS, methods=tuple(METHODS.values())
        )
        + "\n"
    )


def _unbroken(text: str) -> str:
    """Keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=%|µM)", "\u00a0", text)


def require_report_format(path: str | Path) -> None:
    """Make sure that a report can be written by this name, before it is computed.

    Parameters
    ----------
    path : path
        To be written; it need not exist.

    Raises
    ------
    InputError
        For another ending than ``.html`` and ``.htm``.
    """
    suffix = Path(path).suffix
    if suffix.lower() not in _ENDINGS:
        raise InputError(path, "file name", suffix or "no ending", " or ".join(_ENDINGS))


def write_plate_report(report: PlateReport, path: str | Path) -> None:
    """Write a report, aside and then renamed.

    Parameters
    ----------
    report : PlateReport
    path : path
        Ending in ``.html``; a file that is there is replaced.

    Raises
    ------
    InputError
        For another ending, or a place that cannot be written to.
    """
    require_report_format(path)
    with written_aside(path) as aside:
        aside.write_text(render_report(report), encoding="utf-8", newline="\n")
