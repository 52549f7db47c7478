/** Shells that completion can be installed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Each script hands over the words up to the cursor and takes one candidate from each line. Candidates
 * can be names of devices, so each shell quotes them as it inserts them. Without candidates, files are
 * completed.
 */
export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_remote_access() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ -n $candidate ]] && COMPREPLY+=("$(printf '%q' "$candidate")")
  done < <(remote-access complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _remote_access remote-access
`,
  zsh: `#compdef remote-access
_remote_access() {
  local -a candidates
  candidates=("\${(@f)$(remote-access complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then
    compadd -a candidates
  else
    _files
  fi
}
compdef _remote_access remote-access
`,
  fish: `complete -c remote-access -f -a '(remote-access complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
complete -c remote-access -n '__fish_seen_subcommand_from scp import' -F
`,
};
