_complaint_sla_folder() {
    printf %s "{folder}"
}

_complaint_sla_candidates() {
    COMPLAINT_SLA_LINE=$1 COMPLAINT_SLA_AS_LIST=$2 COMPLAINT_SLA_CACHE=$(_complaint_sla_folder) LC_ALL=C awk '{candidates}' <<'COMPLAINT_SLA_TABLE' 2>/dev/null
{table}
COMPLAINT_SLA_TABLE
}

_complaint_sla() {
    local line=${COMP_LINE:0:COMP_POINT} folder found typed head='' as_list=0 unset_f='' IFS=$' \t\n'
    folder=$(_complaint_sla_folder)
    # Who presses Tab wants the program to leave something to complete with.
    [[ -d $folder ]] || command mkdir -p -m 700 "$folder" 2>/dev/null
    case ${COMP_TYPE:-9} in
    33 | 63 | 64) as_list=1 ;;
    37) as_list=menu ;;
    esac
    found=$(_complaint_sla_candidates "$line" "$as_list")
    COMPREPLY=()
    if [[ $found == @files ]]; then
        compopt -o default 2>/dev/null
        return 0
    fi
    # Readline takes what stands before a = or : for a word of its own, and a @ with what follows it.
    typed=${line##*[$' \t\n']}
    [[ $typed == [\"\']* ]] || head=${typed%"$2"}
    # A subject may be a star: nothing is looked for among files. (`read` takes its time for each byte.)
    [[ $- == *f* ]] || unset_f=1
    set -f
    # shellcheck disable=SC2206 # Lines become words.
    IFS=$'\n' COMPREPLY=($found)
    [[ -z $unset_f ]] || set +f
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
    return 0
}

complete -o nosort -F _complaint_sla complaint-sla 2>/dev/null || complete -F _complaint_sla complaint-sla
