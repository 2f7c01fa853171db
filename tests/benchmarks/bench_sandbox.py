"""What the sandbox costs: start-up, products a second, memory over many products; moto's server for a like call.

Each server is a process of its own, and one client sends one request after the other over one connection. Run by hand:
``python tests/benchmarks/bench_sandbox.py [PRODUCTS]`` (100,000 unless said otherwise; 1,000,000 take minutes).
moto is measured where it is installed with its server (``pip install "moto[server]"``): 25 items, the most that
DynamoDB takes, go to its BatchWriteItem in each request.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

BATCH = 100
MOTO_BATCH = 25
REPORTS = 10

SERVE = "from smnotebook.sandbox import serve; serve(db={db!r}, api_key='k')"
START = (
    "from smnotebook.sandbox import Sandbox; from time import perf_counter; Sandbox().start().stop(); "
    "begun = perf_counter(); box = Sandbox().start(); up = perf_counter(); box.stop(); "
    "print(up - begun, perf_counter() - up)"
)


def make_product(number: int) -> dict[str, object]:
    return {
        "productId": str(number),
        "name": f"Turtleneck sweater {number}",
        "mainCategory": "sweaters",
        "categories": ["Winter collection", "Linen products"],
        "description": "Classic sweater with a high collar, knitted from merino wool. " * 5,
        "productUrl": f"https://shop.example.com/products/{number}",
        "mainImageUrl": f"https://cdn.example.com/images/{number}.jpg",
        "available": True,
        "active": True,
        "quantity": number % 100,
        "price": 79.99,
        "discountPrice": 59.97,
        "systemDetails": {"brand": "Example", "gender": 0, "color": "black", "bestseller": True},
        "customDetails": {"detail1": "wool", "detail2": "long"},
    }


def make_item(number: int) -> dict[str, object]:
    """A product of the same size in DynamoDB's dress."""
    flat = {
        name: {"S": value if isinstance(value, str) else json.dumps(value)}
        for name, value in make_product(number).items()
    }
    return {"PutRequest": {"Item": flat}}


class Connection:
    def __init__(self, url: str, headers: dict[str, str]) -> None:
        address = urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        self.headers = {"Content-Type": "application/json", **headers}

    def post(self, path: str, body: object, **headers: str) -> dict[str, object]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request("POST", path, raw, {**self.headers, **headers})
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {read[:300]!r}")
        return json.loads(read)


@contextmanager
def process(code: str) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


def memory_megabytes(pid: int) -> float:
    """Resident memory now; NaN where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def measure_start() -> None:
    up, down = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True).stdout.split()
    print(f"start {float(up) * 1000:.0f} ms, stop {float(down) * 1000:.0f} ms, after the imports")


def measure_sandbox(products: int) -> None:
    with tempfile.TemporaryDirectory() as folder, process(SERVE.format(db=f"{folder}/s.db")) as server:
        announced = json.loads(server.stdout.readline())
        connection = Connection(announced["url"], {"API-KEY": announced["api_key"]})
        catalog = {"name": "Bench", "currency": "EUR", "location": "bench"}
        catalog_id = connection.post("/v3/product/catalogUpsert", catalog)["catalogId"]

        def send(first: int) -> None:
            listed = [make_product(number) for number in range(first, first + BATCH)]
            connection.post("/v3/product/upsert", {"catalogId": catalog_id, "products": listed})

        for title in ("new products", "the same again"):
            spent = processor_seconds(server.pid)
            rate = run(title, send, products, BATCH, lambda: memory_megabytes(server.pid))
            spent = processor_seconds(server.pid) - spent
            print(
                f"sandbox, {title}: {rate:,.0f} products/s, {products / spent:,.0f} a second of the server's processor"
            )
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        print(f"file: {size:,.0f} MB")


def measure_moto(products: int) -> None:
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    connection = Connection(
        f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}",  # noqa: S104 - where moto listens
        {
            "Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0"
        },
    )

    def call(target: str, body: object) -> None:
        media_type = {"Content-Type": "application/x-amz-json-1.0"}
        connection.post("/", body, **media_type, **{"X-Amz-Target": f"DynamoDB_20120810.{target}"})

    key = {"AttributeName": "productId"}
    call(
        "CreateTable",
        {
            "TableName": "t",
            "KeySchema": [{**key, "KeyType": "HASH"}],
            "AttributeDefinitions": [{**key, "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )

    def send(first: int) -> None:
        items = [make_item(number) for number in range(first, first + MOTO_BATCH)]
        call("BatchWriteItem", {"RequestItems": {"t": items}})

    rate = run("moto", send, products, MOTO_BATCH, lambda: float("nan"))
    print(f"moto, DynamoDB BatchWriteItem, {MOTO_BATCH} a request, in memory: {rate:,.0f} items/s")
    moto.stop()


def run(title: str, send: Callable[[int], None], products: int, batch: int, memory: Callable[[], float]) -> float:
    """Products a second; memory and pace at ten places on the way."""
    begun = perf_counter()
    step = max(batch, products // REPORTS // batch * batch)
    for first in range(0, products, batch):
        send(first)
        if (first + batch) % step == 0:
            pace = (first + batch) / (perf_counter() - begun)
            print(f"  {title} {first + batch:>10,}: {pace:>8,.0f}/s, {memory():.0f} MB", flush=True)
    return products / (perf_counter() - begun)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    measure_start()
    measure_sandbox(count)
    if find_spec("moto") and find_spec("flask"):
        measure_moto(min(count, 10_000))
    else:
        print('moto is not installed: pip install "moto[server]"')
