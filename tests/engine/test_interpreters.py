"""Another interpreter: one that has TensorFlow and Keras, and nothing of ours."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Looker

pytestmark = pytest.mark.keras

OURS = ("kerascope", "__editable__", "_editable", "textual", "platformdirs", "pytest", "importlinter", "mypy", "ruff")
"""Beginnings of what stands in site-packages for our sake. (`rich` and `h5py` are Keras's own needs, too.)"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with everything of this one but ourselves and what only we need."""
    environment = tmp_path_factory.mktemp("stranger") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (packages,) = environment.glob("lib/python3*/site-packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.lower().startswith(OURS):
            (packages / path.name).symlink_to(path)
    return environment


@pytest.mark.parametrize("keras", ["3", "2"])
def test_an_interpreter_with_keras_and_nothing_of_ours(
    looker: Looker, stranger: Path, tmp_path: Path, keras: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    path = tmp_path / "model_file.py"
    path.write_text(
        "import importlib.util, sys\n"
        "print([name for name in ('kerascope', 'textual', 'platformdirs') if importlib.util.find_spec(name)])\n"
        "print(sys.prefix)\n"
        "import keras, missing_package\n"
        "model = keras.Sequential([keras.layers.Dense(3, input_shape=(4,)), keras.layers.Dense(2, input_dim=9)])\n"
        "model.compile('sgd', 'mse')\n"
        "import numpy as np\n"
        "model.fit(np.zeros((8, 4)), np.zeros((8, 2)))\n"
    )
    inspection = looker.look(path, python=str(stranger), keras=keras)
    assert inspection.failure is None
    assert inspection.output.splitlines()[:2] == ["[]", str(stranger)]
    assert inspection.engine is not None
    assert inspection.engine.python.startswith(str(stranger))
    assert [(finding.rule, finding.line) for finding in inspection.findings] == [("KS101", 5)]
    assert inspection.stood_in == ("missing_package",)
    (fit,) = inspection.models[0].fits
    assert (fit.x[0].shape, fit.target_error) == ((8, 4), None)
