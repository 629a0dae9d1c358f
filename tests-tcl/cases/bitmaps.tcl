# Bitmaps.

test "SETBIT and GETBIT" -needs {SETBIT GETBIT} {
    is SETBIT b 7 1 0
    is SETBIT b 7 0 1
    is SETBIT b 100 1 0
    is GETBIT b 100 1
    is GETBIT b 1000 0
    is STRLEN b 13
    fails SETBIT b -1 1 "ERR bit offset is not an integer or out of range"
    fails SETBIT b 4294967296 1 "ERR bit offset is not an integer or out of range"
    fails SETBIT b 0 2 "ERR bit is not an integer or out of range"
}

test "BITCOUNT counts in bytes and in bits" -needs {BITCOUNT} {
    is SET b foobar OK
    is BITCOUNT b 26
    is BITCOUNT b 0 0 4
    is BITCOUNT b 1 1 6
    is BITCOUNT b 0 -5 10
    is BITCOUNT b 5 30 BIT 17
    is BITCOUNT b 5 2 0
    is BITCOUNT nothing 0
    fails BITCOUNT b 1 2 HERE "ERR syntax error"
}

test "BITPOS finds the first" -needs {BITPOS} {
    is SET b "\xff\xf0\x00" OK
    is BITPOS b 0 12
    is BITPOS b 1 0
    is BITPOS b 1 2 -1
    is BITPOS b 0 0 0 -1
    is BITPOS b 1 7 15 BIT 7
    is SET b "\xff\xff\xff" OK
    is BITPOS b 0 24
    is BITPOS b 0 0 -1 -1
    is BITPOS nothing 0 0
    is BITPOS nothing 1 -1
    fails BITPOS b 2 "ERR The bit argument must be 1 or 0."
}

test "BITOP combines" -needs {BITOP} {
    r MSET a "\x0f\xff" b "\x33"
    is BITOP AND to a b 2
    is GET to "\x03\x00"
    is BITOP OR to a b 2
    is GET to "\x3f\xff"
    is BITOP XOR to a b 2
    is GET to "\x3c\xff"
    is BITOP NOT to b 1
    is GET to "\xcc"
    is BITOP AND to nothing 0
    is GET to (nil)
    fails BITOP NOT to a b "ERR BITOP NOT must be called with a single source key."
    fails BITOP NAND to a "ERR syntax error"
}

test "BITFIELD reads and writes numbers" -needs {BITFIELD} {
    is BITFIELD b SET u8 0 255 GET i8 0 INCRBY u4 0 1 {0 -1 0}
    is BITFIELD b OVERFLOW SAT INCRBY u2 100 3 OVERFLOW FAIL INCRBY u2 100 1 {3 (nil)}
    is BITFIELD c SET i5 #1 -3 {0}
    is BITFIELD c GET i5 #1 {-3}
    is BITFIELD c {}
    fails BITFIELD b GET u64 0 "ERR Invalid bitfield type*"
    fails BITFIELD b GET i8 -1 "ERR bit offset is not an integer or out of range"
    is BITFIELD_RO c GET i5 5 {-3}
    fails BITFIELD_RO c SET u8 0 1 "ERR BITFIELD_RO only supports the GET subcommand"
}
