"""The libraries of single formats: an extra of the package, and a clear line where one is missing."""

from importlib.util import find_spec

from exlib.errors import UsageError


def needed(package: str, what: str) -> None:
    """Raise UsageError unless a package is installed; ``what`` names the format that needs it."""
    try:
        there = find_spec(package) is not None
    except ModuleNotFoundError:  # a package of a namespace that is absent too
        there = False
    if not there:
        name = package.replace("_", "-")
        raise UsageError(f"{what} needs the Python package {name}", mend="pip install 'executioner[convert]'")
