"""The five ways in which the domain says no.

A verb raises one of these with a sentence fit for the user; each front maps
them once to its own codes. Anything else that escapes a verb is a bug.
"""


class Failure(Exception):
    """A refusal whose text may be shown to the person who asked."""


class NotFound(Failure):
    """No such thing, or not for this viewer: the two are never told apart."""


class Forbidden(Failure):
    """The thing is known to the viewer, the right to do this is not theirs."""


class Invalid(Failure):
    """A value that cannot be: the sentence says which and why."""


class Conflict(Failure):
    """It contradicts what is there already, such as a name that is taken."""


class Unavailable(Failure):
    """It cannot be done just now; `retry_after_s` says when to come back."""

    def __init__(self, sentence: str, retry_after_s: int = 5):
        super().__init__(sentence)
        self.retry_after_s = retry_after_s
