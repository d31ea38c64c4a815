"""What can go wrong and who can act on it."""


class UserMistakeError(Exception):
    """Something the person at the command line or in the configuration can mend.

    `str(error)` is one line: what happened; `cure` is one line: what to do.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(what)
        self.cure = cure


class UnreadableError(UserMistakeError):
    """What is stored cannot be deciphered here. Says which key by its fingerprint, and never what stands there.

    `lasting`: no other process will fare better.
    """

    def __init__(self, what: str, cure: str, *, lasting: bool) -> None:
        super().__init__(what, cure)
        self.lasting = lasting
