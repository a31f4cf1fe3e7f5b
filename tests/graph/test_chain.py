"""The chain of shapes that leads to a layer."""

from __future__ import annotations

from time import perf_counter

from kerascope.graph import Layer, Step, chain_ends, chain_to


def layer(name: str, *inbound: str, parent: str | None = None) -> Layer:
    return Layer(id=name, uid=1, name=name, class_name="Dense", inbound=inbound, parent=parent)


def graph(*layers: Layer) -> dict[str, Layer]:
    return {entry.id: entry for entry in layers}


def names(steps: tuple[Step, ...]) -> list[str]:
    return [step.layer.name for step in steps]


def test_a_chain_goes_from_the_input_to_the_layer() -> None:
    layers = graph(layer("image"), layer("conv", "image"), layer("pool", "conv"), layer("digits", "pool"))
    assert names(chain_to(layers, "pool")) == ["image", "conv", "pool"]
    assert names(chain_to(layers, "image")) == ["image"]


def test_a_layer_that_is_not_there_has_no_chain() -> None:
    assert chain_to({}, "nobody") == ()


def test_a_merge_follows_its_first_input_and_names_the_others() -> None:
    layers = graph(
        layer("image"),
        layer("meta"),
        layer("left", "image"),
        layer("right", "image"),
        layer("join", "left", "right", "meta"),
    )
    steps = chain_to(layers, "join")
    assert names(steps) == ["image", "left", "join"]
    assert [other.name for other in steps[-1].others] == ["right", "meta"]
    assert steps[0].others == steps[1].others == ()


def test_an_input_that_is_not_there_is_passed_over() -> None:
    layers = graph(layer("image"), layer("conv", "gone", "image"))
    assert names(chain_to(layers, "conv")) == ["image", "conv"]


def test_a_shared_layer_called_on_its_own_result_is_passed_once() -> None:
    layers = graph(layer("image"), layer("dense", "dense", "image"), layer("digits", "dense"))
    steps = chain_to(layers, "digits")
    assert names(steps) == ["image", "dense", "digits"]
    assert steps[1].others == ()


def test_a_ring_through_a_shared_layer_is_left_by_its_other_input() -> None:
    layers = graph(layer("image"), layer("shared", "norm", "image"), layer("norm", "shared"))
    assert names(chain_to(layers, "norm")) == ["image", "shared", "norm"]


def test_a_ring_without_a_beginning_ends() -> None:
    layers = graph(layer("a", "b"), layer("b", "a"))
    assert names(chain_to(layers, "a")) == ["b", "a"]


def test_inside_a_nested_model_the_way_to_it_comes_first() -> None:
    layers = graph(
        layer("photo"),
        layer("scale", "photo"),
        layer("backbone", "scale"),
        layer("inner_input", parent="backbone"),
        layer("inner_conv", "inner_input", parent="backbone"),
    )
    steps = chain_to(layers, "inner_conv")
    assert names(steps) == ["photo", "scale", "backbone", "inner_input", "inner_conv"]
    assert [step.enters for step in steps] == [False, False, True, False, False]
    assert not chain_to(layers, "backbone")[-1].enters


def test_parents_in_a_ring_end() -> None:
    layers = graph(layer("a", parent="b"), layer("b", parent="a"))
    assert names(chain_to(layers, "a")) == ["b", "a"]


def test_five_thousand_layers_are_walked_at_once() -> None:
    chain = [layer("0")]
    chain += [layer(str(number), str(number - 1), str(max(0, number - 3))) for number in range(1, 5_000)]
    layers = graph(*chain)
    began = perf_counter()
    steps = chain_to(layers, "4999")
    assert perf_counter() - began < 0.5
    assert len(steps) == 5_000


def test_a_long_chain_loses_its_middle() -> None:
    chain = [layer("0")] + [layer(str(number), str(number - 1)) for number in range(1, 20)]
    layers = graph(*chain)
    head, middle, tail = chain_ends(layers, "19", 9)
    assert names(head) == ["0", "1", "2"]
    assert [left_out.name for left_out in middle] == [str(number) for number in range(3, 14)]
    assert names(tail) == ["14", "15", "16", "17", "18", "19"]
    assert chain_ends(layers, "19", 20) == (chain_to(layers, "19"), (), ())


def test_a_chain_of_one_is_its_own_beginning() -> None:
    layers = graph(layer("0"))
    assert chain_ends(layers, "0", 9) == (chain_to(layers, "0"), (), ())
