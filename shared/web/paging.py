"""Lists in pages: `?page=2&pageSize=50`, with a `Link: <...>; rel="next"` header when there is more (RFC 8288).

What else was asked, such as a word to narrow the list by, stands in those addresses too.
"""

# No `from __future__ import annotations` here: FastAPI must find the local names in these signatures.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

Row = TypeVar("Row")
OWN = ("page", "pageSize")


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for. Fetch `fetch` rows after `skip`, then answer `cut(rows)`."""

    number: int
    size: int
    _request: Request
    _response: Response

    @property
    def skip(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def fetch(self) -> int:
        """One row more than fits: it tells whether there is a next page."""
        return self.size + 1

    def cut(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of this page, with links to its neighbours in the headers."""
        links = [(self.number - 1, "prev")] if self.number > 1 else []
        links += [(self.number + 1, "next")] if len(rows) > self.size else []
        if links:
            path, asked = self._request.url.path, self._request.query_params.multi_items()
            kept = [(name, value) for name, value in asked if name not in OWN]
            self._response.headers["Link"] = ", ".join(
                f'<{path}?{urlencode([("page", number), ("pageSize", self.size), *kept])}>; rel="{name}"'
                for number, name in links
            )
        return list(rows[: self.size])


def _page(
    request: Request,
    response: Response,
    page: Annotated[int, Query(ge=1, le=10_000, description="Which page, from 1.")] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100, description="Rows on a page.")] = 50,
) -> Page:
    return Page(page, page_size, request, response)


Paged = Annotated[Page, Depends(_page)]
"""A parameter of every route that answers a list."""
