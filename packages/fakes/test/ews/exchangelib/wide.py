"""Everything exchangelib offers that concerns calendars, and the basics of the rest, against the fake Exchange.

Run as wide.py URL (delegate|impersonation) OWNER LOGIN [check …]. The groups stand beside this file, one story each.
"""

import sys

import calendar_changes
import calendar_queries
import directory
import folders
import item_fields
import mail
import meetings
import notifications
import people_and_tasks
import series
import support

GROUPS = (
    folders,
    calendar_queries,
    calendar_changes,
    item_fields,
    series,
    meetings,
    mail,
    people_and_tasks,
    directory,
    notifications,
)
CHECKS = [value for group in GROUPS for name, value in vars(group).items() if name.startswith("check_")]

sys.exit(1 if support.run(CHECKS, sys.argv[5:]) else 0)
