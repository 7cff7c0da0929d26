"""``make golden``: judge the golden log anew, say what differs, and store it.

With ``--events`` its plans and records are made anew, too: for a new plan of the shipped city, or for more
records (``golden_events``). Whatever differs then has to be read record by record.
"""

import argparse
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from support.golden_differences import compare
from support.golden_log import Golden, effects, read, write


def main() -> None:
    """Print the differences as an entry of the CHANGELOG."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", action="store_true", help="make the plans and the records anew as well")
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)  # the failure that the log is given
    with TemporaryDirectory() as folder:
        if chosen.events:
            from support.golden_events import make

            make(Path(folder) / "made").store()
        golden = Golden.stored()
        now = effects(golden, Path(folder))
    differences = compare(read("effects"), now)
    if not differences:
        print(f"{len(golden.events)} records, {len(now)} effects: as they were, nothing written")
        return
    print(differences.report())
    write("effects", now)
    print(f"\nwritten: {len(now)} effects. For the CHANGELOG:\n\n{differences.changelog()}")


if __name__ == "__main__":
    main()
