"""Programs that measure. They print tables and are never imported by the product."""
