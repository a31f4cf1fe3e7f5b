"""The one door for the command line and the screen: a target -> what is known about it."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope import rules
from kerascope._collector import collector_at_rest
from kerascope._resolve import resolve
from kerascope._saved_looks import SavedLooks, glance_at, with_stats
from kerascope.engine import (
    InterpreterError,
    LookOptions,
    ModuleError,
    Question,
    Session,
    choose_generation,
    choose_python,
    find_module,
    import_name,
    legacy_line,
    real_path,
)
from kerascope.graph import Failure, Inspection, Note, Source, SourceKind, compare, merge_findings
from kerascope.readers import (
    Outline,
    Unreadable,
    declaration_edit,
    find_factories,
    outline,
    read_program,
    read_python,
)
from kerascope.readers.saved import detect, other_kind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from kerascope.engine import Probe
    from kerascope.graph import Finding, Layer, Progress, Target, WeightStats
    from kerascope.readers.saved import Found

__all__ = ["Inspector", "LookOptions"]


_ONE_ANSWER = Note(
    message="a saved model is read as data, by the rules of the Keras that wrote it; --resolve asks a real Keras, and "
    "--keras 2 or 3 says which"
)


class Inspector:
    """Looks at files, again and again; the Keras it asks is started once and kept warm.

    Args:
        options: Interpreter, Keras generation, time limit, and whether to be strict.
    """

    def __init__(self, options: LookOptions) -> None:
        self._options = options
        self._session = Session(options)
        self._saved = SavedLooks(options.timeout)
        self._resolving: list[Session] = []
        self._modules: dict[str, Path] = {}

    def glance(self, target: Target) -> Inspection:
        """What the text of the file tells, in milliseconds, executing nothing."""
        return self._glance(target)[0]

    def _glance(self, target: Target) -> tuple[Inspection, Found | None]:
        """The glance, and the saved model that stands at the path, if it is one."""
        try:
            path = self._path(target)
        except (ModuleError, InterpreterError) as error:
            return _no_module(target, str(error)), None
        # What was named as a module is a program.
        found = None if target.module is not None else detect(path)
        other = None if target.module is not None else other_kind(path, found)
        if other is not None:
            kind = SourceKind.PYTHON if found is None else found.kind
            return Inspection(source=Source(path=other.path or "", kind=kind, executed=False), failure=other), None
        if found is not None:
            return glance_at(found, target), found
        return read_python(path), None

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        """Run a program in a process of its own and read its models from a real Keras; read a saved model as data.

        Args:
            target: The file, as the user named it, and what in it.
            on_progress: Called with what is going on, at least once a second.
            compare: Ask both Keras generations, and set the other one's answer beside the first.

        Returns:
            The graph with its findings, or the failure that says why there is none. Cancelling the task ends the file's
            process and everything it started.
        """
        glance, found = self._glance(target)
        if glance.failure is not None and not self._may_be_newer_python(glance):
            return glance
        path = self._path(target)
        if found is not None:
            with collector_at_rest():
                inspection = await self._saved.look(found, target, on_progress)
            if compare and inspection.failure is None:
                inspection = dataclasses.replace(inspection, notes=(*inspection.notes, _ONE_ANSWER))
            if self._options.resolve and inspection.failure is None:
                inspection = await resolve(inspection, self._options, on_progress, self._resolving)
            return self._with_file_findings(inspection)
        try:
            text, cells = read_program(path)
        except Unreadable as error:
            return dataclasses.replace(glance, failure=error.failure)
        source = dataclasses.replace(glance.source, cells=cells)
        question = self._question(target, path, text, source)
        if not compare:
            return self._with_findings(await self._session.look(question, on_progress), text)
        return await self._look_at_both(question, text, on_progress)

    async def weight_stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        """Statistics of weights of a saved file, one by one as they are known.

        Args:
            inspection: The file, as `look` has read it.
            paths: `Weight.path` of those that are wanted.

        Yields:
            The path, and its statistics, or in a sentence why there are none.
        """
        async for path, result in self._saved.stats(inspection, paths):
            yield path, result

    def with_weight_stats(self, inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
        """The inspection with statistics of weights in it, and findings about those that hold NaN or Inf."""
        return self._with_file_findings(with_stats(inspection, stats))

    @staticmethod
    def _with_file_findings(inspection: Inspection) -> Inspection:
        return dataclasses.replace(inspection, findings=rules.find(inspection))

    async def _look_at_both(self, question: Question, text: str, on_progress: Callable[[Progress], None]) -> Inspection:
        first = choose_generation("auto" if self._options.keras == "both" else self._options.keras, text)
        looks = (
            self._session.look(question, on_progress if generation == first else _nobody, generation=generation)
            for generation in (first, 5 - first)
        )
        ours, theirs = await asyncio.gather(*looks)
        if ours.failure is not None and theirs.failure is None:
            ours, theirs = theirs, ours
        merged = self._with_findings(compare(ours, theirs), text)
        return merge_findings(merged, self._with_findings(theirs, text))

    def _question(self, target: Target, path: Path, text: str, source: Source) -> Question:
        absolute = real_path(path)
        module, root = import_name(Path(absolute), text, target.module)
        return Question(
            target=target,
            source=source,
            text=text,
            path=absolute,
            module=module,
            root=root,
            factories=find_factories(text),
        )

    def _path(self, target: Target) -> Path:
        """The file of a target.

        Raises:
            ModuleError, InterpreterError: It was named as a module, and there is no such module.
        """
        if target.module is None:
            return Path(target.path)
        if target.module not in self._modules:
            self._modules[target.module] = find_module(choose_python(self._options.python), target.module)
        return self._modules[target.module]

    def _with_findings(self, inspection: Inspection, text: str) -> Inspection:
        sites = outline(text, inspection.source.path)
        layers = {layer.id: layer for model in inspection.models for layer in model.layers}
        inspection = dataclasses.replace(inspection, legacy_line=legacy_line(text))
        findings = tuple(
            # The lines of a notebook's program are no lines of its file: nothing there can be edited by them.
            _with_place(finding, layers.get(finding.layer_id or ""), sites, editable=not inspection.source.cells)
            for finding in rules.find(inspection)
        )
        return dataclasses.replace(inspection, findings=findings)

    def _may_be_newer_python(self, glance: Inspection) -> bool:
        """Whether a syntax error may only be our interpreter's, because the user chose another one."""
        return glance.failure is not None and glance.failure.kind == "syntax" and self._options.python is not None

    def warm_probe(self, python: str, generation: int) -> Probe | None:
        """The Keras process of an interpreter and a generation that is ready to be asked at once, if there is one."""
        return self._session.warm_probe(python, generation)

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        self._session.stop()
        self._saved.stop()
        for session in self._resolving:
            session.stop()

    async def close(self) -> None:
        """End the Keras processes and everything they started."""
        self._saved.stop()
        for session in self._resolving:
            session.stop()
        await self._session.close()


