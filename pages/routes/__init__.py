"""Everything the app serves besides its pages."""

from starlette.routing import BaseRoute

from pages.routes import (
    coverage,
    drawn,
    exports,
    health,
    images,
    label_keys,
    labels,
    marks,
    overview_address,
    people,
    runs,
    suggestions,
    thumbs,
    unknown,
    uploads,
    v1_api,
)

ROUTES: list[BaseRoute] = [
    *health.ROUTES,
    # Before what a project of the name “v1” would have.
    *v1_api.ROUTES,
    *images.ROUTES,
    *drawn.ROUTES,
    *uploads.ROUTES,
    *exports.ROUTES,
    *coverage.ROUTES,
    *labels.ROUTES,
    *label_keys.ROUTES,
    *marks.ROUTES,
    *people.ROUTES,
    *runs.ROUTES,
    *suggestions.ROUTES,
    *thumbs.ROUTES,
    *overview_address.ROUTES,
    # Last: Streamlit would answer everything else with its page.
    *unknown.ROUTES,
]
