"""Start of the child: leave no trace on `sys.path`, load the package under a private alias, answer one request."""

import importlib.util
import sys
from pathlib import Path

ALIAS = "_kerascope_hdf5_child"


def _load() -> None:
    here = Path(__file__).resolve().parent
    # Python put our own folder first on sys.path; NumPy's `import numbers` must not find a module of ours there.
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != here]
    spec = importlib.util.spec_from_file_location(ALIAS, here / "__init__.py", submodule_search_locations=[str(here)])
    if spec is None or spec.loader is None:
        raise ImportError(f"the program's files are incomplete in {here}")
    package = importlib.util.module_from_spec(spec)
    sys.modules[ALIAS] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load()
    from importlib import import_module

    sys.exit(import_module(ALIAS + ".program").main())
