"""Follow every internal link of the built site, anchors included.

    python docs/_check_links.py docs/_build/html

Exits with 1 and a list if one leads nowhere.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"a": "href", "img": "src", "link": "href", "script": "src"}


class Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors |= {attributes.get("id"), attributes.get("name")}
        link = attributes.get(LINKS.get(tag, ""))
        if link:
            self.links.add(link)


def internal(link):
    """Return path and anchor of a link inside the site, or None."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    return unquote(parts.path), unquote(parts.fragment)


def broken_links(root):
    """Yield (page, link) for every link that leads nowhere."""
    paths = [path for path in root.rglob("*.html") if "_static" not in path.parts]
    pages = {path.resolve(): Page(path.read_text()) for path in paths}
    for path, page in pages.items():
        for link in sorted(page.links):
            if (parts := internal(link)) is None:
                continue
            target = (path.parent / parts[0]).resolve() if parts[0] else path
            target = target / "index.html" if target.is_dir() else target
            known = pages.get(target)
            anchor_missing = known is not None and parts[1] not in {*known.anchors, ""}
            if not target.exists() or anchor_missing:
                yield path.relative_to(root.resolve()), link


def main():
    """Print what is broken."""
    root = Path(sys.argv[1])
    broken = list(broken_links(root))
    for page, link in broken:
        print(f"{page}: {link}")
    print(f"{len(list(root.rglob('*.html')))} pages, {len(broken)} broken links")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
