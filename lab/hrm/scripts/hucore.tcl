# hucore.tcl of the stand-in HRM 3.10. Real hucore runs HRM's script of this name as a task: the queue manager passes its path, and
# the tool to run, on the command line. The stand-in hucore only looks whether the file is there, so here stands what it answers.
#
# The file must be on every node under the same absolute path as on the web host.

set hrmVersion 3.10.0

proc reportKeyValue { key value } {
    puts "KEY"
    puts $key
    puts "VALUE"
    puts $value
}

proc reportVersionNumberAsInteger {} {
    reportKeyValue "version" [versionAsInteger]
}

proc reportHuCoreLicense {} {
    reportKeyValue "license" [huOpt license]
}

proc reportFormatInfo {} {
    reportKeyValue "formatInfo" [huOpt formatInfo]
}

puts "BEGIN PROC"
puts [Hu_getOpt -tool]
eval [Hu_getOpt -tool]
puts "END PROC"
exit 0
