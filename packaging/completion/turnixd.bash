# Bash completion for turnixd(8): commands and options come from its own --help.
_turnixd() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    --config | --certificate | --private-key | --join)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --data)
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      return
      ;;
  esac
  local word commands=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) break ;;
      *) commands+=("$word") ;;
    esac
  done
  # Lines of the help that begin with a command or an option: indented by two, in a group of options by four.
  local words
  words=$(turnixd "${commands[@]}" --help 2>/dev/null | sed -nE 's/^ {2}( {2})?(-h,)?([a-z-]+).*/\3/p')
  if [[ $current != -* ]]; then words=$(grep -v ^- <<<"$words"); fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _turnixd turnixd
