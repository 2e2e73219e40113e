"""What a report is made of, before it is written as HTML or Markdown."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cell", "Figure", "Section", "Table"]

Cell = str | int | float | None
"""A number, a text, or None for what is not available."""


@dataclass(frozen=True)
class Table:
    """A table of results.

    Parameters
    ----------
    caption : str
        What it shows, on which data and gallery, with how many folds and seeds.
    columns : tuple of str
    rows : tuple of tuple of Cell
        As long as ``columns``; None prints as "not available".
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Parameters
    ----------
    caption : str
    svg : str
        A whole ``<svg>`` element, with no scripts and nothing loaded from outside.
    """

    caption: str
    svg: str


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it.

    Parameters
    ----------
    title : str
    paragraphs : tuple of str
        Plain text: what was asked, what was found, and how sure that is.
    tables : tuple of Table
    figures : tuple of Figure
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
