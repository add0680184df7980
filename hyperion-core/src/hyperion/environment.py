"""The environment variables that Hyperion reads, each with what it says: for documentation, and to find misspelt ones.

It reads each where it is used; this is their list. Plugins of others may read further ones.
"""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES: Mapping[str, str] = {
    "HYPERION_BUDGET": "seconds for looking and checking, for one function",
    "HYPERION_CONFIG": "one configuration file instead of the project's and the user's; empty: none",
    "HYPERION_DISABLE_PLUGINS": "plugins to leave out, separated by commas",
    "HYPERION_HOME": "the folder of caches and the theorem library",
    "HYPERION_KEPT_MEMORY": "bytes of freed arrays that are kept for the next ones",
    "HYPERION_LOG": "the file that gets the logs of a command as JSON lines; -: stderr",
    "HYPERION_LOG_LEVEL": "from which level on; INFO if not given",
    "HYPERION_NO_PLUGINS": "1: no installed plugin at all, to find out whether one of them is to blame",
    "HYPERION_NUM_THREADS": "threads of compiled code",
    "HYPERION_PLUGINS": "the plugins to use, separated by commas, and no others",
    "HYPERION_PREFER": "fastest, or proven: also where the loop as written is predicted to be faster",
    "HYPERION_RECHECK": "1: stored proofs are checked in every process",
    "HYPERION_REPRODUCERS": "the folder that gets a file for each pass that fails",
    "HYPERION_TRACEBACK": "full: errors keep the frames of Hyperion itself",
    "HYPERION_VIRTUAL_DEVICES": "how many virtual devices there are; 4 if not given",
}
FOR_TESTS = (
    "HYPERION_COQ",
    "HYPERION_GALLERY",
    "HYPERION_SEED",
    "HYPERION_UPDATE_GOLDEN",
    "HYPERION_VALIDATE",
)
"""What the tests of this repository read."""
