"""Tables and drawings of analyses, from the numbers that :func:`molphenix_core.paper.analyses.analyse` gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from molphenix_core.paper.analyses_probe import WAYS, pooled_probe
from molphenix_core.paper.analyses_properties import MEAN, pooled_properties
from molphenix_core.paper.analyses_similarity import KINDS
from molphenix_core.paper.drawing import ChartLine, Dot, interval_chart, line_panels
from molphenix_core.paper.drawing_maps import Panel, scatter_panels
from molphenix_core.paper.section import Figure, Section, Table

__all__ = ["sections_from"]

_MOST_DOSES = 9
_FEWEST_AT_DOSE = 10
_MOST_BEHIND = 500
_MEASURES = {"cosine": "cosine similarity", "arctan": "arctan-L2 weight"}


def sections_from(results: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Write up the analyses of one plate file.

    Parameters
    ----------
    results : sequence of dict
        From :func:`~molphenix_core.paper.analyses.analyse`, or read back from JSON: one a scaffold fold of one
        recipe, all of one plate file. Probe and properties are pooled over them; map and pairs are of the first
        that has them.

    Returns
    -------
    list of Section
        Four: the map, the pairs, the probe of activity, the properties. One that could not be made says why.

    Raises
    ------
    ValueError
        Without results, or with results of several files.
    """
    names = {result["data"] for result in results}
    if len(names) != 1:
        raise ValueError(f"results must be of one plate file, not of {len(names)}")
    name = names.pop() + (" (simulated)" if any(result["simulated"] for result in results) else "")
    threshold = results[0]["activity_threshold"]
    first = next((result for result in results if "map" in result), {})
    none = {"not_available": "not asked for"}
    return [
        _map_section(name, first.get("map", none)),
        _similarity_section(name, first.get("similarity", none), threshold),
        _probe_section(name, pooled_probe([result["probe"] for result in results]), threshold, len(results)),
        _properties_section(name, pooled_properties([result["properties"] for result in results]), len(results)),
    ]


def _missing(title: str, result: Mapping[str, Any]) -> Section:
    return Section(title, (f"not available: {result['not_available']}",))


def _map_section(name: str, result: Mapping[str, Any]) -> Section:
    title = f"Map of molecules at their doses, {name}"
    if "not_available" in result:
        return _missing(title, result)
    drawn = "" if result["shown"] == result["treatments"] else f", of which {result['shown']:,} drawn at random"
    missing = sum(p is None for p in result["p_value"])
    grey = f" {missing:,} have none (fewer than two replicates) and are grey." if missing else ""
    paragraphs = [
        f"z_m of {result['treatments']:,} treatments{drawn}, dark where their replicates agree (low activity "
        f"p-value).{grey} One fold: the retriever was trained on the molecules of the first panel and never saw "
        "those of the second. A map shows neighbours, not distances, and proves nothing: the probe of activity "
        "measures what it hints at."
    ]
    figures = []
    if isinstance(result["umap"], Mapping):
        paragraphs.append(f"UMAP not available: {result['umap']['not_available']}")
    else:
        figures += _maps(result, "umap", "UMAP (cosine, 15 neighbours)", "UMAP 1 and 2")
    first, second = (round(100 * share) for share in result["pca_variance"])
    label = f"first two principal components ({first} % and {second} % of the variance)"
    figures += _maps(result, "pca", "Principal components", label)[: 2 if not figures else 1]
    return Section(title, tuple(paragraphs), figures=tuple(figures))


