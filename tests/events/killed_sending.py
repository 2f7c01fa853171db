"""Run by test_kill.py: sends a frame of events until it is done or killed. Arguments: the sandbox, then the rows."""

import sys

import pandas as pd

import smnotebook as sm


def make_frame(rows):
    return pd.DataFrame(
        {
            "type": "PURCHASE",
            "email": [f"customer{row}@example.com" for row in range(rows)],
            "date": pd.date_range("2026-11-01", periods=rows, freq="min", tz="UTC"),
            "externalId": [f"ORDER-{row}" for row in range(rows)],
        }
    )


if __name__ == "__main__":
    url, key, secret, owner, client_id, rows = sys.argv[1:]
    client = sm.connect(base_url=url, api_key=key, api_secret=secret, owner=owner, client_id=client_id)
    make_frame(int(rows)).salesmanago.send_events(client, progress=False, errors="skip")
