# What the server remembers of its own work: command logs, events that took long, durations.

test "SLOWLOG remembers commands, the latest first" -needs {{SLOWLOG GET}} {
    r CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3
    r SLOWLOG RESET
    r SET k v
    r GET k
    r SADD s {*}[lrepeat 40 member]
    set entries [r SLOWLOG GET]
    equal [llength $entries] 3
    lassign [lindex $entries 0] number time micros arguments address name
    between [expr {[clock seconds] - 5}] $time [expr {[clock seconds] + 5}]
    between 0 $micros 5000000
    equal [llength $arguments] 32
    equal [lindex $arguments 31] {... (11 more arguments)}
    equal $name ""
    equal [lindex $entries 1 3] {GET k}
    equal [lindex $entries 2 3] {SET k v}
    equal [lindex $entries 1 0] [expr {$number - 1}]
    is SLOWLOG LEN 3
    equal [llength [r SLOWLOG GET 1]] 1
    equal [llength [r SLOWLOG GET -1]] 3
    fails SLOWLOG GET -2 "ERR count should be greater than or equal to -1"
    r CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128
}

test "COMMANDLOG keeps large requests and replies apart" -needs {{COMMANDLOG GET}} {
    r CONFIG SET commandlog-request-larger-than 1000 commandlog-reply-larger-than 1000
    r SET k [string repeat x 1000]
    r GET k
    equal [lrange [lindex [r COMMANDLOG GET 1 large-request] 0] 2 3] \
        [list 1029 [list SET k "[string repeat x 128]... (872 more bytes)"]]
    equal [lrange [lindex [r COMMANDLOG GET 1 large-reply] 0] 2 3] {1009 {GET k}}
    is COMMANDLOG LEN LARGE-REPLY 1
    is COMMANDLOG RESET large-reply OK
    is COMMANDLOG LEN large-reply 0
    fails COMMANDLOG LEN fast "ERR type should be one of the following: slow, large-request, large-reply"
    r CONFIG SET commandlog-request-larger-than 1048576 commandlog-reply-larger-than 1048576
}

test "what is larger than a megabyte is logged unasked" -needs {{COMMANDLOG GET}} {
    r COMMANDLOG RESET large-request
    r COMMANDLOG RESET large-reply
    r SET k [string repeat x 1048544]
    r GET k
    is COMMANDLOG LEN large-request 1
    is COMMANDLOG LEN large-reply 0
    r APPEND k [string repeat x 19]
    r GET k
    is COMMANDLOG LEN large-reply 0
    r APPEND k x
    r GET k
    equal [lrange [lindex [r COMMANDLOG GET 1 large-reply] 0] 2 3] {1048576 {GET k}}
    is COMMANDLOG LEN large-reply 1
}

test "secrets are not logged" -needs {{SLOWLOG GET}} {
    r CONFIG SET slowlog-log-slower-than 0
    r SLOWLOG RESET
    r CONFIG SET primaryauth secret maxmemory 0
    catch {r AUTH user secret}
    equal [lindex [r SLOWLOG GET] 0 3] {AUTH (redacted) (redacted)}
    equal [lindex [r SLOWLOG GET] 2 3] {CONFIG SET primaryauth (redacted) maxmemory 0}
    r CONFIG SET primaryauth "" slowlog-log-slower-than 10000
}

test "LATENCY HISTOGRAM counts calls" -needs {{LATENCY HISTOGRAM}} {
    r CONFIG RESETSTAT
    r SET k v
    r SET k v
    set all [r LATENCY HISTOGRAM set nosuch get]
    equal [dict keys $all] set
    equal [dict get $all set calls] 2
    equal [lindex [dict values [dict get $all set histogram_usec]] end] 2
    is LATENCY HISTOGRAM nosuch {}
}

test "LATENCY forgets and refuses" -needs {{LATENCY RESET}} {
    r LATENCY RESET
    is LATENCY LATEST {}
    is LATENCY HISTORY command {}
    is LATENCY RESET command 0
    fails LATENCY GRAPH command "ERR No samples available for event 'command'"
}
