# fish completion for flux-externalartifact. The executable itself knows what can stand where.

function __flux_externalartifact_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l tool $words[1]
    type -q -- $tool; or set tool flux-externalartifact
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

complete -c flux-externalartifact -f -a '(__flux_externalartifact_complete)'
