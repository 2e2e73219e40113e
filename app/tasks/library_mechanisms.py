"""Mechanisms of the library's molecules in the words of the curated vocabulary."""

from __future__ import annotations

from molphenix_core.molecules.mechanisms import canonical_mechanisms
from molphenix_core.retrieval.library import Library

__all__ = ["mechanism_classes"]


def mechanism_classes(library: Library) -> list[tuple[str, ...]]:
    """Classes of each molecule of a library, in its order; empty where none is known."""
    texts = library.molecules["mechanism"].tolist()
    # Many molecules share a text.
    classes = {text: canonical_mechanisms(text) for text in set(texts)}
    return [classes[text] for text in texts]
