"""People who use the local Slack by themselves, at a human pace, as anyone could with the control API."""
