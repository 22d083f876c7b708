"""Jinja2 templates: ours, and those of an instructor, which are filled in a sandbox since they may come from others."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from derive.errors import DeriveError, Fault
from derive.resources import folder

Words = Mapping[str, Mapping[str, str]]


class TemplateError(DeriveError):
    """A template or a table of words that cannot be used."""


def fill(name: str, templates: Path | None, fields: Mapping[str, Any]) -> str:
    """The text of a template; one that `templates` does not hold comes from the built-in folder."""
    try:
        text = _environment(templates, folder("templates")).get_template(name).render(fields)
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.filename or error.name}:{error.lineno}"
        raise _template_error(where, str(error.message), "a template that Jinja2 can read") from error
    except jinja2.TemplateNotFound as error:
        raise _template_error(name, f"no template {error.name}", "a file of that name in the folder") from error
    except (jinja2.UndefinedError, SecurityError) as error:
        hint = "docs/templates.md lists the fields; compare with the built-in template"
        raise _template_error(name, str(error), "a field that the template is given", hint) from error
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _template_error(where: str, found: str, expected: str, hint: str = "") -> TemplateError:
    return TemplateError(Fault(where=where, found=found, expected=expected, hint=hint))


@functools.lru_cache(maxsize=4)
def _environment(templates: Path | None, built_in: Path) -> jinja2.Environment:
    """Jinja2 with delimiters that LaTeX does not use; an unknown field is an error, never an empty text."""
    folders = [str(path) for path in (templates, built_in) if path]
    return ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # LaTeX is escaped where it is made
    )


def load_words(templates: Path | None, language: str = "en") -> Words:
    """The table `words/<language>.toml`; what an instructor's table does not have comes from the built-in one."""
    tables = [_read_words(folder("templates") / "words" / f"{language}.toml")]
    own = templates / "words" / f"{language}.toml" if templates else None
    if own and own.is_file():
        tables.append(_read_words(own))
    return {name: {**tables[0][name], **tables[-1].get(name, {})} for name in tables[0]}


@functools.lru_cache(maxsize=8)
def _read_words(path: Path) -> Words:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _template_error(str(path), str(error), "a table of words in TOML") from error
    for name, words in table.items():
        if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
            raise _template_error(f"{path}: [{name}]", "something else than words", 'lines such as loss = "Loss"')
    return table
