"""Links that leave the site: each outside address that a build meets gets one static notice page, no open redirect."""

from urllib.parse import urlsplit

from publish import urls


class Outbound:
    """Turns addresses into what a page may link to, and remembers which outside ones were met.

    Addresses on the site itself and on domains counted as government (a domain covers its subdomains) stay as they
    are; other http(s) addresses become their leaving notice; anything else (javascript:, data:, …) is refused.
    """

    def __init__(self, base_url: str, government_domains: tuple[str, ...]) -> None:
        self._own = (urlsplit(base_url).hostname or "").lower()
        self._government = tuple(domain.lower().lstrip(".") for domain in government_domains)
        self._met: set[str] = set()

    def link(self, address: str) -> str | None:
        """What to write into `href`, or None if the address may not be linked."""
        address = address.strip()
        if address.startswith("#") or (address.startswith("/") and not address.startswith("//")):
            return address
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
        except ValueError:
            return None
        if parts.scheme in ("mailto", "tel"):
            return address
        if parts.scheme not in ("http", "https") or not host:
            return None
        if host == self._own or any(host == d or host.endswith("." + d) for d in self._government):
            return address
        self._met.add(address)
        return urls.leaving(address)

    def met(self) -> tuple[str, ...]:
        """The outside addresses met so far, sorted."""
        return tuple(sorted(self._met))
