# Keys: whether they are there, what they hold, how they move.

test "DEL, UNLINK, EXISTS and TOUCH count keys" -needs {DEL UNLINK EXISTS TOUCH} {
    r MSET a 1 b 2 c 3
    is EXISTS a b nothing a 3
    is TOUCH a nothing 1
    is DEL a nothing a 1
    is UNLINK b c 2
    is DBSIZE 0
}

test "TYPE names what a key holds" -needs {TYPE} {
    r SET s v
    is TYPE s string
    is TYPE nothing none
}

test "KEYS finds by pattern" -needs {KEYS} {
    r MSET one 1 two 2 three 3 four 4
    is_set KEYS * {one two three four}
    is_set KEYS *o* {one two four}
    is_set KEYS t* {two three}
    is_set KEYS ?o? {}
    is_set KEYS {[ot]*} {one two three}
    is_set KEYS {[^t]*} {one four}
    is_set KEYS {t[a-w]o} {two}
    is_set KEYS nothing {}
    is_set KEYS {\one} {one}
}

test "RENAME moves value and time" -needs {RENAME RENAMENX TTL} {
    r SET a v EX 100
    is RENAME a b OK
    is GET a (nil)
    is GET b v
    between 99 [r TTL b] 100
    r SET c w
    is RENAMENX b c 0
    is RENAME b c OK
    is GET c v
    is RENAME c c OK
    fails RENAME nothing x "ERR no such key"
    fails RENAMENX nothing x "ERR no such key"
}

test "COPY leaves the source" -needs {COPY TTL} {
    r SET a v EX 100
    is COPY a b 1
    is GET b v
    between 99 [r TTL b] 100
    is COPY a b 0
    is COPY a b REPLACE 1
    is COPY nothing x 0
    is COPY a a DB 1 1
    is SELECT 1 OK
    is GET a v
    r SELECT 0
    fails COPY a a "ERR source and destination objects are the same"
}

test "MOVE takes a key to another database" -needs {MOVE} {
    r SET a v
    is MOVE a 1 1
    is MOVE a 1 0
    is GET a (nil)
    is SELECT 1 OK
    is GET a v
    r SELECT 0
    fails MOVE a 0 "ERR source and destination objects are the same"
    fails MOVE a 99 "ERR DB index is out of range"
}

test "RANDOMKEY names one that is there" -needs {RANDOMKEY} {
    is RANDOMKEY (nil)
    r SET only v
    is RANDOMKEY only
}

test "FLUSHDB empties one database, FLUSHALL every one, SWAPDB exchanges two" {
    r SET a zero
    r SELECT 1
    r SET a one
    is SWAPDB 0 1 OK
    is GET a zero
    is FLUSHDB OK
    is DBSIZE 0
    r SELECT 0
    is GET a one
    is FLUSHALL ASYNC OK
    is DBSIZE 0
    fails FLUSHDB NOW "ERR syntax error"
    fails SWAPDB 0 99 "ERR DB index is out of range"
    fails SWAPDB x 1 "ERR invalid first DB index"
}

test "OBJECT ENCODING follows the value" -needs {{OBJECT ENCODING}} {
    r SET k 12345
    is OBJECT ENCODING k int
    r SET k [string repeat a 20]
    is OBJECT ENCODING k embstr
    r SET k [string repeat a 200]
    is OBJECT ENCODING k raw
    r SET k 1
    r APPEND k 2
    is OBJECT ENCODING k raw
    is OBJECT ENCODING nothing (nil)
}

test "DUMP and RESTORE carry a value" -needs {DUMP RESTORE} {
    r SET a [string repeat "some text " 50]
    set bytes [r DUMP a]
    is RESTORE b 0 $bytes OK
    equal [r GET b] [r GET a]
    fails RESTORE b 0 $bytes "BUSYKEY*"
    is RESTORE b 0 $bytes REPLACE OK
    fails RESTORE c 0 "not a dump" "ERR DUMP payload version or checksum are wrong"
    fails RESTORE c -1 $bytes "ERR Invalid TTL value, must be >= 0"
    is DUMP nothing (nil)
}
