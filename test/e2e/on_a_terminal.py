"""Runs a program on a terminal of its own and answers it: each step waits for a text and then types.

Reads {"argv", "cwd", "env", "steps": [[text, keys], ...]} as JSON, prints what the program wrote, and ends with its code.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

given = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.chdir(given["cwd"])
    os.execve(given["argv"][0], given["argv"], given["env"])
# Wide enough that no line is broken.
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 400, 0, 0))

written = ""
deadline = time.monotonic() + 60


def read():
    """Adds what the program writes; False at its end."""
    global written
    ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        os.kill(pid, 9)
        sys.exit("Nothing more came. It had written:\n" + written)
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        # Linux says so when the last program of a terminal has ended.
        return False
    written += piece.decode(errors="replace")
    return piece != b""


seen = 0
for text, keys in given["steps"]:
    while text not in written[seen:]:
        if not read():
            sys.exit(f"It ended before it asked {text!r}. It had written:\n{written}")
    seen = len(written)
    os.write(terminal, keys.encode())
while read():
    pass
print(written)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
