"""Ralph's server, run by the Python of its own environment: `run.py PORT`.

Its backend of files writes each file once unless it is told to append, and no setting tells it so.
"""

import sys

import uvicorn
from ralph.api import app
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend

FSLRSBackend.default_operation_type = BaseOperationType.APPEND
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
