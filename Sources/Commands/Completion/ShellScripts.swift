/// The shells that there is a completion script for.
package enum Shell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish
}

/// Completion scripts: each only asks the executable, so that what it offers is never out of date.
package enum ShellScripts {
  package static func script(for shell: Shell, executable: String) -> String {
    let template =
      switch shell {
      case .bash: bash
      case .zsh: zsh
      case .fish: fish
      }
    let function = String(executable.map { $0 == "-" ? "_" : $0 })
    return template.replacing("@TOOL@", with: executable).replacing("@NAME@", with: function)
  }

  /// What kubectl runs when TAB is pressed behind `kubectl artifactgen`.
  package static func kubectlCompletion(executable: String) -> String {
    """
    #!/bin/sh
    # kubectl runs this for completion of the plugin, with the words after the plugin's name.
    exec \(executable) __complete "$@"

    """
  }

  private static let bash = #"""
    # bash completion for @TOOL@. The executable itself knows what can stand where.

    _@NAME@() {
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

      type -P -- "$tool" >/dev/null || tool=@TOOL@
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

    complete -F _@NAME@ @TOOL@

    """#

  private static let zsh = #"""
    #compdef @TOOL@
    # zsh completion for @TOOL@. The executable itself knows what can stand where.

    _@NAME@() {
      local tool=${(Q)words[1]} directive line value
      (( $+commands[$tool] )) || [[ -x $tool ]] || tool=@TOOL@
      local -a lines candidates
      lines=("${(@f)$($tool __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
      directive=${lines[-1]#:}
      [[ $directive == <-> ]] || return 1
      lines[-1]=()

      # Values come without their flag.
      [[ $PREFIX == -*=* ]] && compset -P '*='
      for line in $lines; do
        value=${${line%%$'\t'*}//:/\\:}
        if [[ $line == *$'\t'* ]]; then
          candidates+=("$value:${line#*$'\t'}")
        else
          candidates+=("$value")
        fi
      done

      local -a space
      (( directive & 2 )) && space=(-S '')
      if (( ${#candidates} )); then
        _describe -t values value candidates $space
      elif (( directive & 16 )); then
        _files -/
      elif (( !(directive & 4) )); then
        compset -P '*='
        _files
      fi
    }

    # Loaded from $fpath, under whatever name the file has there, or sourced.
    if [[ $funcstack[1] == _* ]]; then _@NAME@; else compdef _@NAME@ @TOOL@; fi

    """#

  private static let fish = #"""
    # fish completion for @TOOL@. The executable itself knows what can stand where.

    function __@NAME@_complete
        set -l words (commandline -opc)
        set -l typed (commandline -ct)
        set -l tool $words[1]
        type -q -- $tool; or set tool @TOOL@
        set -l lines ($tool __complete $words[2..-1] "$typed" 2>/dev/null)
        set -q lines[1]; or return
        set -l directive (string sub -s 2 -- $lines[-1])
        set -e lines[-1]

        # Values come without their flag; fish replaces the whole word.
        set -l prefix (string match -r -- '^-[^=]*=' "$typed")
        for line in $lines
            printf '%s%s\n' "$prefix" $line
        end
        if test (math "bitand($directive, 16)") -ne 0
            __fish_complete_directories $typed
        else if test (count $lines) -eq 0 -a (math "bitand($directive, 4)") -eq 0
            # The path can stand behind an equals sign, as in ALIAS=PATH.
            set -l before (string match -r -- '^.*=' "$typed")
            for path in (__fish_complete_path (string replace -- "$before" '' "$typed"))
                printf '%s%s\n' "$before" $path
            end
        end
    end

    complete -c @TOOL@ -f -a '(__@NAME@_complete)'

    """#
}
