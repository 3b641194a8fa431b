"""What a model going out or coming in is at, in words; apart, so that pages can say it.

The module that does the work loads what a page must not.
"""

EXPORT_STEPS = (
    "Reading the run",
    "Building one model of it",
    "Writing the file",
    "Answering test pictures",
    "Packing the zip",
    "Running its script by itself",
)
IMPORT_STEPS = (
    "Checking every file",
    "Answering its test pictures",
    "Taking it over",
)
