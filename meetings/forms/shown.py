"""Forms that remember what they showed, so that a page that stood open undoes nobody else's change."""

from typing import Any

from django import forms

from meetings.actions.shown import ChangedMeanwhileError, Shown, digest


class AsShownForm(forms.ModelForm[Any]):
    """The form of a record that somebody else may be changing: what the person left as it was shown is not written."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes: dict[str, Any] = {}
        # Called when the page is written, once the fields are those of the page.
        self.initial["shown"] = lambda: _packed({name: digest(self.initial.get(name)) for name in self._names()})

    def clean(self) -> dict[str, Any]:
        """Note what the person changed, and take the rest as it is now."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is not None:
            typed = {name: cleaned[name] for name in self._names() if name in cleaned}
            self.changes = {name: value for name, value in typed.items() if self._is_changed(name, value)}
            cleaned.update({name: self.initial[name] for name in typed.keys() - self.changes.keys()})
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """Show the form again with what was typed; what was told is written if it is sent once more."""
        super().add_error(field, error)
        if isinstance(error, ChangedMeanwhileError):
            self.data = dict(self.data.items(), shown=_packed({**self.as_shown, **error.now}))

    @property
    def as_shown(self) -> Shown:
        """What the page showed; empty when it does not say."""
        parts = (part.partition(":") for part in str(self.data.get("shown", ""))[:2000].split())
        return {name: value for name, _, value in parts if name in self.fields}

    def _is_changed(self, name: str, value: Any) -> bool:
        shown = self.as_shown
        seen = shown.get(name) if shown else digest(self.initial[name])
        return seen not in (None, digest(value))

    def _names(self) -> list[str]:
        return [name for name in self.fields if name != "shown"]


def _packed(shown: Shown) -> str:
    return " ".join(f"{name}:{value}" for name, value in shown.items())
