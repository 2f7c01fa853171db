"""The ledger's schema, as numbered steps; a step that was released is never edited, a new one is added.

How it is laid out. A *book* is one catalog of one server, or the events of one account. A request keeps the ids,
fingerprints and payloads of its products packed in one row, because a row of its own for every product would cost more
than sending it; a product shares the state of its request unless ``refusals`` has a line for it. ``known`` holds, slim
enough to be read a million at a time, what each product was last acknowledged with and where its payload lies.
``doubts`` is sparse: one row for each product of a request that may have been carried out and was never acknowledged,
with the fields still open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from smnotebook.fingerprints import fingerprint_each
from smnotebook.ledger.carry_over import carry_over

__all__ = ["LATEST", "MIGRATIONS", "migrate"]

_LEDGER = """
CREATE TABLE books (
    book INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    catalog TEXT NOT NULL,
    UNIQUE (account, catalog)
);
CREATE TABLE runs (
    run INTEGER PRIMARY KEY AUTOINCREMENT,
    book INTEGER NOT NULL REFERENCES books,
    operation TEXT NOT NULL,
    state TEXT NOT NULL,
    pid INTEGER NOT NULL,
    owner TEXT NOT NULL,
    started_at REAL NOT NULL,
    seen_at REAL NOT NULL,
    ended_at REAL,
    rows INTEGER, sent INTEGER, unchanged INTEGER, refused INTEGER, unknown INTEGER
);
CREATE INDEX runs_of_book ON runs (book);
CREATE TABLE requests (
    request INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs,
    book INTEGER NOT NULL REFERENCES books,
    state TEXT NOT NULL,
    products INTEGER NOT NULL,
    sent_at REAL NOT NULL,
    answered_at REAL,
    attempts INTEGER,
    status INTEGER,
    request_id TEXT
);
CREATE INDEX requests_of_run ON requests (run);
CREATE INDEX requests_unsettled ON requests (book, state) WHERE state IN ('sent', 'unknown');
CREATE TABLE manifests (
    request INTEGER PRIMARY KEY REFERENCES requests,
    product_ids TEXT NOT NULL,
    fingerprints BLOB NOT NULL
);
CREATE TABLE payloads (
    request INTEGER PRIMARY KEY REFERENCES requests,
    lines BLOB NOT NULL
);
CREATE TABLE refusals (
    request INTEGER NOT NULL REFERENCES requests,
    product_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason_code INTEGER,
    field TEXT,
    message TEXT NOT NULL,
    PRIMARY KEY (request, product_id)
) WITHOUT ROWID;
CREATE TABLE known (
    book INTEGER NOT NULL REFERENCES books,
    product_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    request INTEGER NOT NULL REFERENCES requests,
    line INTEGER NOT NULL,
    PRIMARY KEY (book, product_id)
) WITHOUT ROWID;
"""

_QUOTA = """
CREATE TABLE quota_grants (
    account TEXT NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (account, number)
) WITHOUT ROWID;
CREATE TABLE quota_clocks (
    account TEXT PRIMARY KEY,
    wall REAL NOT NULL,
    steady REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE quota_tickets (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    seen_at REAL NOT NULL
);
CREATE INDEX quota_tickets_of_account ON quota_tickets (account, ticket);
"""

# What is acknowledged enters "known" when somebody asks, many requests at once: one by one it cost as much again as all
# else that is written down of a request.
_KNOWN_LATER = """
ALTER TABLE requests ADD COLUMN is_known INTEGER NOT NULL DEFAULT 0;
UPDATE requests SET is_known = 1;
CREATE INDEX requests_not_yet_known ON requests (book, request) WHERE state = 'acknowledged' AND NOT is_known;
"""

# The last run of which only the end is still known: see pruning.
_PRUNED_RUN = "ALTER TABLE books ADD COLUMN pruned_run INTEGER NOT NULL DEFAULT 0"

# Fingerprints by another digest. Those of events are keyed and stay; what was pruned has no payload to tell it from.
_OTHER_FINGERPRINTS = """
UPDATE manifests SET fingerprints = fingerprints_of(payloads.lines) FROM payloads
WHERE payloads.request = manifests.request AND manifests.request IN (
    SELECT request FROM requests JOIN books USING (book) WHERE catalog <> '(events)'
);
UPDATE known SET fingerprint = substr(manifests.fingerprints, 16 * known.line + 1, 16) FROM manifests
WHERE manifests.request = known.request AND known.book IN (SELECT book FROM books WHERE catalog <> '(events)');
"""

# Doubt per product and field, runs that a lock shows to be alive, one account whatever its profile is called.
_DOUBTS_AND_ACCOUNTS = """
ALTER TABLE runs ADD COLUMN fields TEXT;
ALTER TABLE runs ADD COLUMN unsent INTEGER;
UPDATE runs SET fields = '["price", "discountPrice"]' WHERE operation = 'update prices';
UPDATE runs SET fields = '["quantity"]' WHERE operation = 'update quantities';
ALTER TABLE requests ADD COLUMN left_at REAL;
CREATE TABLE doubts (
    book INTEGER NOT NULL REFERENCES books,
    product_id TEXT NOT NULL,
    request INTEGER NOT NULL REFERENCES requests,
    cause TEXT NOT NULL,
    fields TEXT NOT NULL,
    ended_at REAL,
    ended_request INTEGER,
    PRIMARY KEY (book, product_id, request, cause)
) WITHOUT ROWID;
CREATE INDEX doubts_of_request ON doubts (request);
ALTER TABLE books RENAME COLUMN account TO server;
ALTER TABLE books ADD COLUMN forgotten_request INTEGER NOT NULL DEFAULT 0;
CREATE TABLE accounts (account INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE account_names (
    name TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts
) WITHOUT ROWID;
CREATE INDEX names_of_account ON account_names (account);
ALTER TABLE quota_grants RENAME TO old_grants;
ALTER TABLE quota_clocks RENAME TO old_clocks;
DROP TABLE quota_tickets;
CREATE TABLE quota_grants (
    account INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (account, number)
) WITHOUT ROWID;
CREATE TABLE quota_clocks (
    account INTEGER PRIMARY KEY,
    wall REAL NOT NULL,
    steady REAL NOT NULL
);
CREATE TABLE quota_tickets (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    owner TEXT NOT NULL,
    seen_at REAL NOT NULL
);
CREATE INDEX quota_tickets_of_account ON quota_tickets (account, ticket)
"""

# Of each event, in the order of its request's manifest, 16 bytes that stand for its contact: by these a person's events
# are found when they are to be forgotten. Requests of earlier versions have no line here.
_EVENT_CONTACTS = """
CREATE TABLE event_contacts (
    request INTEGER PRIMARY KEY REFERENCES requests,
    digests BLOB NOT NULL
)
"""

#: Step n, counted from 1, brings a ledger from version n - 1 to n.
MIGRATIONS = (_LEDGER, _QUOTA, _KNOWN_LATER, _PRUNED_RUN, _OTHER_FINGERPRINTS, _DOUBTS_AND_ACCOUNTS, _EVENT_CONTACTS)

# What SQL can't do well of a step, after its statements and in the same transaction.
_IN_PYTHON = {6: carry_over}

LATEST = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, *, keep_copy: Callable[[int], None]) -> int:
    """Bring a ledger to the latest version, all steps in one transaction.

    Parameters
    ----------
    keep_copy : callable
        Called with the version of a ledger that holds something, before it is changed; may refuse by raising.

    Returns
    -------
    int
        The version found: above :data:`LATEST` where a later smnotebook wrote the file, which is then left alone.
    """
    connection.create_function("fingerprints_of", 1, _fingerprints_of, deterministic=True)
    if (version := _version(connection)) >= LATEST:
        return version
    connection.execute("BEGIN IMMEDIATE")
    try:
        # another process may have done it while this one waited for the lock
        if 0 < (version := _version(connection)) < LATEST:
            keep_copy(version)
        for step in range(version + 1, LATEST + 1):
            for statement in filter(str.strip, MIGRATIONS[step - 1].split(";")):
                connection.execute(statement)
            if step in _IN_PYTHON:
                _IN_PYTHON[step](connection)
        connection.execute(f"PRAGMA user_version = {max(version, LATEST):d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return version


def _fingerprints_of(lines: bytes) -> bytes:
    """For the step that changed them: the fingerprints of a request's payloads, one behind the other."""
    return b"".join(fingerprint_each(lines.split(b"\n")))


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
