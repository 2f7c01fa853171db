"""Run by test_kill.py: forks a child for each line of its input, which uploads until it is done or killed.

The parent has everything imported and no thread, so a child costs milliseconds. Input: JSON with the frame's variant.
Output: the child's process number, then ``started`` and ``done`` from the child, then ``gone`` once it is.
"""

import json
import os
import sys

import numpy as np
import pandas as pd

import smnotebook as sm
import smnotebook.upload.carrying
from smnotebook.upload.batch import cut_batches


def make_frame(rows, version, order, index):
    numbers = np.arange(rows)
    if order is not None:
        numbers = np.random.default_rng(order).permutation(numbers)
    frame = pd.DataFrame(
        {
            "productId": [f"SKU-{number:05d}" for number in numbers],
            "name": [f"Product {number}, version {version if number % 3 == 0 else 0}" for number in numbers],
            "mainCategory": "shoes",
            "productUrl": [f"https://shop.example.com/p/{number}" for number in numbers],
            "available": True,
            "active": True,
            "quantity": 9,
            "systemDetails.brand": "Acme",
            "price": numbers % 100 + 0.99,
        }
    )
    return frame.set_axis([f"{index}-{number}" for number in range(rows)]) if index else frame


SAID_YES = {"progress": False, "allow_overwrite": True}
REPAIR = SAID_YES | {"allow_outliers": True}

#: What is killed; each call made again must end as if it had not been.
ACTS = {
    "upsert_products": lambda frame, catalog: frame.salesmanago.upsert_products(catalog, **SAID_YES),
    "update_prices": lambda frame, catalog: frame.assign(price=7.77).salesmanago.update_prices(catalog, **REPAIR),
    "update_quantities": lambda frame, catalog: frame.assign(quantity=3).salesmanago.update_quantities(
        catalog, **REPAIR
    ),
    "patch_products": lambda frame, catalog: (
        frame[["productId"]].assign(brand="Nord").salesmanago.patch_products(catalog, **REPAIR)
    ),
    "deactivate": lambda frame, catalog: frame.salesmanago.deactivate(catalog, **REPAIR),
    "restore": lambda frame, catalog: catalog.restore(first_patch(catalog), over_later=True).send(progress=False),
}


def first_patch(catalog):
    runs = catalog.runs()
    return int(runs.loc[runs["operation"] == "patch", "run"].iloc[0])


def upload(line):
    variant = json.loads(line)
    smnotebook.upload.carrying.cut_batches = lambda stretches, size: cut_batches(stretches, size=variant["batch"])
    client = sm.connect(base_url=variant["url"], api_key=variant["key"])
    catalog = client.catalog("Shop EU")
    frame = make_frame(variant["rows"], variant["version"], variant["order"], variant["index"])
    print("started", flush=True)
    report = ACTS[variant.get("act", "upsert_products")](frame, catalog)
    print("done", report.sent, report.unchanged, flush=True)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            upload(line)
            os._exit(0)
        print("child", child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)
