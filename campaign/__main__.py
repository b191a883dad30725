"""`python -m campaign` is `campaign`."""

from campaign.cli import main

main()
