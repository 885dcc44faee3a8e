_complaint_sla_folder() {
    printf %s "{folder}"
}

_complaint_sla_candidates() {
    COMPLAINT_SLA_LINE=$1 COMPLAINT_SLA_CACHE=$(_complaint_sla_folder) LC_ALL=C awk '{candidates}' <<'COMPLAINT_SLA_TABLE' 2>/dev/null
{table}
COMPLAINT_SLA_TABLE
}

_complaint_sla() {
    local line=${COMP_LINE:0:COMP_POINT} folder found value about typed head='' parted='' widest=0 i
    local -a values=() abouts=()
    COMPREPLY=()
    folder=$(_complaint_sla_folder)
    # Who presses Tab wants the program to leave something to complete with.
    [[ -d $folder ]] || command mkdir -p -m 700 "$folder" 2>/dev/null
    found=$(_complaint_sla_candidates "$line")
    if [[ $found == @files ]]; then
        compopt -o default 2>/dev/null
        return
    fi
    while IFS=$'\t' read -r value about; do
        [[ -n $value ]] || continue
        values+=("$value")
        abouts+=("$about")
        ((${#value} > widest)) && widest=${#value}
    done <<<"$found"
    # Readline takes what stands before a = or : for a word of its own, and a @ with what follows it.
    typed=${line##*[$' \t\n']}
    [[ $typed == [\"\']* ]] || head=${typed%"$2"}
    # A part of a name stays as it was typed as long as it may mean several: without a common beginning nothing is replaced.
    if ((${#values[@]} > 1 && ${COMP_TYPE:-9} != 37)) && [[ -z $head && ${values[0],,} != "${typed,,}"* ]]; then
        parted=' '
    fi
    for ((i = 0; i < ${#values[@]}; i++)); do
        value=${values[i]#"$head"}
        # What it is stands beside it only where several are listed: it must never get into the line.
        case ${COMP_TYPE:-9} in
        33 | 63 | 64)
            if ((${#values[@]} > 1)) && [[ -n ${abouts[i]} ]]; then
                printf -v value '%-*s  (%s)' "$((widest - ${#head}))" "$value" "${abouts[i]}"
            fi
            ;;
        esac
        COMPREPLY+=("$parted$value")
        parted=
    done
    [[ ${#values[@]} -eq 1 && $value == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o nosort -F _complaint_sla complaint-sla 2>/dev/null || complete -F _complaint_sla complaint-sla
