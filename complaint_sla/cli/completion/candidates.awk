# What may follow on a command line, one candidate a line: the word, a tab, what it is. `@files` stands for names of files.
#
# Read from: COMPLAINT_SLA_LINE (the line up to the cursor), the table of commands (standard input), and what the program
# has left in COMPLAINT_SLA_CACHE for this database and person. Bytes, not characters: to be called with LC_ALL=C. No quote
# of the kind that shells put around this program may stand in it.

BEGIN {
    FS = "\t"
    for (byte = 1; byte < 256; byte++) code[sprintf("%c", byte)] = byte
}

$1 == "C" { is_command[$2, $3] = 1; below[$2] = below[$2] "\n" $3 "\t" $4 }
$1 == "O" { is_option[$2, $3] = 1; of_option[$2, $3] = $4; options[$2] = options[$2] "\n" $3 "\t" $5 }
$1 == "A" { of_argument[$2, $3] = $4; last[$2] = $3 }

END {
    count = split_line(ENVIRON["COMPLAINT_SLA_LINE"])
    typed = word[count]
    for (first = 1; first < count && word[first] ~ /^[A-Za-z_][A-Za-z0-9_]*=/; first++) ;
    path = wanted = ""
    position = 1
    for (at = first + 1; at < count; at++) walk(word[at])
    read_cache()
    if (wanted != "") value_of(wanted, typed, "")
    else if (typed ~ /^--[^=]*=/ && !ended) {
        name = substr(typed, 1, index(typed, "=") - 1)
        value_of(of_option[path, name], substr(typed, length(name) + 2), name "=")
    }
    else if (typed ~ /^-/ && !ended) offer(options[path], typed, "")
    else if (path in below) offer(below[path], typed, "")
    else if (!helping) {
        if (!((path, position) in of_argument) && last[path] ~ /[+]$/) position = last[path]
        if ((path, position) in of_argument) value_of(of_argument[path, position], typed, "")
        else if (typed == "") offer(options[path], typed, "")
    }
}

# How far a word before the cursor brings us.
function walk(text) {
    if (wanted != "") { wanted = ""; return }
    if (text == "--") { ended = 1; return }
    if (text ~ /^-/ && !ended) {
        if (text !~ /=/) wanted = of_option[path, text]
        return
    }
    if ((path, text) in is_command) {
        if (path == "" && text == "help") { helping = 1; return }
        path = path == "" ? text : path " " text
    }
    else position++
}

# Words of a line, without their quotes, into `word`; the last one is that at the cursor.
function split_line(line,    at, char, quote, count, inside) {
    count = 1
    word[1] = ""
    for (at = 1; at <= length(line); at++) {
        char = substr(line, at, 1)
        if (char == "\\" && quote != "\047") { at++; word[count] = word[count] substr(line, at, 1); inside = 1 }
        else if (quote != "" && char == quote) quote = ""
        else if (quote == "" && (char == "\"" || char == "\047")) { quote = char; inside = 1 }
        else if (quote == "" && (char == " " || char == "\t" || char == "\n")) {
            if (inside) word[++count] = ""
            inside = 0
        }
        else { word[count] = word[count] char; inside = 1 }
    }
    return count
}

# The file of this database and person, by what decides it on the line and in the environment.
function read_cache(    db, person, config, line, part) {
    db = ENVIRON["COMPLAINT_SLA_DB"]
    person = ENVIRON["COMPLAINT_SLA_AS"]
    config = ENVIRON["COMPLAINT_SLA_CONFIG"]
    for (at = first + 1; at < count; at++) {
        if (word[at] ~ /^--db=/) db = substr(word[at], 6)
        else if (word[at] == "--db" && at + 1 < count) db = word[at + 1]
        else if (word[at] ~ /^--as=/) person = substr(word[at], 6)
        else if (word[at] == "--as" && at + 1 < count) person = word[at + 1]
    }
    if (db ~ /^sqlite:\/\/\// && db !~ /^sqlite:\/\/\/\// || config ~ /^[^\/]/) config = config "\n" ENVIRON["PWD"]
    while ((getline line < (ENVIRON["COMPLAINT_SLA_CACHE"] "/" name_of(db "\n" person "\n" config))) > 0) {
        split(line, part, "\t")
        known[part[1]] = known[part[1]] "\n" part[2] "\t" part[3]
        if (part[4] == "own") own[part[1]] = own[part[1]] "\n" part[2] "\t" part[3]
    }
}

# As `cache.name_of` reckons it.
function name_of(text,    at, one, other) {
    one = 1
    other = 2
    for (at = 1; at <= length(text); at++) {
        one = (one * 257 + code[substr(text, at, 1)]) % 2147483647
        other = (other * 263 + code[substr(text, at, 1)]) % 2147483629
    }
    return sprintf("completion-%08x%08x", one, other)
}

# The values of a kind such as EMAIL, open|closed or EMAIL|me: words in capitals are looked up, others are values.
function value_of(kind, text, before,    part, at, many, list) {
    many = split(kind, part, "|")
    for (at = 1; at <= many; at++) {
        if (part[at] ~ /^(FILE|DIR|PATH)/) { print "@files"; return }
        if (part[at] ~ /^[a-z]/) list = list "\n" part[at] "\t"
        else if (text == "" && part[at] in own) list = list own[part[at]]
        else list = list known[part[at]]
    }
    offer(list, text, before)
}

# Those that begin with what was typed; where none does, those whose name it is a part of.
function offer(list, text, before,    entry, part, many, at, shown, value) {
    many = split(list, entry, "\n")
    for (at = 2; at <= many; at++) {
        split(entry[at], part, "\t")
        value = part[1]
        # C-6911-00030 is typed as 6911-30.
        if (value ~ /^C-[0-9]+-0*[0-9]+$/ && text !~ /^[Cc]/) { sub(/^C-/, "", value); sub(/-0+/, "-", value) }
        if (index(tolower(value), tolower(text)) == 1) { print before value "\t" part[2]; shown++ }
    }
    if (shown || length(text) < 2) return
    for (at = 2; at <= many; at++) {
        split(entry[at], part, "\t")
        value = part[1]
        if (value ~ /^C-[0-9]+-0*[0-9]+$/) { sub(/^C-/, "", value); sub(/-0+/, "-", value) }
        if (index(tolower(part[2]), tolower(text)) > 0) print before value "\t" part[2]
    }
}
