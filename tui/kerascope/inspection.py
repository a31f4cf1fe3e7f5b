"""The one door for the command line and the screen: a path -> what is known about it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from kerascope import rules
from kerascope.engine import LookOptions, Session
from kerascope.readers import Outline, Unreadable, declaration_edit, outline, read_python, read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kerascope.graph import Finding, Inspection, Layer, Progress

__all__ = ["Inspector", "LookOptions"]


class Inspector:
    """Looks at files, again and again; the Keras it asks is started once and kept warm.

    Args:
        options: Interpreter, Keras generation, time limit, and whether to be strict.
    """

    def __init__(self, options: LookOptions) -> None:
        self._options = options
        self._session = Session(options)

    def glance(self, path: Path) -> Inspection:
        """What the text of the file tells, in milliseconds, executing nothing."""
        return read_python(path)

    async def look(self, path: Path, on_progress: Callable[[Progress], None]) -> Inspection:
        """Run the file in a process of its own and read its models from a real Keras.

        Args:
            path: The file, as the user named it.
            on_progress: Called with what is going on, at least once a second.

        Returns:
            The graph with its findings, or the failure that says why there is none. Cancelling the task ends the file's
            process and everything it started.
        """
        glance = self.glance(path)
        if glance.failure is not None and not self._may_be_newer_python(glance):
            return glance
        try:
            text = read_text(path)
        except Unreadable as error:
            return dataclasses.replace(glance, failure=error.failure)
        inspection = await self._session.look(path, text, on_progress)
        # What ran is the text itself; what is shown has its control characters replaced, one for one.
        source = dataclasses.replace(inspection.source, path=glance.source.path, text=glance.source.text)
        inspection = dataclasses.replace(inspection, source=source)
        sites = outline(text, glance.source.path)
        layers = {layer.id: layer for model in inspection.models for layer in model.layers}
        findings = tuple(
            _with_place(finding, layers.get(finding.layer_id or ""), sites) for finding in rules.find(inspection)
        )
        return dataclasses.replace(inspection, findings=findings)

    def _may_be_newer_python(self, glance: Inspection) -> bool:
        """Whether a syntax error may only be our interpreter's, because the user chose another one."""
        return glance.failure is not None and glance.failure.kind == "syntax" and self._options.python is not None

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        self._session.stop()

    async def close(self) -> None:
        """End the Keras processes and everything they started."""
        await self._session.close()


def _with_place(finding: Finding, layer: Layer | None, sites: Outline) -> Finding:
    """Add what the text tells: the column where the interpreter did not (before Python 3.11), and the edit of a fix."""
    line, column = finding.line, finding.column
    if layer is None or line is None or finding.path != sites.path:
        return finding
    if column is None:
        callees = ("Input", "InputLayer") if layer.is_input else (layer.class_name,)
        columns = [site.column for site in sites.calls if site.line == line and site.callee in callees]
        column = columns[0] if len(columns) == 1 else None
        finding = dataclasses.replace(finding, column=column)
    if finding.fix is None or layer.declared is None or finding.rule not in ("KS101", "KS102"):
        return finding
    edit = declaration_edit(sites, line, layer.declared.argument, column=column)
    if edit is None:
        return finding
    return dataclasses.replace(finding, fix=dataclasses.replace(finding.fix, edits=(edit,)))
