# The protocol: how requests may look, and what replies look like.

test "requests in a row are answered in a row" {
    with_client c {
        client::raw $c "PING\r\n*2\r\n\$4\r\nECHO\r\n\$2\r\nhi\r\nPING again\r\n"
        equal [client::read $c] PONG
        equal [client::read $c] hi
        equal [client::read $c] again
    }
}

test "inline requests have quotes" {
    with_client c {
        client::raw $c "SET k \"a b\\x41\\n\"\r\n"
        equal [client::read $c] OK
    }
    is GET k "a bA\n"
}

test "bytes that are no request end the connection" {
    foreach {bytes text} {
        "*1\r\n!4\r\n" "ERR Protocol error: expected '$', got '!'"
        "*x\r\n" "ERR Protocol error: invalid multibulk length"
        "*1\r\n\$-5\r\n" "ERR Protocol error: invalid bulk length"
        "PING \"\r\n" "ERR Protocol error: unbalanced quotes in request"
    } {
        with_client c {
            client::raw $c [subst -novariables -nocommands $bytes]
            catch {client::read $c} got
            equal $got $text
            catch {client::read $c} got
            equal $got "the connection is closed"
        }
    }
}

test "the third version of the protocol has its own null" {
    with_client c {
        client::call $c HELLO 3
        client::send $c {GET nothing}
        equal [client::line $c] _
        client::call $c HELLO 2
        client::send $c {GET nothing}
        equal [client::line $c] {$-1}
    }
}

test "words are commands in any case" {
    is set k v OK
    is GeT k v
}

test "what is unknown is named" {
    fails NONSENSE a "ERR unknown command 'NONSENSE', with args beginning with: 'a' "
    fails GET "ERR wrong number of arguments for 'get' command"
    fails GET a b "ERR wrong number of arguments for 'get' command"
}
