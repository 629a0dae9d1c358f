# What a page of cases is written in.
#
#   test "what should be so" ?-needs COMMAND? { script }      is COMMAND... WANTED      fails COMMAND... PATTERN
#
# Every test begins with an empty server on database 0 of the connection that `r` uses.

namespace eval suite {
    variable passed 0 failed 0 skipped 0
    variable process "" folder "" port 0 name "" connection "" known
    array set known {}
}

# Starts the server and waits until it answers, trying other ports if one is taken.
proc suite::start {binary folder} {
    variable process; variable port
    for {set try 0} {$try < 20} {incr try} {
        set port [expr {20000 + int(rand() * 20000)}]
        set suite::folder [file join $folder "server-[pid]-$port"]
        file mkdir $suite::folder
        set back [pwd]
        cd $suite::folder
        set process [exec $binary --port $port --save "" > output 2>@1 &]
        cd $back
        if {[suite::answers]} { return }
        suite::stop
    }
    error "$binary does not start"
}

proc suite::answers {} {
    variable port; variable connection
    set deadline [expr {[clock milliseconds] + 10000}]
    while {[clock milliseconds] < $deadline} {
        if {![catch {set connection [client::open $port]}]} {
            if {![catch {client::call $connection PING} reply] && $reply eq "PONG"} { return 1 }
        }
        after 20
    }
    return 0
}

proc suite::stop {} {
    variable process; variable folder
    if {$process ne ""} { catch {exec kill -9 $process} }
    set process ""
    file delete -force $folder
}

proc suite::page {path} {
    set suite::name [file rootname [file tail $path]]
    namespace eval :: [list source $path]
}

# Whether the server has a command, which may be one of a container: {OBJECT ENCODING}.
proc suite::has {command} {
    variable known
    if {![info exists known($command)]} {
        catch {r {*}$command} answer
        set known($command) [expr {![string match -nocase "*unknown command*" $answer]
            && ![string match -nocase "*unknown subcommand*" $answer]}]
    }
    return $known($command)
}

# Runs a test. A failure is printed with what was wanted and what came, and the next test begins afresh.
proc test {what args} {
    set script [lindex $args end]
    foreach {option commands} [lrange $args 0 end-1] {
        if {$option ne "-needs"} { error "no option of a test: $option" }
        foreach command $commands {
            if {![suite::has $command]} { incr suite::skipped; return }
        }
    }
    if {[catch {
        r SELECT 0
        r FLUSHALL
        uplevel #0 $script
    } problem options]} {
        incr suite::failed
        puts "FAILED $suite::name: $what\n  [string map {\n "\n  "} $problem]"
        if {[lindex [dict get $options -errorcode] 0] ni {WRONG REPLY}} { puts [dict get $options -errorinfo] }
        catch {client::close $suite::connection}
        suite::answers
    } else {
        incr suite::passed
    }
}

# Sends a command on the connection that every test has.
proc r {args} { client::call $suite::connection {*}$args }

# Opens another connection for a script, as the variable `name`.
proc with_client {name script} {
    upvar 1 $name channel
    set channel [client::open $suite::port]
    try { uplevel 1 $script } finally { client::close $channel }
}

# `is SET k v OK`: the reply of a command is exactly this.
proc is {args} {
    set got [r {*}[lrange $args 0 end-1]]
    suite::same [lrange $args 0 end-1] $got [lindex $args end]
}

# Like `is`, for replies whose elements come in no order.
proc is_set {args} {
    set got [lsort [r {*}[lrange $args 0 end-1]]]
    suite::same [lrange $args 0 end-1] $got [lsort [lindex $args end]]
}

# `fails INCR k "*not an integer*"`: the reply is an error that looks like this.
proc fails {args} {
    set command [lrange $args 0 end-1]
    set pattern [lindex $args end]
    if {![catch {r {*}$command} text options]} {
        throw WRONG "$command\n  wanted an error like $pattern\n  got    $text"
    }
    if {[lindex [dict get $options -errorcode] 0] ne "REPLY"} { return -options $options $text }
    if {![string match $pattern $text]} { throw WRONG "$command\n  wanted $pattern\n  got    $text" }
}

# `between 90 [r TTL k] 100`
proc between {low value high} {
    if {$value < $low || $value > $high} { throw WRONG "wanted $low to $high\n  got    $value" }
}

# `equal $got $wanted`
proc equal {got wanted} { suite::same "" $got $wanted }

proc suite::same {about got wanted} {
    if {$got ne $wanted} { throw WRONG "$about\n  wanted $wanted\n  got    $got" }
}

# Asks again and again until a script answers true, for what a server does in its own time.
proc eventually {script} {
    set deadline [expr {[clock milliseconds] + 10000}]
    while {![uplevel 1 [list expr $script]]} {
        if {[clock milliseconds] > $deadline} { throw WRONG "never came true: $script" }
        after 5
    }
}
