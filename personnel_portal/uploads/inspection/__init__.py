"""Looking into a file that nobody vouches for.

The inspection runs in a process of its own with little memory, little time and none of the portal's secrets, so that
a file made to crash or to swell a parser harms only that process. Nothing here imports Django.
"""
