"""The door of the command line: light, so that an interruption while the rest is imported is one line as well."""

from __future__ import annotations

from maternal_eval.core import faults


def _application() -> object:
    from maternal_eval.app.cli import application

    return application()


def main() -> None:
    """Run the command line."""
    faults.run_and_end(_application)


if __name__ == "__main__":
    main()
