function __complaint_sla_folder
    {folder}
end

function __complaint_sla_complete
    set -l folder (__complaint_sla_folder)
    # Who presses Tab wants the program to leave something to complete with.
    test -d "$folder"; or command mkdir -p -m 700 "$folder" 2>/dev/null
    set -lx COMPLAINT_SLA_LINE (commandline -cp | string collect)
    set -lx COMPLAINT_SLA_CACHE $folder
    set -lx LC_ALL C
    set -l found (printf '%s\n' '{table}' | command awk '{candidates}' 2>/dev/null)
    if test "$found[1]" = @files
        set -e LC_ALL
        __fish_complete_path (commandline -ct)
        return
    end
    printf '%s\n' $found
end

complete -c complaint-sla -e
complete -c complaint-sla -f -k -a '(__complaint_sla_complete)'
