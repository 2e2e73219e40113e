"""Plates: the wells table and its embeddings, files, normalisation, activity."""
