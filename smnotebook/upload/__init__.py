"""Where frame, wire and ledger meet: plan, send, record, report."""

from smnotebook.upload.options import OnErrors, UploadArguments
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.products import plan_products, upload_products
from smnotebook.upload.progress import Progress, ProgressLine

__all__ = ["OnErrors", "Progress", "ProgressLine", "UploadArguments", "UploadPlan", "plan_products", "upload_products"]
