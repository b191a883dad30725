"""Backups, and what keeps a database from sending anew what it does not know: restored, copied or moved, it is held.

- copies: whole SQLite files, through SQLite's backup API
- restore: a backup in the place of the present database
- merge: what the replaced database knows and the backup does not
- home: where a database is at work; held elsewhere, until somebody adopts it
"""

from campaign.keeping.copies import back_up
from campaign.keeping.home import adopt, wake
from campaign.keeping.restore import Restored, restore

__all__ = ["Restored", "adopt", "back_up", "restore", "wake"]
