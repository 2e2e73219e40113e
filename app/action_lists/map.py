"""The map of wells and molecules."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_plate

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "map_all",
        "&Show all points",
        "map.show_all",
        "Bring all points of the map into sight",
        enabled=with_plate,
    ),
    ActionInfo("map_lasso", "&Lasso", "map.use_lasso", "Dragging on the map draws a lasso", "Ctrl+Alt+L"),
    ActionInfo(
        "map_rectangle", "&Rectangle", "map.use_rectangle", "Dragging on the map draws a rectangle", "Ctrl+Alt+R"
    ),
    ActionInfo(
        "map_umap",
        "Lay out by &UMAP",
        "map.use_umap",
        "Compute the UMAP of what is on the map, in the background",
        enabled=with_plate,
    ),
    ActionInfo(
        "map_pca",
        "Lay out by &PCA",
        "map.use_pca",
        "Principal components of what is on the map",
        enabled=with_plate,
    ),
    ActionInfo(
        "map_clusters",
        "Colour by &cluster",
        "map.colour_by_cluster",
        "Find clusters of what is on the map, in the background, and colour by them",
        enabled=with_plate,
    ),
    ActionInfo(
        "save_map",
        "Map as a &table…",
        "map.save_table",
        "Save all points with their coordinates",
        enabled=with_plate,
    ),
    ActionInfo(
        "save_map_picture",
        "Map as a p&icture…",
        "map.save_picture",
        "Save the map with its legend as PNG or SVG; the points of an SVG file are an image in it",
        enabled=with_plate,
    ),
)

MENU = (
    "&Map",
    (
        "map_pca",
        "map_umap",
        "map_clusters",
        SEPARATOR,
        "map_lasso",
        "map_rectangle",
        "map_all",
        SEPARATOR,
        "save_map",
        "save_map_picture",
    ),
)
