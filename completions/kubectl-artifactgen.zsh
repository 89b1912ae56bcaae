#compdef kubectl-artifactgen
# zsh completion for kubectl-artifactgen. The executable itself knows what can stand where.

_kubectl_artifactgen() {
  local tool=${(Q)words[1]} directive line value
  (( $+commands[$tool] )) || [[ -x $tool ]] || tool=kubectl-artifactgen
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
if [[ $funcstack[1] == _* ]]; then _kubectl_artifactgen; else compdef _kubectl_artifactgen kubectl-artifactgen; fi