def _maps(result: Mapping[str, Any], key: str, how: str, note: str) -> list[Figure]:
    rows = [row for row, point in enumerate(result[key]) if point is not None]
    points = [tuple(point) if point is not None else (0.0, 0.0) for point in result[key]]

    def panel(title: str, kept: list[int]) -> Panel:
        return Panel(
            f"{title}: {len(kept):,}",
            [points[row] for row in kept],
            [result["p_value"][row] for row in kept],
            # Enough to see the shape; all of them in every panel would make most of the report.
            background=[points[row] for row in rows[:: max(1, len(rows) // _MOST_BEHIND)]],
        )

    parts = {
        kind: [row for row in rows if result["held_out"][row] == held_out]
        for kind, held_out in (("training molecules", False), ("held-out scaffolds", True))
    }
    style: dict[str, Any] = {"colour_label": "activity p-value", "limits": (0.001, 1.0), "note": note}
    overall = scatter_panels([panel(kind, kept) for kind, kept in parts.items() if kept], columns=2, **style)
    figures = [Figure(f"{how} of z_m, coloured by p-value.", overall)]
    doses = Counter(result["dose"][row] for row in rows if result["dose"][row] is not None)
    common = {dose: count for dose, count in doses.most_common(_MOST_DOSES) if count >= _FEWEST_AT_DOSE}
    shown = sorted(common)
    if len(shown) > 1:
        panels = [panel(f"{dose:g} µM", [row for row in rows if result["dose"][row] == dose]) for dose in shown]
        which = f"the {len(shown)} doses with most treatments" if len(doses) > len(shown) else "each dose"
        figures.append(Figure(f"{how} of z_m, coloured by p-value, at {which}.", scatter_panels(panels, **style)))
    return figures


def _similarity_section(name: str, result: Mapping[str, Any], threshold: float) -> Section:
    title = f"Likeness of pairs by cosine and by arctan-L2, {name}"
    if "not_available" in result:
        return _missing(title, result)
    shares = [number / 100 for number in range(101)]
    panels = [
        (
            "",
            [
                ChartLine(f"{kind} ({result['kinds'][kind]['pairs']:,} pairs)", result["kinds"][kind][key], shares)
                for kind in KINDS
            ],
        )
        for key in _MEASURES
    ]
    figure = Figure(
        "Cumulative distributions over pairs of treatments of different molecules, by kind of pair.",
        line_panels(panels, x_label=list(_MEASURES.values()), y_label="share of pairs", markers=False),
    )
    separations = result["separations"]
    table = Table(
        "Chance that two inactive treatments are more alike than an active and an inactive one (0.5: the measure "
        f"cannot tell), 95 % interval by bootstrap over molecules; {name}, {result['active']:,} active (p < "
        f"{threshold:g}) and {result['inactive']:,} inactive treatments.",
        ("measure", "chance", "95 % interval"),
        tuple(
            (label, separations[key]["value"], _interval(separations[key]["interval"]))
            for key, label in {**_MEASURES, "difference": "arctan-L2 less cosine"}.items()
        ),
    )
    medians = Table(
        f"Median likeness of pairs, {name}.",
        ("pairs", "number", *_MEASURES.values()),
        tuple(
            (kind, result["kinds"][kind]["pairs"], *(result["kinds"][kind][key][50] for key in _MEASURES))
            for kind in KINDS
        ),
    )
    text = (
        "S2L weighs the negatives by 1 - (4/π) arctan(d²/c) of the frozen phenotypes rather than by their "
        "cosine, which is said not to tell two inactive treatments from an active and an inactive one. Here c "
        f"is the median squared distance between training treatments, {result['scale']:g}."
    )
    return Section(title, (text, _verdict(separations["difference"])), (table, medians), (figure,))


def _verdict(difference: Mapping[str, Any]) -> str:
    low, high = difference["interval"]
    if low > 0:
        return "On these data arctan-L2 tells the two kinds of pairs apart better than the cosine does."
    if high < 0:
        return "On these data the cosine tells the two kinds of pairs apart better than arctan-L2 does."
    return "On these data neither of the two measures is shown to tell the kinds of pairs apart better."


def _probe_section(name: str, result: Mapping[str, Any], threshold: float, folds: int) -> Section:
    title = f"Activity from z_m, {name}"
    if "not_available" in result:
        return _missing(title, result)
    rows: list[tuple[str | float | None, ...]] = []
    dots = []
    for way in WAYS:
        fits = result["fits"][way]
        for label, area in fits["auc"].items():
            less = fits["difference"].get(label)
            difference = (less["value"], _interval(less["interval"])) if less else ("", "")
            rows.append((way, label, area["value"], _interval(area["interval"]), *difference))
            low, high = area["interval"]
            dots.append(Dot(label, area["value"], low, high, group=f"fitted on {way}", marked=label == "z_m"))
        mean, low, high = (fits["shuffled"][key] for key in ("mean", "lowest", "highest"))
        shuffled = "z_m, activities shuffled"
        rows.append((way, shuffled, mean, _interval((low, high)), "", ""))
        dots.append(Dot(shuffled, mean, low, high, group=f"fitted on {way}"))
    caption = (
        f"Area under the ROC curve of logistic regressions from z_m to activity (p < {threshold:g}) of held-out "
        f"scaffolds; {name}, {result['treatments']:,} treatments ({result['active']:,} active) of "
        f"{result['molecules']:,} molecules in {_folds(folds)}. 95 % intervals by bootstrap over molecules; of "
        "shuffled activities, lowest and highest of five."
    )
    table = Table(
        caption,
        ("fitted on", "input", "ROC AUC", "interval", "z_m less this input", "interval of the difference"),
        tuple(rows),
    )
    chart = interval_chart(dots, x_label="area under the ROC curve", references={"chance": 0.5}, from_zero=False)
    text = (
        "Does the place of a molecule at a dose say whether it will do anything? The regression is fitted on "
        "the retriever's training molecules, whose places it has learned by heart, and again on held-out "
        "molecules alone, cross-fitted over their scaffolds. Physico-chemical descriptors with the dose, and "
        "the dose alone, stand beside."
    )
    return Section(title, (text,), (table,), (Figure(f"The areas of the table below, {name}.", chart),))


def _properties_section(name: str, result: Mapping[str, Any], folds: int) -> Section:
    title = f"Properties from neighbours in z_m, {name}"
    if "not_available" in result:
        return _missing(title, result)
    inputs = list(dict.fromkeys(row["input"] for row in result["rows"]))
    properties = list(dict.fromkeys(row["property"] for row in result["rows"]))
    cells = {(row["property"], row["input"]): row for row in result["rows"]}
    tables = []
    for key, label in (("r2", "R²"), ("spearman", "Spearman's rank correlation")):
        used = [each for each in inputs if key == "r2" or each != MEAN]
        tables.append(
            Table(
                f"{label} of properties of {result['held_out']:,} molecules of held-out scaffolds in "
                f"{_folds(folds)}, predicted as the mean of the {result['neighbours']} nearest of "
                f"{result['training']:,} or more training molecules, with 95 % intervals by bootstrap over "
                f"molecules; {name}.",
                ("property", *used),
                tuple(
                    (
                        each,
                        *(
                            _with_interval(cells[each, one][key], cells[each, one][f"{key}_interval"])
                            for one in used
                        ),
                    )
                    for each in properties
                ),
            )
        )
    known = [each for each in inputs if each.startswith("z_m at")] or [inputs[0]]
    ours = known[len(known) // 2]
    dots = []
    for each in properties:
        for one in (ours, "Tanimoto", "shuffled"):
            low, high = cells[each, one]["spearman_interval"] or (None, None)
            dots.append(Dot(one, cells[each, one]["spearman"], low, high, group=each, marked=one == ours))
    chart = interval_chart(
        dots, x_label="Spearman's rank correlation", references={"chance": 0.0}, from_zero=False
    )
    text = (
        "Neighbours by cosine of z_m, at several implied doses, against neighbours by Tanimoto on Morgan counts; "
        f"{MEAN}: no neighbours at all; shuffled: z_m with the properties dealt anew to the training molecules."
    )
    return Section(
        title, (text,), tuple(tables), (Figure(f"Some columns of the second table below, {name}.", chart),)
    )


def _folds(count: int) -> str:
    return "one fold" if count == 1 else f"{count} folds"


def _interval(ends: Sequence[float]) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def _with_interval(value: float | None, ends: Sequence[float] | None) -> str | None:
    if value is None or ends is None:
        return None
    return f"{value:.2f} ({ends[0]:.2f} to {ends[1]:.2f})"
