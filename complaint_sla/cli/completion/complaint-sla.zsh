#compdef complaint-sla

_complaint_sla_folder() {
    print -rn -- "{folder}"
}

_complaint_sla_candidates() {
    COMPLAINT_SLA_LINE=$1 COMPLAINT_SLA_CACHE=$(_complaint_sla_folder) LC_ALL=C command awk '{candidates}' <<'COMPLAINT_SLA_TABLE' 2>/dev/null
{table}
COMPLAINT_SLA_TABLE
}

_complaint_sla() {
    emulate -L zsh
    local folder=$(_complaint_sla_folder) typed="$PREFIX" line value about widest=0
    local -a lines values shown
    # Who presses Tab wants the program to leave something to complete with.
    [[ -d $folder ]] || command mkdir -p -m 700 $folder 2>/dev/null
    lines=("${(@f)$(_complaint_sla_candidates "${(j: :)words[1,CURRENT-1]} $typed")}")
    [[ -n $lines[1] ]] || return 1
    if [[ $lines[1] == @files ]]; then
        _files
        return
    fi
    values=("${(@)lines%%$'\t'*}")
    for value in $values; do
        ((${#value} > widest)) && widest=${#value}
    done
    for line in $lines; do
        about=${line#*$'\t'}
        shown+=("${(r:$widest:)${line%%$'\t'*}}${about:+  -- $about}")
    done
    # A part of a name stays as it was typed as long as it may mean several.
    if [[ ${#values} -gt 1 && ${(L)values[1]} != ${(L)typed}* ]]; then
        compstate[insert]= compstate[list]='list force'
    fi
    compadd -U -V complaint-sla -l -d shown -a values
}

# Called by the first Tab where it lies in fpath; else read by hand.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _complaint_sla "$@"
else
    compdef _complaint_sla complaint-sla
fi
