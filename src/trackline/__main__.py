"""`python -m trackline` is the `trackline` command."""

from trackline.delivery.cli import main

main()
