"""A small program of its own that reads HDF5 files and takes statistics of weights, because libhdf5 can crash.

It is started by path in a fresh Python (`python -I -S -B <this folder>`), imports nothing of ours but its own modules
and nothing third-party but NumPy and h5py, and gives up what it does not need before it looks at the file: it has no
path, only a descriptor that is already open; it can open no other file, start no process, write nothing but its answer,
and has bounded memory and CPU time. The parent (`_child.py`) says how much.

Protocol. On standard input one JSON object, the request (see `program.main`). On standard output lines of JSON, each
followed by `bytes` raw bytes where it says so: `array`, `owner`, `text`, `issue`, `begin`, `stats`, `alive`, `failed`,
and `end`, without which the answer is not whole.
"""
