"""What stands behind each command of ``videocraft``. Nothing heavy is imported before a command needs it."""

from __future__ import annotations


class CommandFailed(Exception):
    """A command can't do what was asked; the message is one sentence for whoever typed it.

    Args:
        message: what is wrong and, where there is one, the way out.
        exit_code: 2 for a wrong setting or flag, 1 for everything else.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


__all__ = ["CommandFailed"]
