"""``sweeper completion``: the script that lets a shell complete what is typed."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from sweeper.cli.options import Json
from sweeper.cli.render import emit
from sweeper.config.registry import unknown
from sweeper.system.python import module_command

# Python's own path is in them: the virtual environment need not be active, nor its folder on the path.
_BASH = """\
_sweeper() {
  local IFS=$'\\n' line
  line="${COMP_LINE:0:$COMP_POINT}"
  local words=() word
  while IFS= read -r -d '' word; do words+=("$word"); done < <(xargs printf '%s\\0' <<< "$line" 2>/dev/null)
  [[ "$line" == *' ' ]] && words+=("")
  COMPREPLY=($(COMMAND bash "${words[@]}" 2>/dev/null))
  [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *[=/] ]] && compopt -o nospace
  return 0
}
complete -F _sweeper sweeper
"""
_ZSH = """\
#compdef sweeper
_sweeper() {
  local -a found open
  found=(${(f)"$(COMMAND zsh "${(@Q)words[1,CURRENT]}" 2>/dev/null)"})
  open=(${(M)found:#*[=/]})
  found=(${found:#*[=/]})
  compadd -S '' -a open
  compadd -a found
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _sweeper "$@"; else compdef _sweeper sweeper; fi
"""
_FISH = """\
complete -c sweeper -f -a '(COMMAND fish (commandline -opc) (commandline -ct) 2>/dev/null)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    *,
    as_json: Json = False,
) -> None:
    """Write the script that completes commands, keys, values, data sets, questions, studies and runs.

    Brackets are quoted as the shell needs it.
    """
    if shell not in SCRIPTS:
        raise unknown("shell", shell, SCRIPTS, key="shell")
    emit({"shell": shell, "script": script(shell)}, script(shell).rstrip("\n"), as_json=as_json)


def script(shell: str) -> str:
    """The script of a shell."""
    return SCRIPTS[shell].replace("COMMAND", shlex.join(module_command("sweeper.cli.complete")))
