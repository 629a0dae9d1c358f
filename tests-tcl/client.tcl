# A client of the protocol, in both versions.
#
#   set c [client::open PORT]     client::call $c SET key value     client::raw $c BYTES     client::close $c
#
# A reply is a Tcl value: null is "(nil)", an aggregate is a list (a map: its keys and values in turn), true and false
# are 1 and 0. An error is raised, with its text as the result and the error code REPLY.

namespace eval client {}

proc client::open {port} {
    set channel [socket 127.0.0.1 $port]
    fconfigure $channel -translation binary -encoding binary -buffering full -blocking 1
    return $channel
}

proc client::close {channel} { catch {::close $channel} }

proc client::send {channel words} {
    set request "*[llength $words]\r\n"
    foreach word $words {
        # Text beyond Latin-1 goes out as UTF-8; anything else is bytes already.
        if {[regexp {[^\u0000-\u00ff]} $word]} { set word [encoding convertto utf-8 $word] }
        append request "\$[string length $word]\r\n$word\r\n"
    }
    puts -nonewline $channel $request
    flush $channel
}

proc client::call {channel args} {
    client::send $channel $args
    return [client::read $channel]
}

# Sends bytes as they are.
proc client::raw {channel bytes} {
    puts -nonewline $channel $bytes
    flush $channel
}

proc client::read {channel} {
    set line [client::line $channel]
    set rest [string range $line 1 end]
    switch -exact -- [string index $line 0] {
        + - : - , - ( { return $rest }
        - { return -code error -errorcode REPLY $rest }
        _ { return (nil) }
        # { return [expr {$rest eq "t"}] }
        $ - = {
            if {$rest < 0} { return (nil) }
            set bytes [::read $channel $rest]
            ::read $channel 2
            return $bytes
        }
        * - ~ - > { return [client::several $channel $rest] }
        % { return [client::several $channel [expr {2 * $rest}]] }
        default { return -code error -errorcode PROTOCOL "no reply: $line" }
    }
}

# An error among the elements stays there as its text: the others have still to be read.
proc client::several {channel count} {
    if {$count < 0} { return (nil) }
    set elements {}
    for {set i 0} {$i < $count} {incr i} {
        catch {client::read $channel} element
        lappend elements $element
    }
    return $elements
}

# One line without its end.
proc client::line {channel} {
    if {[gets $channel line] < 0} { return -code error -errorcode CLOSED "the connection is closed" }
    return [string range $line 0 end-1]
}
