"""The errors a person may see: one sentence, a hint, and the exit code scripts rely on."""

from __future__ import annotations


class AtlasodError(Exception):
    """What happened, in one sentence; ``hint`` says what to do about it.

    Attributes:
        exit_code: The code the command line ends with when this error reaches it.
        hint: What the user can do, as a sentence, or an empty string.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def whole(self) -> str:
        """What happened, and what to do about it."""
        return f"{self.message}. {self.hint}".rstrip()


class UsageError(AtlasodError):
    """The command was asked for something it cannot do: an unknown name, a missing folder."""

    exit_code = 2


class BadFileError(AtlasodError):
    """A ROOT file is damaged, or is not what its name says; it is skipped and named (exit code 4)."""

    exit_code = 4


class AnalysisError(AtlasodError):
    """An analysis file asks for something that does not exist or cannot be compiled."""


class JobError(AtlasodError):
    """A background job is not in a state in which this can be done."""


class LakeError(AtlasodError):
    """A lake cannot be reached, refuses, or cannot do what was asked of it."""

    exit_code = 3


class LoginError(LakeError):
    """A lake does not accept who asks: no credentials, wrong ones, or such as have ended; a new login may help."""


class LakeAwayError(LakeError):
    """A lake, or a storage element of it, does not answer at the moment; the same may be tried again."""


class CancelledError(AtlasodError):
    """The user ended the work; what was finished is kept."""

    exit_code = 130
