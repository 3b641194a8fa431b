"""The process that opens a packed project: `python -m mlcore.restore_worker JOB_ID`."""

import sys

from mlcore.restore_jobs import do_restore

if __name__ == "__main__":
    sys.exit(do_restore(sys.argv[1]))
