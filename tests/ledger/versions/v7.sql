-- A ledger as version 7 left it; made once and never changed.
PRAGMA application_id = 1936551522;
PRAGMA user_version = 7;
BEGIN TRANSACTION;
CREATE TABLE event_contacts (
    request INTEGER PRIMARY KEY REFERENCES requests,
    digests BLOB NOT NULL
);
CREATE TABLE account_names (
    name TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts
) WITHOUT ROWID;
CREATE TABLE accounts (account INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE books (
    book INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    catalog TEXT NOT NULL, pruned_run INTEGER NOT NULL DEFAULT 0, forgotten_request INTEGER NOT NULL DEFAULT 0,
    UNIQUE (server, catalog)
);
INSERT INTO "books" VALUES(1,'sandbox','cat-1',0,0);
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
CREATE TABLE known (
    book INTEGER NOT NULL REFERENCES books,
    product_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    request INTEGER NOT NULL REFERENCES requests,
    line INTEGER NOT NULL,
    PRIMARY KEY (book, product_id)
) WITHOUT ROWID;
INSERT INTO "known" VALUES(1,'a',X'D4FE54D3209BA7FED6295C5D33854256',1,0);
INSERT INTO "known" VALUES(1,'b',X'DF67801248B51073E514CB18653A0E77',1,1);
CREATE TABLE manifests (
    request INTEGER PRIMARY KEY REFERENCES requests,
    product_ids TEXT NOT NULL,
    fingerprints BLOB NOT NULL
);
INSERT INTO "manifests" VALUES(1,'["a", "b"]',X'D4FE54D3209BA7FED6295C5D33854256DF67801248B51073E514CB18653A0E77');
CREATE TABLE payloads (
    request INTEGER PRIMARY KEY REFERENCES requests,
    lines BLOB NOT NULL
);
INSERT INTO "payloads" VALUES(1,X'7B2270726F647563744964223A2261227D0A7B2270726F647563744964223A2262227D');
CREATE TABLE quota_clocks (
    account INTEGER PRIMARY KEY,
    wall REAL NOT NULL,
    steady REAL NOT NULL
);
CREATE TABLE quota_grants (
    account INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (account, number)
) WITHOUT ROWID;
CREATE TABLE quota_tickets (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    owner TEXT NOT NULL,
    seen_at REAL NOT NULL
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
, is_known INTEGER NOT NULL DEFAULT 0, left_at REAL);
INSERT INTO "requests" VALUES(1,1,1,'acknowledged',2,1.0,2.0,1,200,'r-1',1,1.0);
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
, fields TEXT, unsent INTEGER);
INSERT INTO "runs" VALUES(1,1,'upsert','finished',1,'0',1.0,1.0,2.0,2,2,0,0,0,NULL,0);
CREATE INDEX runs_of_book ON runs (book);
CREATE INDEX requests_of_run ON requests (run);
CREATE INDEX requests_unsettled ON requests (book, state) WHERE state IN ('sent', 'unknown');
CREATE INDEX requests_not_yet_known ON requests (book, request) WHERE state = 'acknowledged' AND NOT is_known;
CREATE INDEX doubts_of_request ON doubts (request);
CREATE INDEX names_of_account ON account_names (account);
CREATE INDEX quota_tickets_of_account ON quota_tickets (account, ticket)
;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',1);
INSERT INTO "sqlite_sequence" VALUES('requests',1);
COMMIT;
