"""The look of the pages: stylesheets of NL Design System, ours on top, and the address that each is served at.

The packages stand in `design/package.json` and are fetched at set-up, never committed. Where they are missing the pages
say so and wear our own style alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

HERE = Path(__file__).parent
STATIC = HERE / "static"
FETCHED = HERE.parents[1] / ".cache" / "design" / "node_modules"
PACKAGES = (
    ("@nl-design-system-unstable/voorbeeld-design-tokens", "dist/theme.css"),
    ("@utrecht/component-library-css", "dist/index.css"),
)
"""Name and stylesheet of each package, in the order in which they come."""

SECURITY = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""An address holds a digest of what is there, so it never changes."""
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".txt": "text/plain; charset=utf-8"}  # fmt: skip


@dataclass(frozen=True)
class Asset:
    """A file that pages link to. `address`: below the assets' folder, with a digest in it."""

    name: str
    content: bytes

    @property
    def address(self) -> str:
        """Where it is, such as `3f2a.../page.css`."""
        return f"{hashlib.sha256(self.content).hexdigest()[:16]}/{self.name}"


@dataclass(frozen=True)
class Design:
    """What the pages wear. `whole`: NL Design System is there."""

    assets: tuple[Asset, ...]
    whole: bool

    def named(self, name: str) -> Asset:
        """One of them. Raises `KeyError`."""
        return {asset.name: asset for asset in self.assets}[name]

    @property
    def styles(self) -> tuple[Asset, ...]:
        """The stylesheets, in order."""
        return tuple(asset for asset in self.assets if asset.name.endswith(".css"))


@cache
def design(folder: Path | None = None) -> Design:
    """The look, from the folder of packages. Without: where set-up puts them."""
    fetched = tuple(_fetched(folder or FETCHED))
    whole = len(fetched) == len(PACKAGES) + 1
    own = tuple(Asset(path.name, path.read_bytes()) for path in sorted(STATIC.iterdir()))
    return Design((fetched if whole else ()) + own, whole)


def _fetched(folder: Path) -> Iterator[Asset]:
    licences = []
    for package, style in PACKAGES:
        home = folder / package
        try:
            yield Asset(f"{package.rpartition('/')[2]}.css", (home / style).read_bytes())
            licences.append(f"{package}\n\n{(home / 'LICENSE.md').read_text()}")
        except OSError:
            return
    yield Asset("licences.txt", "\n\n----\n\n".join(licences).encode())


def asset_routes(found: Design) -> APIRouter:
    """`/assets/...`: what the pages link to. Anybody may have it; it holds nothing of anybody."""
    router = APIRouter(prefix="/assets", include_in_schema=False)
    known = {asset.address: asset for asset in found.assets}

    @router.get("/{digest}/{name}")
    async def asset(digest: str, name: str) -> Response:
        one = known.get(f"{digest}/{name}")
        if one is None:
            raise HTTPException(404)
        return Response(one.content, headers=FOREVER | SECURITY, media_type=TYPES[Path(name).suffix])

    return router
