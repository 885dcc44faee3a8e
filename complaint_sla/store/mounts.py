"""On what kind of file system a database's file lies: SQLite's log and index are memory that processes share, and over a
network machines don't share any."""

from __future__ import annotations

import os
import re
from pathlib import Path

# What Linux says of all that is mounted (proc(5)); elsewhere nothing is known.
MOUNTS = Path("/proc/self/mountinfo")
# File systems of other machines, or of the machine below a virtual one.
_OF_OTHERS = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|ncpfs|afs|coda|ceph|lustre|gfs2|ocfs2|beegfs|9p|vboxsf|prl_fs|drvfs|davfs|"
    r"fuse\.(sshfs|s3fs|rclone|davfs2?|glusterfs|ceph|cifs|smbnetfs|nfs.*|vmhgfs-fuse|grpcfuse|osxfs|gcsfuse|blobfuse2?)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network(path: Path) -> str | None:
    """The kind of the file system, if it is another machine's; None if it is this one's, or nobody knows."""
    try:
        lines = MOUNTS.read_text("utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place, kind, longest = os.path.realpath(path), None, -1
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        at = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])
        # Of two at the same place the later one covers the other.
        if len(at) >= longest and (place == at or place.startswith(at.rstrip("/") + "/")):
            kind, longest = after.split(" ")[0], len(at)
    return kind if kind is not None and _OF_OTHERS.fullmatch(kind) else None
