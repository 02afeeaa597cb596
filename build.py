"""Gongshi: `python build.py --help`."""

if __name__ == "__main__":
    # Here, since workers read this file too when they begin.
    from publish.start import main

    main()
