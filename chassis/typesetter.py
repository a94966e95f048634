"""Run by ``typesetting`` in a process of its own: a template and its values in, a PDF out. Imports nothing of ours."""

import json
import sys

import typst


def main() -> None:
    """Set one document."""
    order = json.load(sys.stdin)
    pdf = typst.compile(
        order["template"].encode(),
        sys_inputs={"values": order["values"]},
        ignore_system_fonts=True,  # the same on every machine: the fonts that come with the package
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
