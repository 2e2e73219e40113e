"""Structures: parsing and standardising, features, dose encodings, scaffold splits, similarity, drawing."""
