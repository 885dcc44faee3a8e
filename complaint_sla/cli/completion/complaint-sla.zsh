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
    local folder=$(_complaint_sla_folder) typed="$PREFIX" value about widest=0 i
    local -a values abouts shown
    # Who presses Tab wants the program to leave something to complete with.
    [[ -d $folder ]] || command mkdir -p -m 700 $folder 2>/dev/null
    while IFS=$'\t' read -r value about; do
        if [[ $value == @files ]]; then
            _files
            return
        fi
        values+=("$value")
        abouts+=("$about")
        ((${#value} > widest)) && widest=${#value}
    done < <(_complaint_sla_candidates "${(j: :)words[1,CURRENT-1]} $typed")
    ((${#values})) || return 1
    for ((i = 1; i <= ${#values}; i++)); do
        shown+=("${(r:$widest:)values[i]}${abouts[i]:+  -- $abouts[i]}")
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
