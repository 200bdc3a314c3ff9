"""Profiles: what source systems call things. Words, objects, stages and choices are data files beside the code."""

from trackline.connectors.profiles.load import (
    CUSTOM,
    OWN,
    SKIP,
    FieldWords,
    Source,
    SourceObject,
    Target,
    TypeWords,
    everyday,
    legal_forms,
    register_choices,
    register_headings,
    register_nouns,
    sources,
    vocabulary,
)
from trackline.connectors.profiles.stages import StageMeaning, meaning_of, meaning_of_probability

__all__ = [
    "CUSTOM",
    "OWN",
    "SKIP",
    "FieldWords",
    "Source",
    "SourceObject",
    "StageMeaning",
    "Target",
    "TypeWords",
    "everyday",
    "legal_forms",
    "meaning_of",
    "meaning_of_probability",
    "register_choices",
    "register_headings",
    "register_nouns",
    "sources",
    "vocabulary",
]
