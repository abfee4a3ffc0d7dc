"""``advisor export``: the trials of a study for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from advisor.commands.common_options import DEFAULT_STUDY, STANDARD_OUTPUT, StudyArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.exporting.columns import Exported

Format = Literal["csv", "parquet", "mlflow"]


def export(
    study: StudyArgument = DEFAULT_STUDY,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="A table, csv unless you name another, or a store of MLflow."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write there; csv goes to standard output without it."),
    ] = None,
    tensorboard: Annotated[
        Path | None,
        typer.Option("--tensorboard", metavar="FOLDER", help="Write the learning curves there, for TensorBoard."),
    ] = None,
    older: Annotated[
        bool, typer.Option("--all", help="Also trials of older plans, other versions and other machines.")
    ] = False,
) -> None:
    """The measurements as a table, for MLflow or TensorBoard.

    One row per trial and number measured; docs/export.md says what each column means. Nothing leaves this machine.

    \b
    Examples:
      advisor export -o trials.csv
      advisor export advisor-study --format parquet -o trials.parquet
      advisor export --format mlflow -o mlflow.db
      advisor export --tensorboard curves
    """
    from advisor.exporting.trials import exported_trials
    from advisor.study import existing_study

    where = existing_study(study)
    trials = exported_trials(where, older=older)
    if tensorboard is not None:
        from advisor.exporting.tensorboard import write_event_files

        runs = write_event_files(trials, tensorboard)
        typer.echo(f"{runs} learning curves; look at them with: tensorboard --logdir {tensorboard}", err=True)
        typer.echo(tensorboard)
        if format is None and output is None:
            return
    _write(trials, format or "csv", output, where.name)


def _write(trials: Sequence[Exported], format: Format, output: str | None, name: str) -> None:
    import io
    import sys

    from advisor.errors import AdvisorError
    from advisor.exporting.output import output_file
    from advisor.exporting.spreadsheet import write_csv

    if output in (None, *STANDARD_OUTPUT):
        if format != "csv":
            raise AdvisorError(
                f"{format} needs a file to write to.",
                where="--format",
                next_command=f"advisor export --format {format} -o FILE",
            )
        write_csv(trials, sys.stdout)
        return
    path = Path(str(output))
    if format == "mlflow":
        from advisor.exporting.mlflow import write_mlflow

        added = write_mlflow(trials, path, f"advisor: {name}")
        typer.echo(f"{added} of {len(trials)} trials were new to the store.", err=True)
    else:
        with output_file(path) as file:
            if format == "csv":
                text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
                write_csv(trials, text)
                text.detach()
            else:
                from advisor.exporting.parquet import write_parquet

                write_parquet(trials, file)
    typer.echo(path)
