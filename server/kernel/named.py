"""Things by their names, `"package.module:thing"`: loaded when somebody needs them, and not before."""

from importlib import import_module
from typing import Any


def loaded(name: str) -> Any:
    """Return what stands under this name in its module."""
    module, _, thing = name.partition(":")
    return getattr(import_module(module), thing)
