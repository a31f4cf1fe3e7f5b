"""What a run computes on: devices, memory growth, dtype policy and seed, settled before TensorFlow touches a device."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .errors import SetupError

if TYPE_CHECKING:
    from ..adapters import Adapter

__all__ = ["LOGICAL_CPUS", "choose_devices", "set_precision", "set_seed"]

LOGICAL_CPUS = "KERASCOPE_LOGICAL_CPUS"
"""Environment variable: how many devices the CPU is divided into, to try a strategy without GPUs."""


def choose_devices(spec: dict[str, Any], tensorflow: Any) -> str:
    """Let TensorFlow see the devices that were asked for, and no others.

    Args:
        spec: The run's spec: `device` (`auto`, `cpu`, `gpu` or `gpu:0,2`) and `memory_growth`.
        tensorflow: The imported module, before it has computed anything.

    Returns:
        The devices in words, `CPU` or `GPU 0: NVIDIA A100`.

    Raises:
        SetupError: A device is not there, or it is too late to choose.
    """
    config = tensorflow.config
    found = list(config.list_physical_devices("GPU"))
    chosen = _chosen(str(spec.get("device") or "auto"), found)
    try:
        if chosen != list(range(len(found))):
            config.set_visible_devices([found[number] for number in chosen], "GPU")
        if spec.get("memory_growth"):
            for number in chosen:
                config.experimental.set_memory_growth(found[number], True)
        if not chosen:
            _divide_cpu(config)
    except RuntimeError as error:
        raise SetupError(f"TensorFlow was already at work when the devices were to be chosen: {error}") from error
    return ", ".join(f"GPU {number}: {_name(config, found[number])}" for number in chosen) or "CPU"


def _chosen(asked: str, found: list[Any]) -> list[int]:
    kind, _, numbers = asked.partition(":")
    everything = list(range(len(found)))
    if asked == "auto":
        return everything
    if asked == "cpu":
        return []
    if kind != "gpu":
        raise SetupError(f"the device {asked!r} is none: name auto, cpu, gpu, or GPUs by number as gpu:0,1")
    if not found:
        raise SetupError(
            f"the device {asked} was asked for and TensorFlow sees no GPU here{_hidden()}; use --device cpu, or "
            "install a TensorFlow that knows this machine's GPU (pip install 'tensorflow[and-cuda]')"
        )
    if not numbers:
        return everything
    try:
        chosen = sorted({int(number) for number in numbers.split(",")})
    except ValueError:
        raise SetupError(f"the device {asked!r} names no GPU numbers; they look like gpu:0 or gpu:0,1") from None
    missing = [number for number in chosen if number not in everything]
    if missing:
        there = "GPU 0" if len(found) == 1 else f"GPUs 0 to {len(found) - 1}"
        raise SetupError(f"GPU {', '.join(map(str, missing))} was asked for and TensorFlow sees {there}{_hidden()}")
    return chosen


def _hidden() -> str:
    """What the environment has to do with it."""
    value = os.environ.get("CUDA_VISIBLE_DEVICES")
    return "" if value is None else f" (CUDA_VISIBLE_DEVICES is {value!r})"


def _divide_cpu(config: Any) -> None:
    text = os.environ.get(LOGICAL_CPUS, "")
    if not text:
        return
    if not text.isdigit() or int(text) < 1:
        raise SetupError(f"{LOGICAL_CPUS} is {text!r}; it should be a number of devices, 2 for example")
    part = config.LogicalDeviceConfiguration()
    config.set_logical_device_configuration(config.list_physical_devices("CPU")[0], [part] * int(text))


def _name(config: Any, device: Any) -> str:
    details = config.experimental.get_device_details(device)
    return str(details.get("device_name") or "of unknown make")


def set_precision(spec: dict[str, Any], adapter: Adapter) -> None:
    """Set Keras's global dtype policy, where one was asked for.

    Raises:
        SetupError: Keras does not know it.
    """
    policy = spec.get("precision")
    if not policy:
        return
    try:
        adapter.root.mixed_precision.set_global_policy(policy)
    except (ValueError, TypeError) as error:
        raise SetupError(
            f"Keras {adapter.version} does not know the precision {policy!r}; it knows mixed_float16, mixed_bfloat16, "
            "float32, float16, bfloat16 and float64"
        ) from error


def set_seed(spec: dict[str, Any], adapter: Adapter) -> None:
    """Seed Python, NumPy and Keras, where a seed was given."""
    if spec.get("seed") is not None:
        adapter.root.utils.set_random_seed(int(spec["seed"]))
