# Memory that lies scattered, and how it is moved together.

proc field {section name} {
    regexp -line "^$name:(.*?)\r?$" [r INFO $section] -> value
    return $value
}

proc scatter_and_gather {} {
    r CONFIG SET activedefrag no
    r CONFIG SET active-defrag-ignore-bytes 1mb active-defrag-threshold-lower 5 \
        active-defrag-cycle-min 40 active-defrag-cycle-max 60
    r EVAL {
        for i = 1, 40000 do
            redis.call('SET', 'key:' .. i, string.rep('v', 180) .. i, 'EX', 1000 + i % 7)
            redis.call('HSET', 'hash:' .. i % 10, 'field:' .. i, string.rep('f', 150) .. i)
            redis.call('ZADD', 'zset:' .. i % 3, i % 100, string.rep('m', 120) .. i)
            redis.call('SADD', 'set', string.rep('s', 140) .. i)
            redis.call('RPUSH', 'list', string.rep('l', 100) .. i)
        end
    } 0
    r EVAL {
        for i = 1, 40000 do
            if i % 4 ~= 0 then
                redis.call('DEL', 'key:' .. i)
                redis.call('HDEL', 'hash:' .. i % 10, 'field:' .. i)
                redis.call('ZREM', 'zset:' .. i % 3, string.rep('m', 120) .. i)
                redis.call('SREM', 'set', string.rep('s', 140) .. i)
            end
        end
    } 0
    set before [field memory allocator_frag_bytes]
    r CONFIG SET activedefrag yes
    set deadline [expr {[clock milliseconds] + 60000}]
    while {[field stats active_defrag_hits] < 20000 || [field memory active_defrag_running] != 0} {
        if {[clock milliseconds] > $deadline} { break }
        after 50
    }
    r CONFIG SET activedefrag no
    equal [expr {[field stats active_defrag_hits] >= 20000}] 1
    equal [expr {[field stats active_defrag_key_hits] >= 5000}] 1
    equal [expr {[field stats total_active_defrag_time] > 0}] 1
    after 150
    equal [expr {[field memory allocator_frag_bytes] < $before / 2}] 1
    is GET key:40000 [string repeat v 180]40000
    is HGET hash:4 field:39964 [string repeat f 150]39964
    is ZSCORE zset:1 [string repeat m 120]40000 0
    equal [lindex [r ZRANGE zset:1 0 0] 0] [string repeat m 120]100
    is SISMEMBER set [string repeat s 140]39996 1
    is SISMEMBER set [string repeat s 140]39997 0
    is LINDEX list 39999 [string repeat l 100]40000
    is DBSIZE 10010
    between 900 [r TTL key:4] 1100
    r CONFIG SET active-defrag-ignore-bytes 100mb active-defrag-threshold-lower 10 \
        active-defrag-cycle-min 1 active-defrag-cycle-max 25
}

test "what is left of many keys is moved together, and stays the same" -needs EVAL {
    # Not every build of a server has an allocator that can tell.
    if {[catch {r CONFIG SET activedefrag yes} error]} {
        equal [string match "*Active defragmentation cannot be enabled*" $error] 1
    } else {
        scatter_and_gather
    }
}

test "MEMORY and INFO tell how scattered it is" -needs {{MEMORY STATS}} {
    set stats [r MEMORY STATS]
    between 0.99 [dict get $stats allocator-fragmentation.ratio] 100
    between 1 [field memory allocator_frag_ratio] 100
    equal [expr {[field memory allocator_frag_bytes] >= 0}] 1
}
