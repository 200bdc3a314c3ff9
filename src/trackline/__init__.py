"""Trackline: strategic account management on the TRACK framework."""

from importlib.metadata import version

VERSION = version("trackline")
