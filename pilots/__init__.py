"""What runs inside trial processes.

Nothing here imports ``advisor``: a trial needs only the standard library, numpy, scikit-learn and the
framework under test, so that it can run in an interpreter that knows nothing of the rest.
"""

OLDEST_PYTHON = (3, 11)
#: Exit code of a process that finds itself in an older Python.
TOO_OLD = 65
