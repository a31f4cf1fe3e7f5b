"""The devices that TensorFlow is let see, by a stand-in that has GPUs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kerascope.probe.training.devices import choose_devices
from kerascope.probe.training.errors import SetupError


class Config:
    """`tf.config` of a machine with GPUs; notes what it is told."""

    def __init__(self, gpus: int) -> None:
        self._gpus = [f"gpu-{number}" for number in range(gpus)]
        self.visible: list[str] | None = None
        self.growing: list[str] = []
        self.cpus = 1
        self.experimental = SimpleNamespace(
            set_memory_growth=lambda device, on: self.growing.append(device),
            get_device_details=lambda device: {"device_name": f"Card {device[-1]}"},
        )

    def list_physical_devices(self, kind: str) -> list[str]:
        return self._gpus if kind == "GPU" else ["cpu"]

    def set_visible_devices(self, devices: list[str], kind: str) -> None:
        assert kind == "GPU"
        self.visible = devices

    def LogicalDeviceConfiguration(self) -> str:
        return "part"

    def set_logical_device_configuration(self, device: str, parts: list[str]) -> None:
        self.cpus = len(parts)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("KERASCOPE_LOGICAL_CPUS", raising=False)


def chosen(device: str, gpus: int, **spec: Any) -> tuple[str, Config]:
    config = Config(gpus)
    return choose_devices({"device": device, **spec}, SimpleNamespace(config=config)), config


@pytest.mark.parametrize(
    ("device", "gpus", "words", "visible"),
    [
        ("auto", 0, "CPU", None),
        ("auto", 2, "GPU 0: Card 0, GPU 1: Card 1", None),
        ("gpu", 1, "GPU 0: Card 0", None),
        ("cpu", 2, "CPU", []),
        ("gpu:1", 2, "GPU 1: Card 1", ["gpu-1"]),
        ("gpu:2,0", 3, "GPU 0: Card 0, GPU 2: Card 2", ["gpu-0", "gpu-2"]),
    ],
)
def test_only_what_was_asked_for_is_seen(device: str, gpus: int, words: str, visible: list[str] | None) -> None:
    said, config = chosen(device, gpus)
    assert said == words
    assert config.visible == visible


def test_memory_grows_on_the_chosen_gpus_alone() -> None:
    assert chosen("gpu:1", 2, memory_growth=True)[1].growing == ["gpu-1"]


def test_the_cpu_is_divided_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERASCOPE_LOGICAL_CPUS", "2")
    assert chosen("cpu", 1)[1].cpus == 2
    assert chosen("gpu", 1)[1].cpus == 1
    monkeypatch.setenv("KERASCOPE_LOGICAL_CPUS", "two")
    with pytest.raises(SetupError, match="KERASCOPE_LOGICAL_CPUS is 'two'; it should be a number"):
        chosen("cpu", 1)


@pytest.mark.parametrize(
    ("device", "gpus", "sentence"),
    [
        ("gpu", 0, "the device gpu was asked for and TensorFlow sees no GPU here; use --device cpu"),
        ("gpu:2", 2, "GPU 2 was asked for and TensorFlow sees GPUs 0 to 1"),
        ("gpu:1", 1, "GPU 1 was asked for and TensorFlow sees GPU 0"),
        ("gpu:a", 1, "the device 'gpu:a' names no GPU numbers; they look like gpu:0 or gpu:0,1"),
        ("tpu", 1, "the device 'tpu' is none: name auto, cpu, gpu, or GPUs by number as gpu:0,1"),
    ],
)
def test_what_is_not_there_is_refused(device: str, gpus: int, sentence: str) -> None:
    with pytest.raises(SetupError) as raised:
        chosen(device, gpus)
    assert str(raised.value).startswith(sentence)


def test_what_hides_gpus_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(SetupError, match="sees no GPU here \\(CUDA_VISIBLE_DEVICES is ''\\)"):
        chosen("gpu", 0)
