"""Profiles: what source systems call things. Words, objects, stages and choices are data files beside the code."""

from trackline.connectors.profiles.load import (
    CUSTOM,
    OWN,
    SKIP,
    SYSTEMS,
    FieldWords,
    Source,
    SourceObject,
    Target,
    TypeWords,
    everyday,
    record_words,
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
    "SYSTEMS",
    "FieldWords",
    "Source",
    "SourceObject",
    "StageMeaning",
    "Target",
    "TypeWords",
    "everyday",
    "meaning_of",
    "meaning_of_probability",
    "record_words",
    "register_choices",
    "register_headings",
    "register_nouns",
    "sources",
    "vocabulary",
]
