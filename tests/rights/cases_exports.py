"""Files that somebody may have of what Canteen keeps."""

from bot.features.members.rights import Action
from tests.rights.cases import MANAGERS, Case, known
from tests.rights.payloads import Press

EXPORTS = (
    Case(payload=Press(action="exports:own", place="modal"), right=Action.EXPORT_OWN, does="deliveries"),
    Case(
        payload=Press(action="exports:customer", value=known("orion")), right=Action.EXPORT_CUSTOMER, does="deliveries",
        managers=MANAGERS,
    ),
    Case(
        payload=Press(action="exports:customer", option=known("orion"), place="home"), right=Action.EXPORT_CUSTOMER,
        does="deliveries", managers=MANAGERS,
    ),
    Case(
        payload=Press(action="exports:totals", place="home"), right=Action.EXPORT_TOTALS, does="deliveries",
        owners=("owner", "otherowner"),
    ),
)  # fmt: skip
