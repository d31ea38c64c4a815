"""Which column is which: our own names and those of Salesforce's account and HubSpot's company exports.

Salesforce: labels of reports ("Account ID") and API names of the Data Loader ("BILLINGCOUNTRY"),
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm.
HubSpot: https://knowledge.hubspot.com/properties/hubspot-crm-default-company-properties. When a record was created in a
CRM is not since when somebody is a customer, so "Created Date" and "Create Date" are not recognised; HubSpot's company
"Close Date" is the day a company became a customer.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# For each field the headers that name it, the best first: where a file has two of them, the first is used.
CUSTOMERS: Mapping[str, Sequence[str]] = {
    "external_id": (
        *("external id", "customer id", "customer number", "customer no", "id"),
        *("account id", "account id 18", "case safe id", "account: account id", "account number"),
        *("record id", "record id - company", "company id", "hs_object_id", "hubspot id"),
    ),
    "name": (
        *("name", "customer", "customer name"),
        *("account name", "account: account name"),
        *("company name", "company", "organisation", "organization"),
    ),
    "aliases": ("aliases", "alias", "also known as", "other names", "tradestyle", "doing business as", "dba"),
    "industry": ("industry", "sector", "branch"),
    "country": (
        *("country", "country/region", "country name"),
        *("billing country", "billing country/region", "billing country (text only)", "billing country code"),
        *("shipping country", "shipping country code"),
    ),
    "customer_since": (
        *("customer since", "client since", "since", "became a customer date", "customer start date"),
        "close date",
    ),
    "size_rank": ("size rank", "rank"),
    "revenue_band": ("revenue band", "revenue range", "annual revenue", "revenue"),
    "website": ("website", "web site", "website url", "homepage", "url", "company domain name", "domain"),
    "logo": ("logo", "logo file", "logo url", "logo file or url"),
    "account_manager": (
        *("account manager", "account manager email", "account manager e-mail", "am", "am email"),
        *("account owner email", "account owner: email", "owner email", "owner: email", "owner.email"),
        *("company owner email", "company owner", "account owner", "owner", "hubspot owner"),
    ),
    "deputy": ("deputy", "deputy email", "deputy e-mail", "stand-in", "backup account manager"),
    "news_every_days": ("news every days", "news every", "days between news", "update every days"),
    "adoptable": ("adoptable", "may be adopted", "can be adopted"),
    "max_adopters": ("max adopters", "maximum adopters", "adopters at most", "most adopters"),
    "confidential": ("confidential", "secret"),
    "may_be_named": ("may be named", "can be named", "nameable", "name public", "reference customer"),
}
PRODUCTS: Mapping[str, Sequence[str]] = {
    "external_id": ("external id", "product id", "id", "product code", "sku", "part number", "record id"),
    "name": ("name", "product", "product name"),
    "team": ("team", "made by team", "made by", "team name", "which team makes it"),
    "customers": ("customers", "used by customers", "used by", "customer", "which customers use it"),
    "ends_up_in": ("ends up in", "what it ends up in", "ends up", "found in"),
}
TEAMS: Mapping[str, Sequence[str]] = {"name": ("name", "team", "team name"), "channels": ("channels", "channel")}
PEOPLE: Mapping[str, Sequence[str]] = {
    "email": ("email", "e-mail", "email address", "e-mail address", "mail", "person", "e-mail or slack id"),
    "slack_id": ("slack id", "user id", "userid", "slack user id", "member id"),
    "team": ("team", "team name"),
}
FIELDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "customers": CUSTOMERS,
    "products": PRODUCTS,
    "teams": TEAMS,
    "people": PEOPLE,
}
# Every group needs one of its fields.
NEEDED: Mapping[str, Sequence[Sequence[str]]] = {
    "customers": (("external_id",), ("name",)),
    "products": (("external_id",), ("name",)),
    "teams": (("name",),),
    "people": (("email", "slack_id"), ("team",)),
}
# A header that means what we need in one CRM's export only, and a header that tells that export.
ONLY_WITH: Mapping[str, str] = {"closedate": "recordid"}


def squeeze(header: str) -> str:
    """`Billing Country`, `BILLINGCOUNTRY` and `billing_country` are one."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", header).casefold() if sign.isalnum())


@dataclass(frozen=True, kw_only=True)
class Columns:
    """`at`: field to position. `ignored`: headers that no field needs. `doubled`: (header, the one used instead)."""

    headers: tuple[str, ...]
    at: Mapping[str, int]
    ignored: tuple[str, ...]
    doubled: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]

    def header_of(self, field: str) -> str:
        return self.headers[self.at[field]] if field in self.at else field.replace("_", " ")


def recognise(what: str, headers: Sequence[str]) -> Columns:
    """`what` is customers, products, teams or people."""
    shown = tuple(header.strip().lstrip("\ufeff") for header in headers)
    squeezed = [squeeze(header) for header in shown]
    at: dict[str, int] = {}
    taken: dict[int, str] = {}
    for field, names in FIELDS[what].items():
        for name in names:
            key = squeeze(name)
            if key not in squeezed or not _in_its_export(key, squeezed):
                continue
            for position in (place for place, found in enumerate(squeezed) if found == key):
                taken.setdefault(position, field)
                at.setdefault(field, position)
    missing = tuple(
        " or ".join(FIELDS[what][field][0] for field in group)
        for group in NEEDED[what]
        if not any(field in at for field in group)
    )
    return Columns(
        headers=shown,
        at=at,
        ignored=tuple(header for place, header in enumerate(shown) if place not in taken and header),
        doubled=tuple((shown[place], shown[at[field]]) for place, field in taken.items() if at[field] != place),
        missing=missing,
    )


def _in_its_export(key: str, squeezed: Sequence[str]) -> bool:
    return key not in ONLY_WITH or ONLY_WITH[key] in squeezed
