"""Hits grouped by phenotype: the clusters as a list, the similarities as a heat map in the order of the tree."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.numbers import number
from app.open_plate import OpenPlate
from app.theme import SEQUENTIAL
from app.views.chart import Chart
from app.views.hit_calling_groups import HitGroups, group_columns
from app.views.page_text import Pages
from app.views.panel import Panel
from app.views.splitter import Splitter
from app.views.table import ColumnTable
from app.views.words import plural, treatment_text

__all__ = ["ClusterPanel", "SimilarityMap"]

# Squares of smaller clusters would hide what they enclose.
_FEWEST_SHARE = 60


class SimilarityMap(Chart):
    """Cosine similarities between hits, like ones together; a square a cluster.

    Signals
    -------
    cluster_chosen(int)
        A cluster was clicked, from 1.
    """

    cluster_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Similarity of the hits", parent=parent)
        self._groups: HitGroups | None = None
        self._plate: OpenPlate | None = None
        self.image = self.add(pg.ImageItem(axisOrder="row-major"))
        self.image.setLookupTable(SEQUENTIAL)
        self.squares = self.add(pg.PlotCurveItem(connect="pairs"))
        for side in ("left", "bottom"):
            self.hideAxis(side)
        self.setAspectLocked(True)
        self.getViewBox().invertY(True)
        self.setMouseEnabled(x=False, y=False)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.rethemed.connect(self._draw_squares)

    def set_groups(self, groups: HitGroups | None, plate: OpenPlate | None) -> None:
        """Show some hits."""
        self._groups, self._plate = groups, plate
        self.image.setVisible(groups is not None)
        if groups is not None:
            self.image.setImage(groups.similarity, levels=(0.0, 1.0))
            self.image.setRect(QRectF(0, 0, len(groups.order), len(groups.order)))
            self.setRange(QRectF(0, 0, len(groups.order), len(groups.order)), padding=0.02)
        self._draw_squares()

    def _draw_squares(self) -> None:
        if self._groups is None:
            self.squares.setData(x=[], y=[])
            return
        labels = self._groups.label[self._groups.order]
        starts = np.flatnonzero(np.append(True, labels[1:] != labels[:-1]))
        ends = np.append(starts[1:], len(labels))
        x, y = [], []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end - start > max(1, len(labels) // _FEWEST_SHARE):
                x += [start, end, end, end, end, start, start, start]
                y += [start, start, start, end, end, end, end, start]
        self.squares.setData(x=np.array(x, dtype=float), y=np.array(y, dtype=float), connect="pairs")
        self.squares.setPen(pg.mkPen(self.theme.base, width=1))

    def _at(self, scene: QPointF) -> tuple[int, int] | None:
        """Places in the order under a point of the scene."""
        if self._groups is None:
            return None
        point = self.getViewBox().mapSceneToView(scene)
        row, column, n = int(np.floor(point.y())), int(np.floor(point.x())), len(self._groups.order)
        return (row, column) if 0 <= row < n and 0 <= column < n else None

    def _moved(self, scene: QPointF) -> None:
        at = self._at(scene)
        text = ""
        if at is not None and self._groups is not None and self._plate is not None:
            hits = [int(self._groups.treatments[self._groups.order[place]]) for place in at]
            k = len(self._groups.similarity) / len(self._groups.order)
            similarity = float(self._groups.similarity[int(at[0] * k), int(at[1] * k)])
            clusters = [int(self._groups.label[self._groups.order[place]]) for place in at]
            text = "\n".join(
                f"{treatment_text(self._plate, hit)} (cluster {cluster})"
                for hit, cluster in zip(hits, clusters, strict=True)
            )
            text += f"\nsimilarity {number(similarity, 2)}"
        self.setToolTip(text)

    def _clicked(self, event: object) -> None:
        at = self._at(event.scenePos())  # type: ignore[attr-defined]
        if at is not None and self._groups is not None:
            self.cluster_chosen.emit(int(self._groups.label[self._groups.order[at[0]]]))


class ClusterPanel(Panel):
    """The clusters.

    Signals
    -------
    treatments_chosen(object)
        The hits of the chosen clusters, intp (k,).
    """

    treatments_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Phenotypes among the hits", parent=parent)
        self._groups: HitGroups | None = None
        self.table = ColumnTable("Clusters of hits")
        self.map = SimilarityMap()
        self.map.setMinimumWidth(130)
        self.splitter = Splitter(Qt.Orientation.Horizontal, (self.table, 3), (self.map, 2))
        self.splitter.setSizes([520, 200])
        self.pages = Pages(self.splitter)
        self.body.addWidget(self.pages, 1)
        self.table.rows_selected.connect(self._choose)
        self.map.cluster_chosen.connect(self._choose_cluster)

    def set_groups(self, groups: HitGroups | None, plate: OpenPlate | None, note: str) -> None:
        """Show the clusters, or why there are none."""
        self._groups = groups
        self.pages.set_text("" if groups is not None else note or "Grouping the hits…")
        self.map.set_groups(groups, plate)
        if groups is None or plate is None:
            self.table.set_columns(())
            self.explain("")
            return
        self.table.set_columns(group_columns(groups, plate))
        cut = f"similarity {number(groups.cut, 2)} and above"
        why = (
            "reached by 1 % of pairs of inactive treatments"
            if groups.cut_by_chance
            else "the usual cut, with too few inactive treatments for one of this file"
        )
        single = int((groups.size == 1).sum())
        alone = f", {single} of them a single hit" if single else ""
        scale = "map: similarity from 0, dark, to 1, bright"
        self.explain(f"{plural(len(groups.size), 'cluster')}{alone}: {cut}, {why} · {scale}")

    def _choose(self, rows: NDArray[np.intp]) -> None:
        if self._groups is not None and len(rows):
            members = [self._groups.members(int(row) + 1) for row in rows]
            self.treatments_chosen.emit(np.unique(np.concatenate(members)))

    def _choose_cluster(self, cluster: int) -> None:
        self.table.select_rows([cluster - 1])
        self._choose(np.array([cluster - 1]))