def _nobody(progress: Progress) -> None:
    """The second of two looks at once has nothing to say: one status line is enough."""


def _no_module(target: Target, message: str) -> Inspection:
    source = Source(path=target.path, kind=SourceKind.PYTHON, executed=False)
    return Inspection(source=source, failure=Failure(kind="missing", message=message, path=target.path))


def _with_place(finding: Finding, layer: Layer | None, sites: Outline, *, editable: bool) -> Finding:
    """Add what the text tells: the column where the interpreter did not (before Python 3.11), and the edit of a fix."""
    line, column = finding.line, finding.column
    if layer is None or line is None or finding.path != sites.path:
        return finding
    if column is None:
        callees = ("Input", "InputLayer") if layer.is_input else (layer.class_name,)
        columns = [site.column for site in sites.calls if site.line == line and site.callee in callees]
        column = columns[0] if len(columns) == 1 else None
        finding = dataclasses.replace(finding, column=column)
    removable = finding.rule in ("KS101", "KS102", "KS103") and layer.effective is not None
    if not editable or not removable or finding.fix is None or layer.declared is None:
        return finding
    edit = declaration_edit(sites, line, layer.declared.argument, column=column)
    if edit is None:
        return finding
    return dataclasses.replace(finding, fix=dataclasses.replace(finding.fix, edits=(edit,)))
