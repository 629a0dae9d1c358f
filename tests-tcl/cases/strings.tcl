# Strings: what a value is, how it changes, and what is refused.

test "a value is what was set last" {
    is SET k one OK
    is GET k one
    is SET k two OK
    is GET k two
    is GET nothing (nil)
}

test "SET looks at whether the key is there" {
    is SET k v XX (nil)
    is SET k v NX OK
    is SET k w NX (nil)
    is SET k w XX OK
    is GET k w
    fails SET k v NX XX "ERR syntax error"
}

test "SET GET answers the old value" {
    is SET k one GET (nil)
    is SET k two GET one
    is SET k three NX GET two
    is GET k two
}

test "SET IFEQ compares first" {
    is SET k v IFEQ v (nil)
    is SET k v OK
    is SET k w IFEQ other (nil)
    is SET k w IFEQ v OK
    is GET k w
    fails SET k v IFEQ a NX "ERR syntax error"
}

test "SET takes a time to live" -needs {PTTL} {
    is SET k v EX 100 OK
    between 99000 [r PTTL k] 100000
    is SET k v PX 5000 OK
    between 4000 [r PTTL k] 5000
    is SET k w KEEPTTL OK
    between 4000 [r PTTL k] 5000
    is SET k w OK
    is PTTL k -1
    fails SET k v EX 0 "ERR invalid expire time in 'set' command"
    fails SET k v EX -5 "ERR invalid expire time in 'set' command"
    fails SET k v EX x "ERR value is not an integer or out of range"
    fails SET k v EX 9223372036854775807 "ERR invalid expire time in 'set' command"
}

test "a value of a time in the past is gone" {
    is SET k v PXAT 1 OK
    is GET k (nil)
}

test "SETNX, SETEX, PSETEX, GETSET and GETDEL" {
    is SETNX k v 1
    is SETNX k w 0
    is SETEX k 100 x OK
    is PSETEX k 100000 y OK
    is GETSET k z y
    is GETDEL k z
    is GETDEL k (nil)
    fails SETEX k 0 v "ERR invalid expire time in 'setex' command"
    fails PSETEX k -1 v "ERR invalid expire time in 'psetex' command"
}

test "GETEX changes the time alone" -needs {TTL} {
    is SET k v OK
    is GETEX k v
    is TTL k -1
    is GETEX k EX 100 v
    between 99 [r TTL k] 100
    is GETEX k PERSIST v
    is TTL k -1
    is GETEX k PXAT 1 v
    is GET k (nil)
    fails GETEX k EX 1 PERSIST "ERR syntax error"
}

test "DELIFEQ deletes what is equal" {
    is SET k v OK
    is DELIFEQ k w 0
    is DELIFEQ k v 1
    is DELIFEQ k v 0
}

test "several values at once" {
    is MSET a 1 b 2 a 3 OK
    is MGET a b nothing {3 2 (nil)}
    is MSETNX c 1 a 9 0
    is GET c (nil)
    is MSETNX c 1 d 2 1
    fails MSET a 1 b "ERR wrong number of arguments for 'mset' command"
    fails MSETNX a 1 b "ERR wrong number of arguments for 'msetnx' command"
}

test "whole numbers" {
    is INCR n 1
    is INCRBY n 41 42
    is DECR n 41
    is DECRBY n 50 -9
    is SET n 9223372036854775807 OK
    fails INCR n "ERR increment or decrement would overflow"
    is SET n -9223372036854775808 OK
    fails DECR n "ERR increment or decrement would overflow"
    fails DECRBY n -9223372036854775808 "ERR decrement would overflow"
    foreach text {{ 1} {1 } 01 +1 1.0 9223372036854775808 "" x} {
        r SET n $text
        fails INCR n "ERR value is not an integer or out of range"
    }
}

test "numbers with fractions" {
    is INCRBYFLOAT f 1.5 1.5
    is INCRBYFLOAT f 0.1 1.6
    is INCRBYFLOAT f -1.6 0
    is INCRBYFLOAT f 3e3 3000
    is SET f 1e5 OK
    is INCRBYFLOAT f 1 100001
    fails INCRBYFLOAT f x "ERR value is not a valid float"
    fails INCRBYFLOAT f inf "ERR increment would produce NaN or Infinity"
    is SET f abc OK
    fails INCRBYFLOAT f 1 "ERR value is not a valid float"
}

test "APPEND and STRLEN" {
    is APPEND k abc 3
    is APPEND k "" 3
    is APPEND k def 6
    is GET k abcdef
    is STRLEN k 6
    is STRLEN nothing 0
    is SET n 12 OK
    is APPEND n 3 3
    is INCR n 124
}

test "parts of a value" {
    is SET k "Hello World" OK
    is GETRANGE k 0 4 Hello
    is GETRANGE k -5 -1 World
    is GETRANGE k 0 -1 "Hello World"
    is GETRANGE k 5 2 ""
    is GETRANGE k -100 100 "Hello World"
    is GETRANGE k 100 200 ""
    is GETRANGE nothing 0 -1 ""
    is SUBSTR k 6 8 Wor
    is SET n 1234 OK
    is GETRANGE n 1 2 23
}

test "SETRANGE writes over and beyond" {
    is SETRANGE k 3 abc 6
    is GET k "\x00\x00\x00abc"
    is SETRANGE k 1 X 6
    is GET k "\x00X\x00abc"
    is SETRANGE nothing 5 "" 0
    is GET nothing (nil)
    fails SETRANGE k -1 x "ERR offset is out of range"
    fails SETRANGE k 536870912 x "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
}

test "LCS finds what two values share" -needs {LCS} {
    is MSET a ohmytext b mynewtext OK
    is LCS a b mytext
    is LCS a b LEN 6
    is LCS a b IDX {matches {{{4 7} {5 8}} {{2 3} {0 1}}} len 6}
    is LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN {matches {{{4 7} {5 8} 4}} len 6}
    is LCS a nothing ""
}

test "a value of another kind is refused" -needs {LPUSH} {
    r LPUSH l x
    foreach command {{GET l} {INCR l} {APPEND l x} {STRLEN l} {SETRANGE l 0 x} {GETSET l x} {GETDEL l}} {
        fails {*}$command "WRONGTYPE Operation against a key holding the wrong kind of value"
    }
    is MGET l (nil)
    is SETNX l x 0
    is SET l x OK
}
