"""Published ratios of recalls beside ours: what of a publication can be compared across data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from molphenix_core.paper.figures import Arm, pooled, ratio
from molphenix_core.paper.published import RATIOS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Cell, Table

__all__ = ["Against", "ratio_table"]


@dataclass(frozen=True)
class Against:
    """A ratio of ours.

    Parameters
    ----------
    over, under : str
        Labels of the arms.
    by_molecule : bool
        Of recalls of molecules by their best dose: for an arm that is told no dose.
    """

    over: str
    under: str
    by_molecule: bool = False


def ratio_table(
    caption: str,
    ours: Mapping[str, Sequence[Against]],
    arms: Sequence[Arm],
    outcome: Outcome,
    *,
    split: str,
    galleries: Sequence[str] = ("active", "all"),
) -> Table:
    """Published ratios beside those of ours that come nearest to them.

    Parameters
    ----------
    caption : str
    ours : mapping of str to sequence of Against
        By ``what`` of the published ratio; none where nothing that was measured corresponds to it.
    arms : sequence of Arm
        Those that ``ours`` names, among others.
    outcome : Outcome
    split : str
    galleries : sequence of str

    Returns
    -------
    Table
        Ratios of recalls in the top 1 %, with 95 % intervals by paired bootstrap over molecules. One that cannot
        be computed is None, with the reason.
    """
    by_label = {arm.label: arm for arm in arms}
    rows: list[tuple[Cell, ...]] = []
    for published in RATIOS:
        if published.what not in ours:
            continue
        head = (published.what, published.condition, published.ratio)
        pairs = ours[published.what]
        if not pairs:
            rows.append((*head, "nothing here corresponds to it", None, None, None))
        for pair in pairs:
            label = f"{pair.over} over {pair.under}" + (", by molecule" if pair.by_molecule else "")
            for gallery in galleries:
                a, b = (pooled(by_label[name], outcome, split, gallery) for name in (pair.over, pair.under))
                why = a if isinstance(a, str) else b
                if isinstance(a, str) or isinstance(b, str):
                    rows.append((*head, f"{label} ({why})", gallery, None, None))
                    continue
                found = ratio(a, b, by_molecule=pair.by_molecule)
                if found is None:
                    rows.append((*head, f"{label} (other queries, or none found)", gallery, None, None))
                    continue
                value, interval = found
                told = None if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
                rows.append((*head, label, gallery, round(value, 3), told))
    columns = ("Published", "Where", "Published ratio", "Ours", "Gallery", "Our ratio", "95 % interval")
    return Table(caption, columns, tuple(rows))
