package lock

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

//go:embed sh/lock.sh
var lockSh string

// Functions are the shell functions of this package.
var Functions = shell.NewLibrary(lockSh)

// The shell functions. What each of them does is said at its definition in sh/lock.sh.
var (
	leaseRecord  = Functions.Function("lease_record")
	takeLease    = Functions.Function("take_lease", server.LockFile, leaseRecord, notFrozen, dropRecord)
	dropRecord   = Functions.Function("drop_record")
	notFrozen    = Functions.Function("not_frozen", freezeRecord)
	freezeVolume = Functions.Function("freeze_volume", docker.Client)
	freezeRecord = Functions.Function("freeze_record", freezeVolume)
	work         = Functions.Function("work", server.LockFile, server.Patiently, leaseRecord)
	lockFacts    = Functions.Function("lock_facts", server.LockFile, leaseRecord, freezeRecord)
)
