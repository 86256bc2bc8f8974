"""Things by their names, `"package.module:thing"`: loaded when somebody needs them, and not before."""

from importlib import import_module
from typing import Any


def loaded(name: Any) -> Any:
    """Return what stands under this name in its module, or what is no name as it is."""
    if not isinstance(name, str):
        return name
    module, _, thing = name.partition(":")
    return getattr(import_module(module), thing)
