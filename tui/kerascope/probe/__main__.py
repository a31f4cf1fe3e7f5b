"""Start of the probe: leave no trace on `sys.path`, load the package under a private alias, serve or train."""

import importlib.util
import os
import sys

ALIAS = "_kerascope_probe"


def _load() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    # Python put our own folder first on sys.path; a user's `import lazy` must not find our module there.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.getcwd()) != here]
    spec = importlib.util.spec_from_file_location(
        ALIAS, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"the probe's files are incomplete in {here}")
    package = importlib.util.module_from_spec(spec)
    sys.modules[ALIAS] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _load()
    from importlib import import_module

    if sys.argv[1:2] == ["train"]:
        sys.exit(import_module(ALIAS + ".training.program").main(sys.argv[2:]))
    if sys.argv[1:2] == ["keep"]:
        import_module(ALIAS + ".training.keeper").keep_on(sys.argv[2:])
    sys.exit(import_module(ALIAS + ".program").main(sys.argv[1:]))
