# Connections.

test "PING, ECHO and TIME" {
    is PING PONG
    is PING hello hello
    is ECHO "" ""
    fails PING a b "ERR wrong number of arguments for 'ping' command"
    lassign [r TIME] seconds micros
    between [expr {[clock seconds] - 5}] $seconds [expr {[clock seconds] + 5}]
    between 0 $micros 999999
}

test "SELECT belongs to the connection" {
    r SET k zero
    with_client c {
        equal [client::call $c SELECT 1] OK
        equal [client::call $c GET k] (nil)
    }
    is GET k zero
    fails SELECT x "ERR value is not an integer or out of range"
    fails SELECT -1 "ERR DB index is out of range"
}

test "HELLO tells who answers" {
    with_client c {
        set hello [client::call $c HELLO 3]
        equal [dict get $hello server] valkey
        equal [dict get $hello proto] 3
        equal [dict get $hello mode] standalone
        catch {client::call $c HELLO 9} text
        equal $text "NOPROTO unsupported protocol version"
    }
}

test "RESET returns to the beginning" {
    with_client c {
        client::call $c SELECT 3
        client::call $c HELLO 3
        equal [client::call $c RESET] RESET
        client::send $c {GET nothing}
        equal [client::line $c] {$-1}
    }
}

test "QUIT ends the connection" {
    with_client c {
        equal [client::call $c QUIT] OK
        catch {client::call $c PING} text options
        if {$text eq "PONG"} { throw WRONG "answered after QUIT" }
    }
}

test "names of connections" -needs {{CLIENT SETNAME} {CLIENT GETNAME}} {
    with_client c {
        equal [client::call $c CLIENT GETNAME] (nil)
        equal [client::call $c CLIENT SETNAME me] OK
        equal [client::call $c CLIENT GETNAME] me
        catch {client::call $c CLIENT SETNAME "two words"} text
        equal $text "ERR Client names cannot contain spaces, newlines or special characters."
    }
}

test "every connection has a number of its own" -needs {{CLIENT ID}} {
    set first [r CLIENT ID]
    with_client c {
        if {[client::call $c CLIENT ID] <= $first} { throw WRONG "an id that does not grow" }
    }
}
