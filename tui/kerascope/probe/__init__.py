"""Runs inside the user's Python: the standard library and whatever Keras is there, nothing else.

Started by path (`PYTHON .../kerascope/probe --socket PATH ...`). The modules of this package import each other only
relatively, because they are loaded under a private alias: the user's own `recorder.py` must never meet ours.
The syntax is Python 3.9's.
"""
