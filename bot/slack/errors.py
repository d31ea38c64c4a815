"""Slack's error names, sorted by what has to be done (https://docs.slack.dev/reference/methods/chat.postMessage)."""

from enum import Enum


class Fault(Enum):
    WAIT = "wait"  # not carried out; try again later
    LIMITED = "limited"  # 429: not carried out, and Slack says how long
    AMBIGUOUS = "ambiguous"  # may have been carried out
    PLACE = "place"  # this channel will not take it: pause it, tell an admin
    PERSON = "person"  # this person cannot be reached
    CONTENT = "content"  # never valid: a bug or bad content
    INSTALLATION = "installation"  # the token is dead
    SCOPE = "scope"  # the token works and may not do this: whatever else it does goes on
    GONE = "gone"  # what was to be changed no longer exists


# What could not be read for these may be read later; any other refusal stays one.
LATER = frozenset({Fault.WAIT, Fault.LIMITED, Fault.AMBIGUOUS, Fault.INSTALLATION})


class SlackFault(Exception):  # noqa: N818 - the domain's word
    """A call that did not succeed. `code` is Slack's name, or `timeout`, `reset`, `unreachable`, `http_<status>`."""

    def __init__(self, code: str, fault: Fault, *, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.fault, self.retry_after, self.detail = code, fault, retry_after, detail


_TABLE = {
    Fault.LIMITED: "ratelimited rate_limited",
    Fault.AMBIGUOUS: "internal_error fatal_error request_timeout update_failed",
    Fault.WAIT: "service_unavailable external_channel_migrating team_added_to_org org_login_required"
    " canvas_editing_locked message_limit_exceeded token_expired",
    Fault.PLACE: "channel_not_found is_archived is_inactive not_in_channel restricted_action"
    " restricted_action_read_only_channel restricted_action_thread_only_channel"
    " restricted_action_non_threadable_channel restricted_action_thread_locked ekm_access_denied"
    " cannot_reply_to_message posting_to_channel_denied slack_connect_canvas_sharing_blocked"
    " slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked thread_not_found"
    " method_not_supported_for_channel_type",
    Fault.PERSON: "user_not_found user_not_visible user_disabled invalid_user_combination messages_tab_disabled"
    " app_access_restricted user_not_in_channel cannot_dm_bot",
    Fault.INSTALLATION: "account_inactive token_revoked invalid_auth not_authed team_access_not_granted"
    " enterprise_is_restricted",
    Fault.SCOPE: "missing_scope no_permission access_denied team_not_found",
    Fault.GONE: "message_not_found cant_update_message cant_delete_message edit_window_closed file_not_found",
}
_BY_CODE = {code: fault for fault, codes in _TABLE.items() for code in codes.split()}


def classify(code: str) -> Fault:
    """What is not in the table is a fault of the content: repeating it would fail the same way."""
    return _BY_CODE.get(code, Fault.CONTENT)
