"""Errors of mlcore. Every message is a sentence a person may read.

MLError
├── BadImage         a file is not a picture we accept
├── BadSource        what is to be imported is missing, empty or unreadable
├── BadArchive       a zip is damaged, too large or tries to escape
├── BadTable         a CSV cannot be read or lacks columns
├── BadSchema        a file of labels and groups cannot be read
├── UploadError      a browser upload is unknown or no longer there
├── ConfigError      a training setting is out of range or unknown
├── FactsMissing     pictures were not measured yet
├── WeightsError     pretrained weights are missing or do not fit
├── TrainingError    a run cannot start or cannot go on
└── PredictionError  a picture cannot be classified with this run
"""


class MLError(Exception):
    """Base of everything mlcore raises on purpose."""


class BadImage(MLError):
    """A file is not a picture we accept; the message is the reason."""


class BadSource(MLError):
    """What is to be imported is missing, empty or cannot be read."""


class BadArchive(MLError):
    """A zip is damaged, too large, or holds a name that tries to escape."""


class BadTable(MLError):
    """A CSV cannot be read or lacks the columns it needs."""


class BadSchema(MLError):
    """A file of labels and groups is no JSON, or a field of it is wrong."""


class UploadError(MLError):
    """A browser upload, or a job about one, is unknown or no longer there."""


class ConfigError(MLError):
    """A training setting is unknown, of the wrong kind, or out of range."""


class FactsMissing(MLError):
    """What is asked needs pictures to be measured that are not yet."""


class WeightsError(MLError):
    """Pretrained weights are missing or do not fit the network."""


class TrainingError(MLError):
    """A run cannot start or cannot go on."""


class PredictionError(MLError):
    """A picture cannot be classified with this run."""


class NothingHeldOut(PredictionError):
    """A run has answered no pictures that its figures could be taken from."""
