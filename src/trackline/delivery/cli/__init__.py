"""The `trackline` command: one module per noun, each a thin translation between a terminal and a service.

`root.py` lists the commands, `boot.py` starts Django before a command's module is imported, `output.py` prints.
"""

from .root import main

__all__ = ["main"]
