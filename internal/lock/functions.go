package lock

import (
	_ "embed"

	"mrsk/internal/docker"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

//go:embed sh/lock.sh
var lockSh string

// Functions is the library of this package's shell functions.
var Functions = shell.NewLibrary(lockSh)

// The shell functions. sh/lock.sh defines and documents them.
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
