"""Gongshi: `python build.py --help`."""

if __name__ == "__main__":
    # Here, since workers read this file too when they begin, and need nothing of the command line: two seconds each.
    from publish.cli import main

    main()
