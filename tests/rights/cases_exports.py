"""Files that somebody may have of what Canteen keeps."""

from bot.features.members.rights import Action
from tests.rights.cases import Case
from tests.rights.payloads import Press

EXPORTS = (
    Case(payload=Press(action="exports:own", place="modal"), right=Action.EXPORT_OWN, does="deliveries"),
)  # fmt: skip
