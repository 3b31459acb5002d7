"""`python -m config.up COMMAND`, which the Makefile's targets call."""

from __future__ import annotations

import os
import sys

from config.env import get_env
from config.up.launcher import Launcher
from config.up.tree import LaunchError, checkout

COMMANDS = ("up", "down", "reset", "demo", "logs", "status")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m config.up {{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    launcher = Launcher(tree=checkout(), env=get_env(), given=dict(os.environ))
    command = getattr(launcher, arguments[0])
    try:
        code: int = command()
    except LaunchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
