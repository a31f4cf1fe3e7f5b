"""What the probe said -> the graph: cleaned text, shapes, verdicts, connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerascope.engine._branches import Calls, sinks
from kerascope.engine._calls import core_message, what_it_needed
from kerascope.engine._fits import fits_of
from kerascope.engine._row_ids import RowIds
from kerascope.engine._wrapped import judge_wrapped
from kerascope.graph import (
    Argument,
    Connection,
    Declaration,
    Layer,
    Location,
    Model,
    Overtaken,
    Params,
    Provenance,
    Shape,
    Verdict,
    clean_line,
    format_shape,
    judge_declaration,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerascope.engine._options import Question
    from kerascope.engine._uses import Uses

__all__ = ["Decoder", "Told"]

Facts = dict[str, Any]

NOT_BUILT = "the model is not built: nothing tells the shape of its input"
NOT_CALLED = "the layer was never called"
NO_CALL_SEEN = "Keras built the model without calling this layer"


@dataclass(slots=True)
class Told:
    """The lines of one look, sorted by kind.

    Attributes:
        layers: `layer` lines by uid, in order: what was recorded before an early end.
        result: The `result` line, `None` when the file's process did not live to send it.
        exit: The `exit` line.
        internal: Text of a fault of the probe's own.
    """

    layers: dict[int, Facts] = field(default_factory=dict)
    result: Facts | None = None
    exit: Facts = field(default_factory=dict)
    internal: str | None = None


class Decoder:
    """Builds the models of one look.

    Args:
        told: What the probe said.
        judged: Whether layers outside all models may be called unconnected: false after an early end that may have
            kept a model from being made.
        question: The program: its paths, and its text to turn Python's byte offsets into columns.
        uses: The names of a program's text by path, `None` where the text cannot be had.
        skipped_for: Lines of the statements that use a model, by its uid, and could not be run.
    """

    def __init__(
        self,
        told: Told,
        *,
        judged: bool,
        question: Question,
        uses: Callable[[str], Uses | None],
        skipped_for: Callable[[int], tuple[int, ...]],
    ) -> None:
        self._uses = uses
        self._skipped_for = skipped_for
        self._lines = question.text.split("\n")
        self._told = told
        self._source = question.source
        self._factories = {factory.name: factory for factory in question.factories}
        self._real_path = question.path
        self._shown_path = question.source.path
        self._judged = judged
        result = told.result or {}
        self._picked: list[int] | None = (result.get("choice", {}).get("pick") or {}).get("models")
        self._made: dict[int, str] = dict(result.get("made", ()))
        self._shaped: dict[int, Facts] = dict(result.get("shaped", ()))
        self._failed: Facts | None = _failed_call(result)
        self._given = ", ".join(
            (f"{name}=" if name else "") + format_shape(shape) for name, shape, _ in question.target.input_shapes
        )
        self._deciders: dict[int, int] = {}

    def models(self) -> tuple[Model, ...]:
        """All models, then one unnamed entry for the layers that belong to none, when there are such."""
        result = self._told.result
        if result is None:
            rows = [self._recorded_layer(facts) for facts in self._told.layers.values() if not facts["is_model"]]
            return (_loose(rows),) if rows else ()
        # A layer that decided in its own model has decided wherever that model is used again.
        self._deciders = {facts["uid"]: uid for facts in result["models"] if (uid := self._decider(facts)) is not None}
        models = [self._model(number, facts) for number, facts in enumerate(result["models"])]
        rows = self._outside(result, models)
        shown = [model for model in models if self._picked is None or model.uid in self._picked]
        return tuple(shown) + ((_loose(rows),) if rows else ())

    # ------------------------------------------------------------------ models

    def _model(self, number: int, facts: Facts) -> Model:
        ids = RowIds(number)
        rows = facts["layers"]
        row_ids = [ids.add(row["uid"], row["parent"]) for row in rows]
        decider = self._deciders.get(facts["uid"])
        decider_id = None
        if len(facts["inputs"]) == 1:
            uid = facts["inputs"][0]["uid"] if facts["inputs"][0]["explicit"] else decider
            decider_id = ids.top.get(uid) if uid is not None else None
        owners = {row["uid"]: row for row in rows}
        layers: list[Layer] = []
        for row, row_id in zip(rows, row_ids, strict=True):
            late = row["is_input"] and facts["sequential"] and row["parent"] is None and bool(layers)
            owner = owners.get(row["parent"], facts)
            layers.append(self._model_layer(row, row_id, ids, facts, owner, decider_id, late=late))
        judge_wrapped(layers)
        counts = facts["counts"]
        made_by = self._made.get(facts["uid"])
        shaped_by, unshaped = self._shaped_by(facts)
        return Model(
            name=clean_line(facts["name"]),
            class_name=clean_line(facts["class_name"]),
            built=facts["built"],
            layers=tuple(layers),
            params=None
            if counts is None
            else Params(total=counts[0], trainable=counts[1], non_trainable=counts[0] - counts[1]),
            uid=facts["uid"],
            variable=facts["variable"] and clean_line(facts["variable"]),
            location=self._location(facts["place"]) or self._factory_location(made_by),
            unknown=None if facts["built"] else unshaped or NOT_BUILT,
            made_by=made_by and clean_line(made_by),
            shaped_by=shaped_by,
            fits=fits_of(self._told.result["skipped"] if self._told.result else (), facts["uid"], self._location),
            skipped=self._skipped_for(facts["uid"]),
        )

    def _shaped_by(self, facts: Facts) -> tuple[str | None, str | None]:
        """What gave a model its input shape, in words, and why that did not work."""
        shaped, build = self._shaped.get(facts["uid"]), facts["build"]
        if shaped is None and build is None:
            return None, None
        if shaped is None or shaped["by"] == "build":
            place = build["place"] or {}
            line = place.get("line")
            at = f", {self._source.line_name(line, self._path(place.get('path')))}" if line else ""
            words = f"build({_shape_text(build['shape'])}){at}"
        else:
            words = f"the given input {self._given}"
        if shaped is None or shaped["error"] is None:
            return words, None
        return None, f"called on {words} it fails: {core_message(str(shaped['error']['message']))}"

    def _factory_location(self, made_by: str | None) -> Location | None:
        """Where the function or class stands that we called: a class's own construction has no line of the file's."""
        factory = self._factories.get((made_by or "").partition("(")[0])
        return None if factory is None else Location(path=self._shown_path, line=factory.line)

    @staticmethod
    def _decider(facts: Facts) -> int | None:
        """The layer whose declaration a Sequential made its input of: it did so while that layer was added."""
        if not facts["sequential"] or not facts["layers"]:
            return None
        made_of_declaration = any(not entry["explicit"] and entry["maker"] == "add" for entry in facts["inputs"])
        return int(facts["layers"][0]["uid"]) if made_of_declaration else None

    def _model_layer(
        self,
        row: Facts,
        row_id: str,
        ids: RowIds,
        model: Facts,
        owner: Facts,
        decider_id: str | None,
        *,
        late: bool,
    ) -> Layer:
        effective = _shapes(row["effective"])
        output = _shapes(row["output"])
        if effective is None and not row["called"]:
            # Some layers are built and used without being called: what a wrapper holds, cells, a build() of the user's.
            effective = _shapes(row["built_for"])
        effective, failure = self._failure_of(row, effective)
        declared = self._declaration(row)
        decides = (row["is_input"] and not late) or row["uid"] in self._deciders.values()
        wrapper = owner["name"] if row["held_by"] is not None and row["held_by"] == row["parent"] else None
        # A declaration is about what a layer is called on, not about the states and masks handed to it besides.
        asked = effective if failure is not None else _shapes(row["firsts"]) or effective
        verdict = judge_declaration(declared, asked, decides=decides)
        if verdict is Verdict.UNDECIDED and self._skipped_for(model["uid"]):
            verdict = None  # what was skipped might have built the model
        return Layer(
            **self._common(row),
            id=row_id,
            parent=ids.parent_of(row_id),
            inbound=ids.resolve(row["inbound"], row_id),
            declared=declared,
            effective=effective,
            output=output,
            provenance=Provenance.KERAS if effective is not None else None,
            unknown=None if effective is not None else self._reason(row, model),
            verdict=verdict,
            decided_by=decider_id,
            connection=self._connection_inside(row, model, owner, effective),
            is_model=row["is_model"],
            wrapper=wrapper and clean_line(wrapper),
            failure=failure,
        )

    def _failure_of(
        self, row: Facts, effective: tuple[Shape, ...] | None
    ) -> tuple[tuple[Shape, ...] | None, str | None]:
        """For the layer whose call failed: the shapes that came in, and what it needed."""
        failed = self._failed
        if failed is None or failed["uid"] != row["uid"]:
            return effective, None
        return _shapes(failed["inputs"]), what_it_needed(str(failed["message"]))

    def _connection_inside(
        self, row: Facts, model: Facts, owner: Facts, effective: tuple[Shape, ...] | None
    ) -> Connection | None:
        """How a layer stands inside its model: Keras takes any Input into one, also one that leads to no output.

        What a subclassed model or layer holds is connected when it was seen being called; where its owner was called
        and nothing in the text can use it, it is not; else that is unknown.
        """
        in_graph = owner is model and (model["graph"] or model["sequential"])
        if not in_graph and not row["called"]:
            if row["effective"] is not None:
                return Connection.CONNECTED
            idle = (
                self._judged
                and owner["called"]
                and owner["owner"] != "keras"
                and row["owner"] == "user"
                and not row["is_model"]
                and not row["held"]
                and effective is None
                and not (row["counts"] and row["counts"][0])
                and not self._used_elsewhere(row["place"])
            )
            return Connection.UNCONNECTED if idle else None
        idle = (
            row["is_input"]
            and row["parent"] is None
            and model["graph"]
            and not model["sequential"]
            and row["uid"] not in model["outputs"]
            and not any(row["uid"] in other["inbound"] for other in model["layers"] if other["parent"] is None)
        )
        return Connection.UNUSED_INPUT if idle else Connection.CONNECTED

    def _used_elsewhere(self, place: Facts | None) -> bool:
        """Whether the program may use the layer made at a place in ways that leave no call."""
        if place is None:
            return True
        uses = self._uses(place["path"])
        return uses is None or uses.may_use(place["line"], place["column"])

    @staticmethod
    def _reason(row: Facts, model: Facts) -> str:
        if not model["built"]:
            return NOT_BUILT
        return NO_CALL_SEEN if row["called"] else NOT_CALLED

    # ------------------------------------------------------------------ outside the models

    def _outside(self, result: Facts, models: Sequence[Model]) -> list[Layer]:
        calls = Calls(result["calls"], sinks(result))
        names = {facts["uid"]: clean_line(facts["name"]) for facts in result["layers"]}
        names.update({row["uid"]: clean_line(row["name"]) for model in result["models"] for row in model["layers"]})
        failed = self._failed["uid"] if self._failed is not None else None
        outside = [
            facts
            for facts in result["layers"]
            if not facts["in_model"] and (not facts["held"] or facts["uid"] == failed)
        ]
        ids = {facts["uid"]: f"loose:{facts['uid']}" for facts in outside}
        for model in models:
            for row in model.layers:
                ids.setdefault(row.uid, row.id)
        layers = []
        for facts in outside:
            connection = self._connection(facts, calls) if models and self._judged else None
            if facts["is_input"] and models and calls.reach_a_sink(calls.of(facts["uid"])):
                continue  # what a subclassed model was called on, to give it its shapes
            overtaken = None
            if connection is Connection.DEAD_BRANCH:
                overtaken = self._overtaken(facts["uid"], calls, names)
            layers.append(self._outside_layer(facts, calls, connection, overtaken, ids))
        return layers

    def _connection(self, facts: Facts, calls: Calls) -> Connection | None:
        """How a layer that stands in no model came to be there; `None` when it may well have a use."""
        own = calls.of(facts["uid"])
        if facts["in_graph"] or calls.reach_a_sink(own):
            return None
        if facts["is_input"]:
            return Connection.UNUSED_INPUT
        if own:
            # A function that nobody called while looking may go on from its result.
            return None if any(self._kept_for_later(call["place"]) for call in own) else Connection.DEAD_BRANCH
        # Called on data, built by hand, or used by code that looking does not run: that leaves no graph.
        has_weights = bool(facts["counts"] and facts["counts"][0])
        if facts["called"] or has_weights or self._used_elsewhere(facts["place"]):
            return None
        return Connection.UNCONNECTED

    def _overtaken(self, uid: int, calls: Calls, names: dict[int, str]) -> Overtaken | None:
        found = calls.overtaker(uid)
        if found is None:
            return None
        later, source_uid = found
        place = later["place"] or {}
        variable, rebound = self._held_in(calls.of(uid)[-1]["place"])
        return Overtaken(
            path=self._path(place.get("path")),
            line=place.get("line"),
            layer=names.get(later["uid"]),
            tensor_of=names.get(source_uid),
            variable=variable,
            rebound_line=rebound,
        )

    def _kept_for_later(self, place: Facts | None) -> bool:
        uses = None if place is None else self._uses(place["path"])
        return uses is not None and place is not None and uses.may_use_result(place["line"], place["column"])

    def _held_in(self, place: Facts | None) -> tuple[str | None, int | None]:
        """The name that held the result of a call, and the line that gave that name to something else."""
        uses = None if place is None else self._uses(place["path"])
        if uses is None or place is None or place["path"] != self._real_path:
            return None, None
        return uses.bound_by(place["line"], place["column"])

    def _outside_layer(
        self,
        facts: Facts,
        calls: Calls,
        connection: Connection | None,
        overtaken: Overtaken | None,
        ids: dict[int, str],
    ) -> Layer:
        own = calls.of(facts["uid"])
        firsts = _shapes([inputs[0] for inputs in [call["inputs"] for call in own] if inputs])
        effective = _shapes([shape for call in own for shape in call["inputs"]]) if own else None
        output = _shapes([shape for call in own for shape in call["outputs"]]) if own else None
        if effective is None and facts["calls"]:
            firsts = _shapes([inputs[0] for inputs, _, _ in facts["calls"] if inputs])
            effective = _shapes([shape for inputs, _, _ in facts["calls"] for shape in inputs])
            output = _shapes([shape for _, outputs, _ in facts["calls"] for shape in outputs])
        if facts["is_input"] and output:
            effective = output
        if effective is None and not facts["called"]:
            effective = _shapes(facts["built_for"])
        effective, failure = self._failure_of(facts, effective)
        asked = effective if failure is not None else firsts or effective
        sources = dict.fromkeys(uid for call in own for uid in call["parent_uids"])
        declared = self._declaration(facts)
        # An Input outside all models decides nothing, whatever its shape; what a broken build would have made of it is
        # not known.
        verdict = judge_declaration(declared, None if facts["is_input"] else asked, decides=False)
        if facts["is_input"] and not self._judged:
            verdict = None
        return Layer(
            **self._common(facts),
            id=f"loose:{facts['uid']}",
            inbound=tuple(ids[uid] for uid in sources if uid in ids),
            declared=declared,
            effective=effective or None,
            output=output or None,
            provenance=Provenance.KERAS if effective else None,
            unknown=None if effective else NOT_CALLED,
            verdict=verdict,
            connection=connection,
            overtaken=overtaken,
            failure=failure,
        )

    def _recorded_layer(self, facts: Facts) -> Layer:
        """A layer known only from what was recorded as it was made: its process died."""
        declared = self._declaration(facts)
        return Layer(
            **self._common({**facts, "counts": None}),
            id=f"loose:{facts['uid']}",
            declared=declared,
            effective=None,
            unknown="the file's process ended before Keras could be asked",
        )

    # ------------------------------------------------------------------ parts

    def _common(self, facts: Facts) -> dict[str, Any]:
        counts = facts.get("counts")
        calls = facts.get("calls") or []
        return {
            "uid": facts["uid"],
            "name": clean_line(facts["name"]) or clean_line(facts["class_name"]).lower(),
            "class_name": clean_line(facts["class_name"]),
            "params": None if counts is None else counts[0],
            "trainable_params": None if counts is None else counts[1],
            "location": self._constructed_at(facts),
            "call_location": self._location(facts.get("call_place") or (calls[0][2] if calls else None)),
            "arguments": tuple(
                Argument(name=clean_line(name), value=clean_line(value)) for name, value in facts["arguments"]
            ),
            "is_input": facts["is_input"],
        }

    def _constructed_at(self, facts: Facts) -> Location | None:
        """The user's line for a layer; an operation (`x + y`, `keras.ops`) is constructed where it is called."""
        if facts["owner"] == "user":
            return self._location(facts["place"])
        return self._location(facts.get("call_place")) if facts["owner"] == "keras" else None

    def _declaration(self, facts: Facts) -> Declaration | None:
        declared = facts["declared"]
        if declared is None or facts["owner"] != "user":
            return None  # Keras's own: what a clone or a wrapper copies was declared elsewhere
        return Declaration(
            shape=None if declared["shape"] is None else tuple(declared["shape"]),
            argument=declared["argument"],
            value=clean_line(declared["value"]),
            line=(facts["place"] or {}).get("line"),
        )

    def _location(self, place: Facts | None) -> Location | None:
        if place is None:
            return None
        path = self._path(place["path"])
        assert path is not None
        line, column = place["line"], place["column"]
        if column is not None and place["path"] == self._real_path and line <= len(self._lines):
            before = self._lines[line - 1].encode("utf-8", "surrogatepass")[: column - 1]
            column = len(before.decode("utf-8", "replace")) + 1
        return Location(path=path, line=line, column=column, end_line=place["end_line"])

    def _path(self, path: str | None) -> str | None:
        return self._shown_path if path == self._real_path else path


def _failed_call(result: Facts) -> Facts | None:
    """The failed call of a layer that ended the file, or a function we called, with the exception's message."""
    choice = result.get("choice", {})
    endings = [result.get("ending", {}), choice.get("pick") or {}, *choice.get("factories", ())]
    endings += [shaped["error"] or {} for _, shaped in result.get("shaped", ())]
    for ending in endings:
        if ending.get("failed") is not None:
            failed: Facts = ending["failed"]
            return failed
    return None


def _shape_text(structure: Any) -> str:
    """The argument of a `build` call as it would be written."""
    if isinstance(structure, dict):
        return "{" + ", ".join(f"{key!r}: {_shape_text(value)}" for key, value in structure.items()) + "}"
    if structure and isinstance(structure[0], list):
        return "[" + ", ".join(map(_shape_text, structure)) + "]"
    return repr(tuple(structure))


def _loose(rows: Sequence[Layer]) -> Model:
    return Model(name=None, class_name=None, built=False, layers=tuple(rows))


def _shapes(shapes: Sequence[Sequence[int | None] | None] | None) -> tuple[Shape, ...] | None:
    if shapes is None:
        return None
    return tuple(tuple(shape) for shape in shapes if shape is not None)
