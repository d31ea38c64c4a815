"""`canteen`, the same as `python -m bot`."""

from bot.commands.app import main

if __name__ == "__main__":
    main()
