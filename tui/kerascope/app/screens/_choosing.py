"""Choosing what to look at next: a model, a function that makes one, an input shape, the other Keras."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.reactive import reactive

from kerascope.app._asked import read_call, read_shapes, shapes_text
from kerascope.app._view import named_models
from kerascope.app.screens._looking import LookingScreen
from kerascope.app.screens.ask import Answer, AskScreen
from kerascope.app.screens.models import Choice, ModelsScreen
from kerascope.graph import is_saved, takes_shape

if TYPE_CHECKING:
    from kerascope.graph import Factory, Shape, Target

__all__ = ["ChoosingScreen"]


class ChoosingScreen(LookingScreen):
    """Changes the target by dialogs, and looks again."""

    model_index: reactive[int] = reactive(0)

    def _take_target(self, target: Target, reason: str) -> None:
        """Look at another target from now on."""
        self._target = target
        self._show_target()
        self._watch.remember()
        self._look(reason)

    def _show_target(self) -> None:
        """Say what is looked at."""

    # Models and what makes them

    def action_models(self) -> None:
        """Choose a model, or what makes one, from a list."""

        def chosen(choice: Choice | None) -> None:
            if choice is None:
                return
            if choice.index is not None:
                self.model_index = choice.index
            elif choice.factory is None:
                self._take_target(replace(self._target, name=None, call=None), "looking at all models")
            elif choice.ask or choice.factory.required:
                self._ask_call(choice.factory)
            else:
                called = replace(self._target, name=choice.factory.name, call="")
                self._take_target(called, f"calling {choice.factory.name}()")

        self.app.push_screen(ModelsScreen(self._shown(), self.model_index, self._target, self._marks), chosen)

    def _ask_call(self, factory: Factory) -> None:
        target = self._target
        last = target.call if target.name == factory.name and target.call is not None else ""
        needs = f" It needs {', '.join(factory.required)}." if factory.required else ""
        first = factory.required[0] if factory.required else "units"

        def answered(answer: Answer[Target] | None) -> None:
            if answer is not None:
                self._take_target(answer.meaning, f"calling {factory.name}({answer.meaning.call or ''})")

        self.app.push_screen(
            AskScreen(
                f"Call {factory.name}{factory.signature}",
                f"The arguments, as Python literals: numbers, texts, tuples, lists, None.{needs}",
                last or "".join(f"{name}=" for name in factory.required[:1]),
                lambda text: read_call(target, factory, text),
                f"{first}=64",
                self._marks,
                may_be_empty=not factory.required,
                does="calls it",
            ),
            answered,
        )

    # Input shapes

    def action_input_shape(self) -> None:
        """Ask for the input shape of a model that nothing else gives one."""

        def answered(answer: Answer[tuple[tuple[str | None, Shape, str | None], ...]] | None) -> None:
            if answer is not None:
                shaped = replace(self._target, input_shapes=answer.meaning)
                given = f"with input {shapes_text(answer.meaning)}" if answer.meaning else "without an input shape"
                self._take_target(shaped, given)

        self.app.push_screen(
            AskScreen(
                "Input shape",
                "The shape of one batch, None for sizes that are not fixed. Several inputs by name: "
                "image=(None, 28, 28, 1), meta=(None, 5), or in their order. It stays until another one is given, or "
                "none.",
                shapes_text(self._target.input_shapes),
                lambda text: read_shapes(text) if text else (),
                "(None, 28, 28, 1)",
                self._marks,
                may_be_empty=bool(self._target.input_shapes),
                does="looks again with it",
            ),
            answered,
        )

    def _wants_shape(self) -> bool:
        """Whether a model of the file is not built, or was built by what is asked for here."""
        if self._target.input_shapes:
            return True
        if self.inspection is None:
            return False
        if is_saved(self.inspection):
            return any(map(takes_shape, named_models(self.inspection)))
        if self.inspection.engine is None:
            return False
        return any(not model.built or model.shaped_by for model in named_models(self.inspection))

    # The other Keras

    def action_compare(self) -> None:
        """Show what the other Keras makes of the file beside this one; again hides it."""
        if is_saved(self._shown()):
            self._say("a saved model has one reading: by the rules of the Keras that wrote it", passing=True)
            return
        self._compare = not self._compare
        if not self._compare or self._shown().compared is not None:
            self._reshow()
        else:
            self._look("asking the other Keras too")

    def _reshow(self) -> None:
        """Show the same answer in another way."""
