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
  # The tool gets what the shell would make of the words; `quote` is what the last one leaves open.
  local quote plain letter
  for index in "${!words[@]}"; do
    rest=${words[index]} plain= quote=
    while [[ -n $rest ]]; do
      letter=${rest:0:1} rest=${rest:1}
      case $quote$letter in
        \' | \") quote=$letter ;;
        \'\' | \"\") quote= ;;
        \\ | \"\\)
          if [[ $quote && $rest != [\\\"\$\`]* ]]; then plain+=\\; fi
          plain+=${rest:0:1} rest=${rest:1}
          ;;
        *) plain+=$letter ;;
      esac
    done
    words[index]=$plain
  done

  type -P -- "$tool" >/dev/null || tool=kubectl-artifactgen
  local -a lines=()
  mapfile -t lines < <("$tool" __completeNoDesc "${words[@]:1}" 2>/dev/null)
  ((${#lines[@]} > 0)) || return
  local directive=${lines[${#lines[@]} - 1]#:}
  unset "lines[${#lines[@]} - 1]"

  # Values come without their flag; Bash replaces the flag too if = does not split words, and all behind an open quote.
  local prefix=
  case $quote$typed in
    -*=*) if [[ $COMP_WORDBREAKS != *=* ]]; then prefix=${typed%%=*}=; fi ;;
    \'\'-*=* | \"\"-*=*) prefix=${typed%%=*}= prefix=${prefix:1} ;;
  esac
  # What stands in a value in front of a colon or = that splits words stays as it is.
  local before= value=$plain
  if [[ $value == -*=* ]]; then value=${value#*=}; fi
  if [[ -z $quote ]]; then
    if [[ $value == *:* && $COMP_WORDBREAKS == *:* ]]; then before=${value%:*}:; fi
    if [[ ${value#"$before"} == *=* && $COMP_WORDBREAKS == *=* ]]; then before=${value%=*}=; fi
  fi
  if [[ $before ]]; then prefix=; fi
  COMPREPLY=()
  local line
  for line in "${lines[@]}"; do
    line=${line#"$before"}
    # Names come from files and servers: what the shell would act on is never inserted as it is.
    case $quote in
      \') line=${line//\'/\'\\\'\'} ;;
      \")
        if [[ $line == *!* ]]; then continue; fi
        for letter in \\ \" \$ \`; do line=${line//"$letter"/"\\$letter"}; done
        ;;
      *) if [[ $line == *[^[:alnum:]_.,:=/@%+-]* ]]; then printf -v line %q "$line"; fi ;;
    esac
    COMPREPLY+=("$prefix$line")
  done

  if ((directive & 2)); then compopt -o nospace; fi
  if ((directive & 16)); then
    compopt -o dirnames
  elif ((!(directive & 4) && ${#COMPREPLY[@]} == 0)); then
    compopt -o default
  fi
}

complete -F _kubectl_artifactgen kubectl-artifactgen
