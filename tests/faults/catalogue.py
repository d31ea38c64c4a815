"""Every fault that Canteen survives: what is done to it at full size, and what must hold. Bars, not wishes."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    number: str
    fault: str
    injected: str
    bar: str


def _row(number: str, fault: str, injected: str, bar: str) -> Row:
    return Row(number=number, fault=fault, injected=injected, bar=bar)


DELIVERY = (
    _row("A1", "process killed", "kill -9 at 200 random instants, 1,000 deliveries", "0 lost, 0 twice, drained within 60 s of restart"),
    _row("A2", "accepted, connection reset", "every call, 1,000", "1,000 in the ledger"),
    _row("A3", "accepted, answer after our time-out", "1,000", "1,000 in the ledger"),
    _row("A4", "accepted, then 500, 503, internal_error, fatal_error", "1,000", "1,000 in the ledger"),
    _row("A6", "not accepted: refused connection, DNS, TLS", "1,000", "0 lost; going again within 5 s of recovery"),
    _row("A7", "429 storm, Retry-After: 30 for 10 minutes", "all methods", "0 lost, 0 early calls on that method and workspace; other workspaces not delayed"),
    _row("A8", "Retry-After missing, 0, -1, soon, 86400", "each", "no crash, at most one call a second, the wait is visible to the operator"),
    _row("A9", "Slack down 4 h", "every call fails", "0 lost; each kind's lateness rule applied; each owner told once"),
    _row("A10", "one poisoned message in 1,000", "invalid_blocks", "999 on time, one failed with its owner told once"),
    _row("A11", "one slow channel", "500 queued for it", "others' p99 under 2 s"),
    _row("A12", "replicas", "2, 3, 5 processes on PostgreSQL, 1,000 occurrences", "1,000 messages"),
    _row("A14", "the ticker dies while the process lives", "raise inside the tick", "/healthz red within 30 s; another replica carries on"),
    _row("A15", "rolling restart", "20 restarts in 10 minutes under load", "0 lost, 0 twice; SIGTERM drains"),
    _row("A17", "channel archived, left, deleted", "error per call", "no retry, slot paused, owner told once"),
    _row("A18", "recipient deactivated, DM refused", "one in ten", "the others get theirs; the AM sees who was not reached"),
    _row("A19", "token revoked in mid-batch", "at message 500 of 1,000", "at most one further call; resumes after reinstall with nothing lost"),
    _row("A21", "too long or too many", "3,001 characters, 51 blocks, surrogate pairs", "refused at authoring with the limit and the count; never at send"),
)  # fmt: skip

TIME = (
    _row("B1", "daylight saving", "every IANA zone's changes of this and next year, every half hour", "one post per local day"),
    _row("B5", "downtime over N due times", "10 s, 1 h, 3 days", "0 or 1 post, never N; each miss recorded and shown"),
    _row("B6", "29 February, the 31st, week 53", "yes", "documented day"),
)  # fmt: skip

VOTES = (
    _row("C1", "burst", "5,000 presses in 60 s on PostgreSQL with 2 replicas, 2,000 on SQLite", "0 lost; p99 ack under 1 s, max under 3 s; edits within the budget; the final tally equals the rows"),
    _row("C2", "killed around the ack", "kill -9 at 200 points", "0 votes acknowledged and lost"),
    _row("C3", "two devices at once", "1,000 people x 2 options, same millisecond", "1,000 rows, the later click wins"),
    _row("C5", "press around closing", "1,000 presses within 50 ms of it", "counted or told closed, never both, never neither"),
    _row("C7", "answer in the payload", "every outgoing payload of 1,000 generated quizzes, read as a member could", "a guesser trained on payloads does no better than chance"),
    _row("C9", "voter in the payload", "yes", "0 member ids of voters in any payload"),
    _row("C10", "10,000 votes on one option", "yes", "works"),
    _row("C11", "ties, latecomers, renamed, deactivated", "generated", "one total, stable order, the same on both databases"),
)  # fmt: skip

DOOR = (
    _row("D1", "bad signatures", "10,000 mutations", "all refused, no handler, no write, no 5xx"),
    _row("D2", "hostile bytes before the signature check", "bad JSON, scalars, 200k-deep, 50 MB, gzip, slow body", "4xx quickly, 1 MiB cap before parsing, memory flat"),
    _row("D3", "replay inside the 5-minute window", "each request 100 times", "one effect"),
    _row("D4", "event retries", "numbers 1 to 3, to another replica, first attempt killed before its commit", "exactly one effect, and it does happen"),
    _row("D5", "database 5 s slow", "while people press and type commands", "503 at 2.5 s, never 200 before the commit; what commits later is told; no silent expired_trigger_id"),
    _row("D6", "Socket Mode: stale, refreshed, half-open, reconnect fails", "yes", "receiving again within 30 s or /healthz red within 60 s"),
    _row("D9", "unknown fields, blocks, null user, workflow user", "generated", "ignored or refused politely, no traceback"),
    _row("D10", "pressed Submit twice because the first answer was late", "each modal and command", "one effect, the same outcome told twice"),
)  # fmt: skip

DATABASE = (
    _row("E1", "PostgreSQL down 60 s, 20 times, under load", "stop and start", "0 acknowledged work lost; ready within 10 s; no restart needed"),
    _row("E3", "deadlocks, serialisation failures", "5% of statements", "retried at the transaction's edge"),
    _row("E5", "SQLite locked by another writer for 10 s", "yes", "503 in under 3 s, nothing acknowledged lost"),
    _row("E7", "SQLite in the WAL-reset range", "start", "rollback journal, said by doctor"),
    _row("E8", "second canteen run on one SQLite file", "start", "refuses within 5 s, saying why; other commands work beside the first"),
    _row("E9", "disk full, read-only", "at 50 points", "nothing half-written, health red, recovers by itself"),
    _row("E11", "migration killed", "at each statement", "re-run completes"),
    _row("E12", "restored from a backup six hours old, under load", "restore, start", "0 twice: what was due since is reconciled with history before anything is sent"),
    _row("E13", "growth", "5 million sent deliveries", "claim p99 under 20 ms; retention keeps up"),
)  # fmt: skip

TEXT = (
    _row("F1", "mention injection", "<!channel>, <@U1>, <!subteam^S1>, pre-escaped, split, in names, titles, CSV", "0 live mentions from people's or feeds' text"),
    _row("F2", "disguised links, javascript:, bidi, zero-width", "corpus", "https only, what is shown is where it goes"),
    _row("F3", "unfurls", "links in customer text", "unfurling off"),
    _row("F6", "image bombs, SVG with script, EXIF position", "yes", "refused or re-encoded, metadata gone"),
    _row("F7", "CSV export cells starting = + - @", "yes", "neutralised"),
    _row("F9", "NUL, lone surrogates, 1 MB of combining marks", "every text field", "refused clearly in under 50 ms"),
    _row("F10", "secrets and customer text in logs", "canaries in every field, DEBUG on", "none found"),
)  # fmt: skip

RIGHTS = (
    _row("G1", "every role x action x state by direct payload", "generated", "as the table of rights; refusals change nothing and are audited"),
    _row("G2", "ids of another workspace or customer", "in value, metadata, options, slash text", "refused like not found"),
    _row("G11", "erase a person, erase a customer", "then search every table, file, log", "nothing found, standings still consistent"),
    _row("G12", "one person pressing 10,000 times", "yes", "the others' p99 unchanged"),
)  # fmt: skip

ROWS = {row.number: row for row in (*DELIVERY, *TIME, *VOTES, *DOOR, *DATABASE, *TEXT, *RIGHTS)}
