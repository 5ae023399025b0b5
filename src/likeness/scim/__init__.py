"""The door of directories: SCIM 2.0 at `/scim/v2`.

`door.py` reads and answers requests and knows who asks. Everything else here needs scim2-server and
is imported when the first directory comes, since that takes half a second.
"""
