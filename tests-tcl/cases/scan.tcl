# SCAN: what was there all the time is seen, and nothing that never was.

# Every key that a whole scan names, once.
proc scanned {args} {
    set cursor 0
    set seen {}
    while 1 {
        lassign [r SCAN $cursor {*}$args] cursor keys
        lappend seen {*}$keys
        if {$cursor eq "0"} { return [lsort -unique $seen] }
    }
}

proc fill {count} {
    set pairs {}
    for {set i 0} {$i < $count} {incr i} { lappend pairs key:$i $i }
    r MSET {*}$pairs
}

test "SCAN sees every key" -needs {SCAN} {
    equal [scanned] {}
    fill 1000
    equal [llength [scanned]] 1000
    equal [llength [scanned COUNT 1]] 1000
    equal [llength [scanned COUNT 5000]] 1000
}

test "SCAN filters by pattern and type" -needs {SCAN} {
    fill 200
    equal [llength [scanned MATCH key:1??]] 100
    equal [llength [scanned MATCH key:1?? COUNT 7]] 100
    equal [scanned MATCH key:42] key:42
    equal [scanned MATCH nothing*] {}
    equal [llength [scanned TYPE string]] 200
    equal [scanned TYPE hash] {}
}

test "SCAN sees what stays while others come" -needs {SCAN} {
    fill 500
    set cursor 0
    set seen {}
    set extra 0
    while 1 {
        lassign [r SCAN $cursor COUNT 10] cursor keys
        lappend seen {*}$keys
        if {$cursor eq "0"} break
        for {set i 0} {$i < 50} {incr i} { r SET extra:[incr extra] v }
    }
    equal [llength [lsearch -all -inline [lsort -unique $seen] key:*]] 500
}

test "SCAN sees what stays while others go" -needs {SCAN DEL} {
    fill 3000
    set cursor 0
    set seen {}
    set next 100
    while 1 {
        lassign [r SCAN $cursor COUNT 10] cursor keys
        lappend seen {*}$keys
        if {$cursor eq "0"} break
        for {set i 0} {$i < 50 && $next < 3000} {incr i} { r DEL key:$next; incr next }
    }
    set kept [lsort -unique [lsearch -all -inline -regexp $seen {^key:\d{1,2}$}]]
    equal [llength $kept] 100
}

test "SCAN refuses what is no cursor" -needs {SCAN} {
    fails SCAN x "ERR invalid cursor"
    fails SCAN 0 COUNT 0 "ERR syntax error"
    fails SCAN 0 COUNT x "ERR value is not an integer or out of range"
    fails SCAN 0 NONSENSE "ERR syntax error"
}
