"""Ways to fetch public pages: each page is checked as a page, and none may carry a cookie."""

import pytest

from tests.page_check import check, said


class Reader:
    """Somebody who looks at the portal: `page` gives the words of a checked page."""

    def __init__(self, client):
        self.client = client

    def get(self, url, status=200):
        response = self.client.get(url)
        assert response.status_code == status, f"{url}: {response.status_code}"
        assert "Set-Cookie" not in response.headers, f"{url} sets a cookie"
        assert "Cookie" not in response.headers.get("Vary", ""), f"{url} differs by cookie"
        return response

    def html(self, url, status=200):
        return self.get(url, status).get_data(as_text=True)

    def page(self, url, status=200):
        return said(check(self.html(url, status)).root)

    def case(self, receipt, status=200):
        return self.page(f"/pa/{receipt.number}", status)


@pytest.fixture
def reader(client):
    return Reader(client)
