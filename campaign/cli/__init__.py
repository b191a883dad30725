"""The command line: one file per noun, one stage call per command, words for people.

This file holds the table of commands and how errors end. A command's own file is imported when it is called, and what
is heavy (database, pictures, templates) only inside it: `campaign --help` and completion read click and nothing more.
"""

from __future__ import annotations

import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from campaign import __version__
from campaign.cli.call import Call
from campaign.errors import CampaignError, Exit
from campaign.log import scrub

STOPPED = 130  # 128 + SIGINT, as shells count

SECTIONS = {
    "Stories and posts": {
        "add": ("intake:add", "Take in stories: folders, single files, zips."),
        "quick": ("quick:quick", "A post in one line, proofed and asked."),
        "story": ("story:story", "List, show, return or withdraw stories; begin a new one."),
        "plan": ("plan:plan", "Give stories their slots, and show the calendar."),
        "proof": ("proof:proof", "See what each audience will see, with a CODE."),
        "approve": ("proof:approve", "Say yes to exactly what a proof has shown."),
        "post": ("post:post", "List, show, move, cancel posts; say what became of them."),
        "pause": ("pause:pause", "Let a region, a channel or everything rest."),
        "resume": ("pause:resume", "End a pause."),
    },
    "Answers": {
        "status": ("answers:status", "What went out, what is next, what needs a person."),
        "why": ("answers:why", "Why a post, a story or a region is where it is."),
        "report": ("answers:report", "What was published and what came of it."),
        "log": ("answers:log", "What happened, and who did it."),
    },
    "For the admin": {
        "init": ("init:init", "Begin a campaign: config, folders, database, an example."),
        "check": ("ops:check", "Look whether everything is in order."),
        "card": ("card:card", "Try designs of cards, and check them."),
        "channel": ("channel:channel", "List channels, log them in, check, enable, disable or rename them."),
        "daemon": ("ops:daemon", "Run unattended: plan, publish, measure."),
        "tick": ("ops:tick", "Run every stage once."),
        "measure": ("ops:measure", "Fetch the engagement that is due."),
        "db": ("ops:db", "Create, update, check, back up or restore the database."),
        "adopt": ("keeping:adopt", "Let a restored, copied or moved database go on."),
        "rehearse": ("rehearse:rehearse", "Play the weeks ahead on a copy, against simulated platforms."),
        "demo": ("rehearse:demo", "Play four weeks of a campaign on a virtual clock."),
    },
}

EPILOG = """\b
Begin with:  campaign init my-campaign
             campaign demo
\b
Completion:  eval "$(_CAMPAIGN_COMPLETE=bash_source campaign)"
             in ~/.bashrc; for zsh and fish write zsh_source or fish_source
\b
Exit codes:  0 done   1 error   2 config or usage   3 done, but something needs a person
"""


class Lazy(click.Command):
    """A command that is imported when it is called."""

    def __init__(self, name: str, target: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self.target = target

    def load(self) -> click.Command:
        """Return the command itself."""
        module, _, attribute = self.target.partition(":")
        found: click.Command = getattr(import_module(f"campaign.cli.{module}"), attribute)
        return found

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        return self.load().make_context(info_name, args, parent, **extra)


class Commands(click.Group):
    """All commands, in sections; whatever goes wrong in one ends in words and an exit code."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, short_help) for name, (_, short_help) in section.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)
        except Exception as error:  # noqa: BLE001 - nobody who uses a program should read a traceback
            if ctx.ensure_object(Call).debug:
                click.echo(scrub(traceback.format_exc()), err=True)
            ctx.exit(tell(error))


def tell(error: Exception) -> int:
    """Say what went wrong on standard error; return the exit code."""
    code, message = Exit.ERROR, f"Something went wrong inside campaign ({type(error).__name__}); run with --debug."
    if isinstance(error, CampaignError):
        code, message = error.exit_code, str(error)
    elif isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        message = f"{where}{error.strerror}"
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {scrub(message)}", err=True)
    return code


@click.group(cls=Commands, epilog=EPILOG, invoke_without_command=True)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The config file; else it is searched.")
@click.option("--as", "person", metavar="PERSON", envvar="CAMPAIGN_PERSON", help="Who you are; else your login.")
@click.option("--no-color", is_flag=True, help="Plain text only.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="campaign")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, person: str | None, no_color: bool, debug: bool) -> None:
    """Make Europe's automotive regions visible.

    Takes in stories, plans them fairly, shows and asks before anything goes out, publishes on time, and counts what
    came of it. Without a command: the status, with what to type next.
    """
    call = ctx.ensure_object(Call)
    call.config_file, call.person, call.debug = config, person, debug
    if no_color:
        ctx.color = False
    if ctx.invoked_subcommand is None:
        from campaign.cli.answers import status

        ctx.invoke(status)


for section in SECTIONS.values():
    for name, (target, short_help) in section.items():
        cli.add_command(Lazy(name, target, short_help))


def main() -> None:
    """Run the command line."""
    cli(prog_name="campaign")
