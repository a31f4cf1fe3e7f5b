"""A cell as Python alone: what is left out, what must stay, and that no line moves."""

from __future__ import annotations

import ast
import random

import pytest

from kerascope.readers._shorthand import without_shorthand


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%matplotlib inline", "pass  # %matplotlib inline"),
        ("!pip install keras", "pass  # !pip install keras"),
        ("!!ls", "pass  # !!ls"),
        ("?model", "pass  # ?model"),
        ("model?", "pass  # model?"),
        ("model.fit??", "pass  # model.fit??"),
        ("layers[0].call?", "pass  # layers[0].call?"),
        ("*int*?", "pass  # *int*?"),
        ("files = !ls", "pass  # files = !ls"),
        ("a, b = !ls", "pass  # a, b = !ls"),
        ("x.y['z'] = !ls", "pass  # x.y['z'] = !ls"),
        ("files: list = !ls", "pass  # files: list = !ls"),
        ("x = %env HOME", "pass  # x = %env HOME"),
        ("!echo \"it's", "pass  # !echo \"it's"),
        ("pip install keras", "pass  # pip install keras"),
        ("cd ..", "pass  # cd .."),
        ("x = 1\n%time f()\ny = 2", "x = 1\nf()  # %time f()\ny = 2"),
        ("%time model = build(1)", "model = build(1)  # %time model = build(1)"),
        ("%time -n f()", "pass  # %time -n f()"),
        ("%time build a model", "pass  # %time build a model"),
        ("%timeit f()", "pass  # %timeit f()"),
        ("if x:\n    !ls\nelse:\n\t%cd a", "if x:\n    pass  # !ls\nelse:\n\tpass  # %cd a"),
        ("!pip install \\\n  keras \\\n  h5py\nx = 1", "pass  # !pip install \\\n# keras \\\n# h5py\nx = 1"),
        ("if x:\n    y = !ls \\\n      -l\n", "if x:\n    pass  # y = !ls \\\n    # -l\n"),
        ("!ls \\", "pass  # !ls \\"),
        ("x = [\n    1,\n]\n%a", "x = [\n    1,\n]\npass  # %a"),
        ('x = """\n"""\n%a', 'x = """\n"""\npass  # %a'),
        ("x = '#'  # '''\n%a", "x = '#'  # '''\npass  # %a"),
        ("x = 'not closed\n%a", "x = 'not closed\npass  # %a"),
        ("x = )\n%a", "x = )\npass  # %a"),
    ],
)
def test_shorthand_is_left_out(cell: str, text: str) -> None:
    assert without_shorthand(cell) == text


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "\n\n",
        "x = a \\\n  % b",
        "x = (a\n% b)",
        "x = f(\n    a  # (\n    % b\n)",
        'text = """\n%matplotlib inline\n!ls\nwhat?\n%%bash\n"""',
        "text = '''\"\n%a\n\"'''",
        "text = r'''\\\n%a\n'''",
        "text = 'a\\\n%b'",
        'x = f"""{a}\n%b"""',
        "# %matplotlib inline",
        "# why?",
        "x = 1  # why?",
        "x = 'why?'",
        "print('%s' % x)",
        "x %= 3",
        "x != y",
        "x = '=!ls'",
        "f'{x!r}'",
        "f(x='%d')",
        "x = {'a':\n'b'}",
        "ls = 3\nls -l",
        "cat = [\n    1,\n]",
        "cat += f(\n    1,\n)",
        "rm: list = [\n]",
        "display(model);",
    ],
)
def test_python_stays_as_it_is(cell: str) -> None:
    assert without_shorthand(cell) == cell


@pytest.mark.parametrize(
    "magic", ["%%time", "%%capture", "%%capture out --no-stderr", "%%timeit -n 1", "%%prun", "%%bash?"]
)
def test_a_cell_magic_that_runs_its_cell_leaves_only_its_own_line_out(magic: str) -> None:
    assert without_shorthand(f"{magic}\nx = 1\n!ls") == f"pass  # {magic}\nx = 1\npass  # !ls"
    assert without_shorthand(f"\n\n{magic}\n\n%%time\nx = 1") == f"\n\npass  # {magic}\n\npass  # %%time\nx = 1"


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%html", "%%writefile model.py", "%%javascript", "%%R -o x", "%%", "%%timer"]
)
def test_any_other_cell_magic_leaves_the_cell_out(magic: str) -> None:
    assert without_shorthand(f"{magic}\nx = 1\n\n  '''") == f"pass  # {magic}\n# x = 1\n\n#   '''"
    assert without_shorthand(f"%%time\n{magic}\nx = (") == f"pass  # %%time\npass  # {magic}\n# x = ("


def test_a_cell_that_is_indented_as_a_whole_is_not() -> None:
    assert without_shorthand("  if x:\n    y\n  %a") == "if x:\n  y\npass  # %a"
    assert without_shorthand("  %%time\n  x = 1") == "pass  # %%time\nx = 1"


def test_no_line_moves_and_python_is_never_touched() -> None:
    python = [
        "x = 1",
        "if x:",
        "    y = [1,",
        "  2]",
        "    z = '''",
        "%a'''",
        "x = 'b' % 3",
        "#?",
        "",
        "else:",
        "    pass",
        "f(x)",
    ]
    shorthand = [
        "!ls",
        "%cd \\",
        "  ?x",
        "x?",
        "x = !ls",
        "%%time",
        "%%bash",
        '"""',
        "'",
        "(",
        "\\",
        "\0",
        "\x0c",
        "pip install x",
    ]
    chance = random.Random(3)
    valid = 0
    for _ in range(5000):
        cell = "\n".join(chance.choice(python) for _ in range(chance.randint(0, 7)))
        try:
            ast.parse(cell)
        except SyntaxError:
            pass
        else:
            valid += 1
            assert without_shorthand(cell) == cell
        cell = "\n".join(chance.choice(python + shorthand) for _ in range(chance.randint(0, 9)))
        assert without_shorthand(cell).count("\n") == cell.count("\n")
    assert valid > 200


@pytest.mark.parametrize(
    "cell",
    [
        "*" * 200_000 + "?",
        "'" * 200_001,
        "a" * 200_000 + "=!",
        "x" + " " * 200_000 + "%",
        "\n" * 200_000,
        "%%time\n" * 100_000,
    ],
)
def test_long_cells_take_no_time(cell: str) -> None:
    assert without_shorthand(cell).count("\n") == cell.count("\n")
