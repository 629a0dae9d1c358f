# Users: who gets in, and what they may do.

# Runs a script with a connection `c` that is logged in as a user of these rules.
proc with_user {rules script} {
    r ACL SETUSER visitor reset on >secret {*}$rules
    uplevel 1 [list with_client c "client::call \$c AUTH visitor secret\n$script"]
    r ACL DELUSER visitor
}

# What a client is refused with.
proc refused {c args} {
    if {![catch {client::call $c {*}$args} text]} { throw WRONG "$args answers $text" }
    return $text
}

# What every version tells of a user: later ones are silent about some of what is usual, or tell more of it.
proc as_all_tell {text} {
    return [string map {" sanitize-payload" "" " alldbs" ""} $text]
}

test "rules are shown as they were understood" -needs {{ACL SETUSER} {ACL GETUSER}} {
    r ACL SETUSER visitor reset on nopass ~a %R~b %RW~c &x +@read -GET +config|get (+set ~d)
    set user [r ACL GETUSER visitor]
    equal [as_all_tell [dict get $user flags]] {on nopass}
    equal [dict get $user commands] {-@all +@read -get +config|get}
    equal [dict get $user keys] {~a %R~b ~c}
    equal [dict get $user channels] {&x}
    equal [dict get [lindex [dict get $user selectors] 0] commands] {-@all +set}
    set line {user visitor on nopass ~a %R~b ~c resetchannels &x -@all +@read -get +config|get}
    append line { (~d resetchannels -@all +set)}
    if {$line ni [as_all_tell [r ACL LIST]]} { throw WRONG "[r ACL LIST]" }
    is ACL DELUSER visitor 1
    is ACL GETUSER visitor (nil)
}

test "rules that are none are refused, and change nothing" -needs {{ACL SETUSER}} {
    r ACL SETUSER visitor reset
    set before [r ACL GETUSER visitor]
    foreach {rule why} {
        nothing        "Syntax error"
        +nothing       "Unknown command or category name in ACL"
        +@nothing      "Unknown command or category name in ACL"
        +config|get|x  "Allowing first-arg of a subcommand is not supported"
        <nothing       "The password you are trying to remove from the user does not exist"
    } {
        fails ACL SETUSER visitor on $rule "ERR Error in ACL SETUSER modifier '$rule': $why"
    }
    fails ACL SETUSER visitor "(+get" "ERR Unmatched parenthesis in acl selector starting at '(+get'."
    fails ACL SETUSER "two words" on "ERR Usernames can't contain spaces or null characters"
    equal [r ACL GETUSER visitor] $before
    r ACL DELUSER visitor
}

test "commands, keys and channels are denied" -needs {{ACL SETUSER} {PUBLISH}} {
    with_user {+@string +publish ~own:* %R~shared &news} {
        equal [client::call $c SET own:1 x] OK
        equal [client::call $c GET shared] (nil)
        equal [refused $c SET shared x] "NOPERM No permissions to access a key"
        equal [refused $c MSET own:1 x other y] "NOPERM No permissions to access a key"
        equal [refused $c DEL own:1] "NOPERM User visitor has no permissions to run the 'del' command"
        equal [client::call $c PUBLISH news x] 0
        equal [refused $c PUBLISH other x] "NOPERM No permissions to access a channel"
    }
}

test "one selector must allow all of a request" -needs {{ACL SETUSER}} {
    with_user {{(+get ~a)} {(+set ~b)}} {
        equal [client::call $c GET a] (nil)
        equal [client::call $c SET b x] OK
        equal [refused $c GET b] "NOPERM No permissions to access a key"
        equal [refused $c DEL a] "NOPERM User visitor has no permissions to run the 'del' command"
    }
}

test "a change holds from the next command on" -needs {{ACL SETUSER}} {
    with_user {+@all ~*} {
        client::call $c MULTI
        client::call $c SET a x
        client::call $c GET a
        r ACL SETUSER visitor -set
        client::send $c EXEC
        equal [client::line $c] {*2}
        equal [string range [client::line $c] 0 29] "-NOPERM ACLs rules changed bet"
        client::line $c
        equal [refused $c SET a x] "NOPERM User visitor has no permissions to run the 'set' command"
        equal [refused $c AUTH visitor wrong] "WRONGPASS invalid username-password pair or user is disabled."
        equal [client::call $c ACL WHOAMI] visitor
    }
}

test "what is denied is written down" -needs {{ACL LOG}} {
    r ACL LOG RESET
    with_user {+get ~own} {
        refused $c GET other
        refused $c GET other
        refused $c SET own x
    }
    set log [r ACL LOG]
    equal [llength $log] 2
    lassign $log command key
    equal [dict get $command object] set
    equal [dict get $command reason] command
    equal [dict get $key object] other
    equal [dict get $key count] 2
    equal [dict get $key context] toplevel
    equal [dict get $key username] visitor
    is ACL LOG RESET OK
    is ACL LOG ""
}

test "ACL DRYRUN tells what would be denied" -needs {{ACL DRYRUN}} {
    r ACL SETUSER visitor reset +get ~own
    is ACL DRYRUN visitor GET own OK
    is ACL DRYRUN visitor GET other "User visitor has no permissions to access the 'other' key"
    is ACL DRYRUN visitor SET own x "User visitor has no permissions to run the 'set' command"
    fails ACL DRYRUN nobody GET own "ERR User 'nobody' not found"
    fails ACL DRYRUN visitor NOTHING "ERR Command 'NOTHING' not found"
    r ACL DELUSER visitor
}

test "passwords are made in any length" -needs {{ACL GENPASS}} {
    equal [string length [r ACL GENPASS]] 64
    equal [string length [r ACL GENPASS 5]] 2
    if {[r ACL GENPASS] eq [r ACL GENPASS]} { throw WRONG "the same twice" }
}
