# bash completion for kubectl-artifactgen. The executable itself knows what can stand where.

_kubectl_artifactgen() {
  # Bash also splits at = and :, so put together what no blank separates, up to the cursor.
  local -a words=()
  local rest=${COMP_LINE:0:COMP_POINT} index piece
  for ((index = 0; index <= COMP_CWORD; index++)); do
    if ((index == 0)) || [[ $rest == [[:blank:]]* ]]; then
      words+=("")
      rest=${rest#"${rest%%[![:blank:]]*}"}
    fi
    if ((index == COMP_CWORD)); then piece=$rest; else piece=${COMP_WORDS[index]}; fi
    words[${#words[@]} - 1]+=$piece
    rest=${rest#"$piece"}
  done

  local typed=${words[${#words[@]} - 1]} tool=${words[0]}
  type -P -- "$tool" >/dev/null || tool=kubectl-artifactgen
  local -a lines=()
  mapfile -t lines < <("$tool" __completeNoDesc "${words[@]:1}" 2>/dev/null)
  ((${#lines[@]} > 0)) || return
  local directive=${lines[${#lines[@]} - 1]#:}
  unset "lines[${#lines[@]} - 1]"

  # Values come without their flag; Bash replaces the flag too if = does not split words.
  local prefix=
  if [[ $typed == -*=* && $COMP_WORDBREAKS != *=* ]]; then prefix=${typed%%=*}=; fi
  COMPREPLY=()
  local line
  for line in "${lines[@]}"; do COMPREPLY+=("$prefix$line"); done

  if ((directive & 2)); then compopt -o nospace; fi
  if ((directive & 16)); then
    compopt -o dirnames
  elif ((!(directive & 4) && ${#COMPREPLY[@]} == 0)); then
    compopt -o default
  fi
}

complete -F _kubectl_artifactgen kubectl-artifactgen
