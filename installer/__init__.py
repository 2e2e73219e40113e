"""Set-up and the developer's commands: ``python3 -m installer run | test | setup | bench | screenshots``.

Only the standard library is used here, since these modules run before anything is installed.
"""
