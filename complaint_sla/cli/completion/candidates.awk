# What may follow on a command line, one candidate a line: the word, a tab, what it is. `@files` stands for names of files.
#
# Bash has no place for what it is: there it stands beside the word where several are listed (COMPLAINT_SLA_AS_LIST=1), or not
# at all (0). Nothing that is put into the line has more than the word.
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
# Behind an argument of which there may be several the next one may be another of them, or what follows them.
$1 == "A" && $2 in of_more { of_more[$2] = of_more[$2] "|" $4 }
$1 == "A" && $3 ~ /[+]$/ { of_argument[$2, $3 + 0] = of_more[$2] = $4 }
$1 == "A" && !($2 in of_more) { of_argument[$2, $3] = $4 }

END {
    count = split_line(ENVIRON["COMPLAINT_SLA_LINE"])
    typed = word[count]
    for (first = 1; first < count && word[first] ~ /^[A-Za-z_][A-Za-z0-9_]*=/; first++) ;
    path = wanted = ""
    position = 1
    for (at = first + 1; at < count; at++) walk(word[at])
    if (wanted != "") value_of(wanted, typed, "")
    else if (typed ~ /^--[^=]*=/ && !ended) {
        name = substr(typed, 1, index(typed, "=") - 1)
        value_of(of_option[path, name], substr(typed, length(name) + 2), name "=")
    }
    else if (typed ~ /^-/ && !ended) offer(options[path], typed, "")
    else if (path in below) offer(below[path], typed, "")
    else if (!helping) {
        kind = of_argument[path, position]
        if (kind == "") kind = of_more[path]
        if (kind != "") value_of(kind, typed, "")
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
function cache_file(    db, person, config, at) {
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
    return ENVIRON["COMPLAINT_SLA_CACHE"] "/" name_of(db "\n" person "\n" config)
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
function value_of(kind, text, before,    part, at, many, file, line) {
    many = split(kind, part, "|")
    for (at = 1; at <= many; at++) {
        if (part[at] ~ /^(FILE|DIR|PATH)/) { print "@files"; return }
        if (part[at] ~ /^[a-z]/) consider(part[at], "", "", text)
        else is_wanted[part[at]] = 1
    }
    file = cache_file()
    while ((getline line < file) > 0) {
        split(line, part, "\t")
        if (part[1] in is_wanted) consider(part[2], part[3], part[4], text, part[1])
    }
    answer(before)
}

# The values in a list that was made from the table.
function offer(list, text, before,    entry, part, many, at) {
    many = split(list, entry, "\n")
    for (at = 2; at <= many; at++) {
        split(entry[at], part, "\t")
        consider(part[1], part[2], "", text)
    }
    answer(before)
}

# A value goes to those that begin with what was typed, or to those whose name it is a part of.
function consider(value, about, whose, text, kind) {
    # C-6911-00030 is typed as 6911-30.
    if (value ~ /^C-[0-9]+-0*[0-9]+$/ && text !~ /^[Cc]/) { sub(/^C-/, "", value); sub(/-0+/, "-", value) }
    if (index(tolower(value), tolower(text)) == 1) {
        if (whose == "own" && text == "") { own[++owns] = value "\t" about; has_own[kind] = 1 }
        else { begun[++begins] = value "\t" about; kind_of[begins] = kind }
    }
    else if (length(text) > 1 && index(tolower(about), tolower(text)) > 0) named[++names] = value "\t" about
}

# One's own where nothing was typed yet, else all.
function answer(before,    at, many) {
    for (at = 1; at <= owns; at++) said[++many] = own[at]
    for (at = 1; at <= begins; at++) if (!(kind_of[at] in has_own)) said[++many] = begun[at]
    by_name = !many
    if (by_name) for (at = 1; at <= names; at++) said[++many] = named[at]
    say(before, many, by_name)
}

function say(before, many, by_name,    at, part, widest, as_list) {
    as_list = ENVIRON["COMPLAINT_SLA_AS_LIST"]
    if (as_list == "") { for (at = 1; at <= many; at++) print before said[at]; return }
    for (at = 1; at <= many; at++) {
        split(said[at], part, "\t")
        value[at] = before part[1]
        about[at] = part[2]
        if (length(value[at]) > widest) widest = length(value[at])
    }
    for (at = 1; at <= many; at++) {
        # A part of a name stays as it was typed as long as it may mean several: what has no beginning in common is not
        # replaced.
        if (by_name && many > 1 && before == "" && at == 1 && as_list != "menu") printf " "
        if (as_list == 1 && many > 1 && about[at] != "") printf "%-" widest "s  (%s)\n", value[at], about[at]
        else print value[at]
    }
}
