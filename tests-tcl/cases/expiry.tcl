# Time to live.

test "EXPIRE and its relatives set a time" -needs {EXPIRE PEXPIRE EXPIREAT PEXPIREAT TTL PTTL} {
    r SET k v
    is TTL k -1
    is TTL nothing -2
    is EXPIRE k 100 1
    between 99 [r TTL k] 100
    is PEXPIRE k 50000 1
    between 49000 [r PTTL k] 50000
    is EXPIREAT k 33177117420 1
    is EXPIRETIME k 33177117420
    is PEXPIRETIME k 33177117420000
    is PEXPIREAT k 33177117420123 1
    is PEXPIRETIME k 33177117420123
    is EXPIRE nothing 100 0
}

test "EXPIRE looks at the time that is there" -needs {EXPIRE TTL} {
    r SET k v
    is EXPIRE k 100 XX 0
    is EXPIRE k 100 GT 0
    is EXPIRE k 100 LT 1
    is EXPIRE k 200 NX 0
    is EXPIRE k 200 LT 0
    is EXPIRE k 200 GT 1
    is EXPIRE k 100 GT 0
    is EXPIRE k 100 XX 1
    fails EXPIRE k 100 NX XX "ERR NX and XX, GT or LT options at the same time are not compatible"
    fails EXPIRE k 100 GT LT "ERR GT and LT options at the same time are not compatible"
    fails EXPIRE k 100 OR "ERR Unsupported option OR"
}

test "a time in the past deletes" -needs {EXPIRE EXISTS} {
    r SET k v
    is EXPIRE k -1 1
    is EXISTS k 0
    r SET k v
    is EXPIREAT k 1 1
    is EXISTS k 0
}

test "PERSIST takes the time away" -needs {PERSIST TTL} {
    r SET k v EX 100
    is PERSIST k 1
    is TTL k -1
    is PERSIST k 0
    is PERSIST nothing 0
}

test "times that cannot be are refused" -needs {EXPIRE} {
    r SET k v
    fails EXPIRE k x "ERR value is not an integer or out of range"
    fails EXPIRE k 9223372036854775807 "ERR invalid expire time in 'expire' command"
    fails EXPIRE k -9223372036854775807 "ERR invalid expire time in 'expire' command"
}

test "a key is gone when its time has come" {
    r SET k v PX 5
    r SET other v
    eventually {[r GET k] eq "(nil)"}
    is SET k w NX OK
}

test "keys whose time has come go without being asked for" {
    for {set i 0} {$i < 200} {incr i} { r SET key:$i v PX 10 }
    eventually {[r DBSIZE] == 0}
}

test "INCR, APPEND and SETRANGE keep the time, SET does not" -needs {TTL} {
    r SET k 1 EX 100
    r INCR k
    between 99 [r TTL k] 100
    r APPEND k 0
    between 99 [r TTL k] 100
    r SETRANGE k 0 9
    between 99 [r TTL k] 100
    r SET k 1
    is TTL k -1
}
