"""Everything the app serves besides its pages."""

from starlette.routing import BaseRoute

from pages.routes import health, images, uploads

ROUTES: list[BaseRoute] = [*health.ROUTES, *images.ROUTES, *uploads.ROUTES]

try:
    from pages.routes import labels
except ImportError:
    pass
else:
    ROUTES += labels.ROUTES
