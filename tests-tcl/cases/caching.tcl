# Clients that cache what they read, clients that watch, clients that wait.

test "a key that was read is told of once" -needs {{CLIENT TRACKING}} {
    with_client c {
        client::call $c HELLO 3
        equal [client::call $c CLIENT TRACKING ON] OK
        equal [client::call $c GET key] (nil)
        r SET key 1
        r SET key 2
        equal [client::read $c] {invalidate key}
        equal [client::call $c PING] PONG
        equal [client::call $c GET key] 2
        # What the client changes itself follows the reply.
        equal [client::call $c SET key 3] OK
        equal [client::read $c] {invalidate key}
        r FLUSHALL
        equal [client::read $c] {invalidate (nil)}
    }
}

test "tracking by prefix tells every change" -needs {{CLIENT TRACKING}} {
    with_client c {
        client::call $c HELLO 3
        equal [client::call $c CLIENT TRACKING ON BCAST PREFIX user: PREFIX order:] OK
        r MSET user:2 a other b user:1 c
        equal [client::read $c] {invalidate {user:1 user:2}}
        catch {client::call $c CLIENT TRACKING ON BCAST PREFIX use} text
        equal $text "ERR Prefix 'use' overlaps with an existing prefix 'user:'. Prefixes for a single client must not overlap."
        equal [dict get [client::call $c CLIENT TRACKINGINFO] prefixes] {order: user:}
        equal [client::call $c CLIENT TRACKING OFF] OK
    }
}

test "an older client is told through another" -needs {{CLIENT TRACKING}} {
    with_client ear {
        set id [client::call $ear CLIENT ID]
        client::call $ear SUBSCRIBE __redis__:invalidate
        with_client c {
            equal [client::call $c CLIENT TRACKING ON REDIRECT $id OPTIN] OK
            equal [client::call $c CLIENT GETREDIR] $id
            client::call $c GET unnoticed
            equal [client::call $c CLIENT CACHING YES] OK
            client::call $c GET noticed
            r MSET unnoticed 1 noticed 1
            equal [client::read $ear] {message __redis__:invalidate noticed}
            equal [client::call $c PING] PONG
        }
    }
}

test "MONITOR shows commands, not secrets" {
    with_client m {
        equal [client::call $m MONITOR] OK
        r SET "a key" "\x01\"x"
        with_client c { catch {client::call $c AUTH me secret} }
        if {![regexp {^[0-9]+\.[0-9]{6} \[0 127\.0\.0\.1:[0-9]+\] "SET" "a key" "\\x01\\"x"$} [client::read $m]]} {
            throw WRONG "another line"
        }
        if {![regexp {"AUTH" "\(redacted\)" "\(redacted\)"$} [client::read $m]]} { throw WRONG "a secret" }
        catch {client::call $m GET key} text
        equal $text "ERR Replica can't interact with the keyspace"
        equal [client::call $m RESET] RESET
    }
}

test "a pause lets writes wait" -needs {{CLIENT PAUSE}} {
    r SET key 1
    is CLIENT PAUSE 100000 WRITE OK
    with_client c {
        client::send $c {SET key 2}
        eventually {[string match "*blocked_clients:1\r\n*" [r INFO clients]]}
        is GET key 1
        is CLIENT UNPAUSE OK
        equal [client::read $c] OK
    }
    is GET key 2
    fails CLIENT PAUSE 10 SOME "ERR CLIENT PAUSE mode must be WRITE or ALL"
    fails CLIENT PAUSE -1 "ERR timeout is negative"
}
