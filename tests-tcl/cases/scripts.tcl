# Scripts and functions: values both ways, refusals, libraries.

test "Lua values become replies" {
    is EVAL {return 3.99} 0 3
    is EVAL {return 'text'} 0 text
    is EVAL {return {1, 'two', {3}}} 0 {1 two 3}
    is EVAL {return {ok = 'FINE'}} 0 FINE
    is EVAL {return false} 0 (nil)
    fails EVAL {return {err = 'MINE text'}} 0 "MINE text"
}

test "replies become Lua values" {
    is EVAL {return type(redis.call('GET', KEYS[1]))} 1 nothing boolean
    is EVAL {return redis.call('SET', KEYS[1], ARGV[1]).ok} 1 k v OK
    is EVAL {redis.call('RPUSH', KEYS[1], 'a', 'b') return #redis.call('LRANGE', KEYS[1], 0, -1)} 1 l 2
    is EVAL {return redis.pcall('INCR', KEYS[1]).err} 1 k "ERR value is not an integer or out of range"
}

test "a script is known by its name" {
    set sha [r SCRIPT LOAD {return ARGV[1]}]
    is EVALSHA $sha 0 x x
    is EVALSHA [string toupper $sha] 0 x x
    is SCRIPT SHOW $sha {return ARGV[1]}
    is SCRIPT FLUSH OK
    fails EVALSHA $sha 0 "NOSCRIPT No matching script."
}

test "what scripts share is locked" {
    foreach script {{a = 1} {redis.call = 1} {getmetatable('').__index = 1}} {
        equal [string match "*Attempt to modify a readonly table*" [r EVAL "return select(2, pcall(function() $script end))" 0]] 1
    }
}

test "libraries are loaded, listed, saved and called" {
    is FUNCTION FLUSH OK
    set code "#!lua name=mine\nserver.register_function('add', function(keys, args) return args\[1] + args\[2] end)"
    is FUNCTION LOAD $code mine
    is FCALL add 0 1 2 3
    fails FUNCTION LOAD $code "ERR Library 'mine' already exists"
    set payload [r FUNCTION DUMP]
    is FUNCTION FLUSH OK
    fails FCALL add 0 1 2 "ERR Function not found"
    is FUNCTION RESTORE $payload OK
    is FCALL add 0 1 2 3
    is FUNCTION DELETE mine OK
}
