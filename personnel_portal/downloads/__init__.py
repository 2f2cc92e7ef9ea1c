"""Files that take longer to write than a person waits: asked for on a page, written by a worker, fetched when ready.

What is asked for is an address of the portal. The worker opens it as the person who asked, through the same guards, so
that a list, its filters and who may see it are said in one place. A list or a paper that is too long for a request leads
to `lists.put_off`; the view is called again by the worker with a `lists.BackgroundRequest`, for which nothing is too long.
"""
