"""The export routes of the frameworks, one module each, found by listing this folder.

A module declares itself in ``ROUTE`` (see :class:`pilots.routes.ExportRoute`) and has three functions, which never
meet in one process: ``export(subject, folder)`` writes the artifact and returns what had to be worked around;
``load(artifact)`` loads it where only the runtime is; ``run(loaded, x)`` predicts, numpy in and numpy out. What it
needs beyond numpy is imported inside them, so that routes can be listed where nothing is installed.

Two more functions are optional. ``figures(loaded)`` returns the :class:`pilots.rehearsal_records.Figures` that only
this route can tell, asked for once the artifact predicts the same. ``time_calls(loaded, x, calls)`` predicts the rows
``x`` so many times, one call after the other, and returns a tuple with the milliseconds that each took. It is for
routes whose ``run`` has to reach another program, such as a browser or a C++ program, which then times itself: the way
to it does not count. Processes that ``load`` starts are ended with the process it runs in.
"""
