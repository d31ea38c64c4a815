"""What can go wrong and who can act on it."""


class UserMistakeError(Exception):
    """Something the person at the command line or in the configuration can mend.

    `str(error)` is one line: what happened; `cure` is one line: what to do.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(what)
        self.cure = cure
