"""Errors of storage. Every message is a sentence a person may read.

StorageError
├── HomeError      the data folder is missing, read-only, full or in use
├── ProjectError   a project is unknown, badly named or exists already
├── ImageError     an image is unknown
├── LabelError     a label or group is unknown, badly named or doubled
│   └── ExpressionError   a condition on labels cannot be read
├── ViewError      a saved view is unknown, badly named or doubled
├── RecipeError    a saved recipe is unknown or badly named
├── RunError       a run is unknown, or may not go into that state
└── SchemaError    project.db is damaged or made by a newer version
"""


class StorageError(Exception):
    """Base of everything storage raises on purpose."""


class HomeError(StorageError):
    """The data folder cannot be used: missing, read-only, full or in use."""


class ProjectError(StorageError):
    """A project is unknown, its name is not allowed, or it exists already."""


class ImageError(StorageError):
    """An image is unknown to the project."""


class LabelError(StorageError):
    """A label, group or rule is unknown, badly named, doubled or contradictory."""


class ExpressionError(LabelError):
    """A condition on labels cannot be read; the sentence says where and why."""


class ViewError(StorageError):
    """A saved view is unknown, badly named, or its name is taken."""


class RecipeError(StorageError):
    """A saved recipe is unknown or badly named."""


class RunError(StorageError):
    """A run is unknown, or the wanted change of state is not allowed."""


class SchemaError(StorageError):
    """The project file is damaged or was made by a newer version."""
