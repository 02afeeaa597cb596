"""What can be wrong with a copy, as an outcome that becomes an issue."""

from publish.model.issue import BuildStopped, Issue, Level


class NotReadable(Exception):  # noqa: N818  (an outcome, turned into an issue)
    """A copy that is not taken. `code` and `hint` are an Issue's; `line` counts from 1 (0: unknown)."""

    def __init__(self, code: str, hint: str, line: int = 0) -> None:
        self.code, self.hint, self.line = code, hint, line
        super().__init__(hint)


def stopped(fault: NotReadable, file: str) -> BuildStopped:
    """The fault as what stops the import of `file`."""
    return BuildStopped((Issue(fault.code, Level.ERROR, fault.hint, file=file, line=fault.line),))
