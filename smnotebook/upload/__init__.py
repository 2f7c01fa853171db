"""Where frame, wire and ledger meet: plan, send, record, report."""

from smnotebook.upload.products import OnErrors, upload_products

__all__ = ["OnErrors", "upload_products"]
