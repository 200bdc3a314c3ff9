"""Names of records on a shared page."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from trackline.documents.models import ShareLink


def ref_of(link: ShareLink, kind: str, pk: int) -> str:
    """Return a name for a record that says nothing outside this link."""
    return salted_hmac("trackline.sharing", f"{link.pk}/{kind}/{pk}").hexdigest()[:20]
