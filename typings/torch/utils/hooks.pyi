"""Hooks of modules."""

class RemovableHandle:
    def remove(self) -> None: ...
