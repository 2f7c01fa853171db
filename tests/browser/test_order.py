"""A value and the press right after it: with ipykernel 7.4 they may reach Python in two threads, in any order."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELLS = ("import smnotebook as sm", "upload = sm.forms.UploadForm(sm.connect('sandbox'))\nupload")
# in one turn of the page's event loop, faster than any hand
_CHOOSE_AND_PRESS = """
(form, sample) => {
  const choice = form.querySelector('[data-name="sample"]');
  choice.value = sample;
  choice.dispatchEvent(new Event('change', {bubbles: true}));
  form.querySelector('[data-name="read"]').click();
}
"""


def test_a_press_never_acts_on_a_value_from_before(open_notebook):
    upload = open_notebook(*CELLS).form("upload")
    upload.get_by_label("Table from", exact=True).select_option(label="A sample file")
    read = upload.locator('[data-name="read"]')
    for turn in range(20):
        sample, headline = [("products.csv", "60 rows: "), ("products_with_faults.csv", "24 rows: ")][turn % 2]
        expect(read).to_have_attribute("aria-disabled", "false")
        upload.evaluate(_CHOOSE_AND_PRESS, sample)
        expect(upload).to_contain_text(headline)
        expect(upload).to_contain_text(f"{sample}: ")
