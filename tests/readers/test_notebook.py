"""A notebook as a program: its cells in order, its lines named by cell, and how it says that it is none."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Cell, Failure
from kerascope.readers import MAX_SOURCE_BYTES, Unreadable, read_notebook, read_program, read_python
from kerascope.readers._notebook import MAX_NOTEBOOK_BYTES

if TYPE_CHECKING:
    from tests.conftest import Looker

FIRST = "%matplotlib inline\nfrom keras import Sequential, layers"
SECOND = (
    "model = Sequential()\nmodel.add(layers.Dense(16, input_shape=(4,)))\nmodel.add(layers.Dense(8, input_shape=(44,)))"
)


def code(source: object) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 7, "metadata": {}, "outputs": [{"text": "!"}], "source": source}


def text_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells: object, **more: object) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def written(tmp_path: Path, data: object, name: str = "model.ipynb") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def failing(path: Path) -> Failure:
    with pytest.raises(Unreadable) as error:
        read_notebook(path)
    failure = error.value.failure
    glance = read_python(path)
    assert glance.models == ()
    if path.suffix == ".ipynb":
        assert glance.failure == failure
    assert failure.path == str(path)
    return failure


def test_the_code_cells_in_order(tmp_path: Path) -> None:
    path = written(
        tmp_path, notebook(text_cell("# One"), code(FIRST), text_cell("x = ("), code(SECOND.splitlines(True)))
    )
    text, cells = read_notebook(path)
    assert text == FIRST.replace("%matplotlib", "pass  # %matplotlib") + "\n" + SECOND + "\n"
    assert cells == (Cell(number=1, line=1), Cell(number=2, line=3))
    assert read_program(path) == (text, cells)


def test_a_glance_shows_its_layers_and_names_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, notebook(code(FIRST), code(""), code(SECOND)))
    inspection = read_python(path)
    assert inspection.failure is None
    first, second = inspection.models[0].layers
    assert (first.declared and first.declared.shape, second.declared and second.declared.shape) == (
        (None, 4),
        (None, 44),
    )
    assert second.location is not None
    source = inspection.source
    assert source.path == str(path)
    assert source.line_name(second.location.line) == "cell 3:3"
    assert source.text == read_notebook(path)[0]


def test_an_empty_cell_has_a_line_of_its_own(tmp_path: Path) -> None:
    text, cells = read_notebook(written(tmp_path, notebook(code("x"), code(""), code([]), code("y\n"), code("z"))))
    assert text == "x\n\n\ny\n\nz\n"
    assert [cell.line for cell in cells] == [1, 2, 3, 4, 6]


def test_a_syntax_error_names_its_cell(tmp_path: Path) -> None:
    inspection = read_python(
        written(tmp_path, notebook(code("import keras"), text_cell("-"), code("x = 1\ny = (1 2)")))
    )
    failure = inspection.failure
    assert failure is not None
    assert failure.kind == "syntax"
    assert "cell 2:2" in failure.message
    assert (failure.line, failure.column) == (3, 6)
    assert inspection.source.text == "import keras\nx = 1\ny = (1 2)\n"


def test_it_is_known_by_content_too(tmp_path: Path) -> None:
    data = notebook(code("x = 1"))
    assert read_program(written(tmp_path, data, "notebook.txt")) == ("x = 1\n", (Cell(number=1, line=1),))
    assert read_python(written(tmp_path, data, "model.py")).source.cells == (Cell(number=1, line=1),)
    assert read_program(written(tmp_path, data, "MODEL.IPYNB"))[0] == "x = 1\n"
    (tmp_path / "model.py").write_text("{'cells': [], 'nbformat': 4}\n")
    assert read_program(tmp_path / "model.py") == ("{'cells': [], 'nbformat': 4}\n", ())
    failure = read_python(written(tmp_path, {"cells": []}, "cells.py")).failure
    assert failure is not None
    assert "holds JSON" in failure.message


def test_a_python_file_has_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    text = "# ---\n# jupyter:\n#   jupytext:\n# ---\n\n# %%\nx = 1\n# %% [markdown]\n# # Title\n"
    path.write_text(text)
    assert read_program(path) == (text, ())


def test_formats_before_4(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "source": "One"},
        {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "language": "bash", "input": "ls -l\ncd"},
    ]
    data = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "worksheets": [{"cells": cells}, {"cells": [{"cell_type": "code", "input": "z = 3"}]}, {}],
    }
    for name in ("old.ipynb", "old.py"):
        text, found = read_program(written(tmp_path, data, name))
        assert text == "x = 1\ny = 2\n# ls -l\n# cd\nz = 3\n"
        assert [cell.line for cell in found] == [1, 3, 5]


def test_line_ends_and_marks_of_other_systems(tmp_path: Path) -> None:
    path = tmp_path / "model.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(notebook(code("x = 1\r\ny = 2\r%a"))).encode())
    assert read_notebook(path)[0] == "x = 1\ny = 2\npass  # %a\n"


def test_a_future_that_a_cell_begins_with_is_none_in_the_middle_of_a_program(tmp_path: Path) -> None:
    future = "from __future__ import (\n    division,\n)"
    text, _ = read_notebook(written(tmp_path, notebook(code(f"'''Doc.'''\n{future}\nx = 1"), code(f"{future}\ny = 1"))))
    compile(text, "model", "exec")
    assert text.split("\n") == [
        "'''Doc.'''",
        *future.split("\n"),
        "x = 1",
        "pass  # from __future__ import (",
        "#     division,",
        "# )",
        "y = 1",
        "",
    ]
    text, _ = read_notebook(written(tmp_path, notebook(code("%a\nfrom __future__ import print_function"))))
    compile(text, "model", "exec")
    assert text == "pass  # %a\npass  # from __future__ import print_function\n"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"language_info": {"name": "scala"}, "kernelspec": {"language": "python"}}, "scala"),
        ({"language_info": {}, "kernelspec": {"language": "C++17"}}, "C++17"),
        ({"language_info": {"name": "R\x1b[2J"}}, "R"),
    ],
)
def test_another_language(tmp_path: Path, metadata: object, language: str) -> None:
    failure = failing(written(tmp_path, notebook(code("x <- 1"), metadata=metadata)))
    assert failure.kind == "not-python"
    assert failure.message.endswith(f"another language than Python: {language}.")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        {"kernelspec": None, "language_info": 3},
        {"kernelspec": {"name": "python3"}},
        {"language_info": {"name": "ipython"}},
        {"kernelspec": {"language": "Python 3"}},
        {"kernelspec": {"language": "sage"}, "language_info": {"name": "python"}},
    ],
)
def test_python_where_nothing_else_is_said(tmp_path: Path, metadata: object) -> None:
    assert read_notebook(written(tmp_path, notebook(code("x"), metadata=metadata)))[0] == "x\n"


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", "empty", "is empty"),
        (b" \n", "empty", "is empty"),
        (b"import keras\n", "not-python", "it is not JSON (Expecting value"),
        (b'{"cells": [', "not-python", "it is not JSON"),
        (b'<<<<<<< HEAD\n{"cells": []}\n', "not-python", "merge"),
        (b"[" * 100_000, "not-python", "it is not JSON"),
        (b"[]", "not-python", "holds a list"),
        (b"null", "not-python", "holds null"),
        (b'"text"', "not-python", "holds text"),
        (b"3", "not-python", "holds a number"),
        (b"{}", "not-python", "has no cells"),
        (b'{"nbformat": 4}', "not-python", "has no cells"),
        (b'{"nbformat": 3, "worksheets": []}', "not-python", "has no cells"),
        (b'{"nbformat": 3, "worksheets": [1]}', "not-python", "are null"),
        (b'{"nbformat": 4, "cells": {}}', "not-python", "are an object"),
        (b'{"nbformat": 4, "cells": [1]}', "not-python", "is a number"),
        (b'{"nbformat": 4, "cells": []}', "empty", "without code cells"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "x"}]}', "empty", "without code cells"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "not-python", "code cell 1 holds a number"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [3]}]}', "not-python", "holds a list"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": null}]}', "not-python", "holds null"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\u0000"}]}', "not-python", "NUL character"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\ud800"}]}', "not-python", "lone surrogate"),
        (b'{"cells": "\xff"}', "not-python", "byte 0xff in line 1"),
        (b"PK\x03\x04", "not-python", "zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "not-python", "git lfs pull"),
    ],
)
def test_what_is_no_notebook(tmp_path: Path, content: bytes, kind: str, says: str) -> None:
    path = tmp_path / "model.ipynb"
    path.write_bytes(content)
    failure = failing(path)
    assert failure.kind == kind
    assert says in f"{failure.message} {failure.hint}"


def test_paths_that_lead_to_no_file(tmp_path: Path) -> None:
    assert failing(tmp_path / "none.ipynb").kind == "missing"
    (tmp_path / "folder.ipynb").mkdir()
    assert failing(tmp_path / "folder.ipynb").kind == "directory"
    assert failing(Path("/dev/null")).kind == "unreadable"


def test_pictures_may_be_large_but_the_program_may_not(tmp_path: Path) -> None:
    cell = code("x = 1")
    cell["outputs"] = [{"data": {"image/png": "A" * (MAX_SOURCE_BYTES + 1)}}]
    assert read_notebook(written(tmp_path, notebook(cell)))[0] == "x = 1\n"
    failure = failing(written(tmp_path, notebook(code("#" * MAX_SOURCE_BYTES), code("x"))))
    assert failure.kind == "unreadable"
    assert "too much code" in failure.message
    failure = failing(written(tmp_path, notebook(code("#" + "ß" * (MAX_SOURCE_BYTES // 2)))))
    assert "too much code" in failure.message
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)
    assert "too large" in failing(path).message


def test_odd_notebooks_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(4)
    values: list[object] = [
        None,
        True,
        3,
        0.5,
        "",
        "x = 1",
        "%a",
        "\0",
        "\ud800",
        [],
        ["x\n", "y"],
        [None],
        {},
        "python",
    ]
    values += [
        {"cells": [code("x")]},
        [code("x")],
        {"name": "python"},
        {"language": 3},
        code(["x = (", "1)"]),
        [[]],
        10**20,
    ]
    keys = [
        "cells",
        "metadata",
        "nbformat",
        "worksheets",
        "kernelspec",
        "language_info",
        "source",
        "cell_type",
        "input",
    ]
    read = 0
    for number in range(1500):
        cell: dict[str, object] = {**code("x = 1"), chance.choice(keys): chance.choice(values)}
        data: dict[str, object] = {**notebook(cell), chance.choice(keys): chance.choice(values)}
        metadata = {"language_info": chance.choice(values), "kernelspec": chance.choice(values)}
        data = {"metadata": metadata, **data} if number % 2 else {**data, "metadata": metadata}
        path = tmp_path / ("model.ipynb" if number % 3 else "model.py")
        path.write_text(json.dumps(data))
        try:
            text, cells = read_program(path)
        except Unreadable:
            continue
        read += 1
        assert all(1 <= each.line <= text.count("\n") + 1 for each in cells)
    assert read > 100


@pytest.mark.keras
def test_a_real_keras_runs_its_program(tmp_path: Path, looker: Looker) -> None:
    cells = [
        code(f"{FIRST}\n!pip install -q keras"),
        code("%%bash\nexit 1"),
        code(f"%%time\n{SECOND}\n%time model.summary()"),
    ]
    inspection = looker.look(written(tmp_path, notebook(*cells)))
    assert inspection.failure is None
    (finding,) = inspection.findings
    assert finding.line is not None
    assert (finding.rule, inspection.source.line_name(finding.line)) == ("KS101", "cell 3:4")
    assert "Model: " in inspection.output
    # The lines of the program are not those of the file.
    assert finding.fix is not None
    assert finding.fix.edits == ()
